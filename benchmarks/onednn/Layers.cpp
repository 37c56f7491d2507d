#include "Layers.h"

namespace onednn {

using dnnl::prop_kind;

// Turns the gradient of an activation's result into that of its argument, in place.
static memory undo(Plan &plan, const Activation &activation, const memory &result,
                   const memory &gradient) {
  memory::desc layout = result.get_desc();
  memory changed = plan.inLayout(plan.backward, gradient, layout);
  plan.add(plan.backward, activation.describeBackward(layout),
           {{DNNL_ARG_DST, result}, {DNNL_ARG_DIFF_DST, changed}, {DNNL_ARG_DIFF_SRC, changed}});
  return changed;
}

namespace {

template <typename Operation> class Weighted : public Layer {
 public:
  Weighted(const Operation &operation, const WeightedOptions &options)
      : operation(operation),
        options(options),
        description(operation.describe(prop_kind::forward_training, options.activation)) {
    if (options.trainable)
      weightsBackward = operation.describeBackwardWeights(description);
  }

  memory::desc wantedSource() const override { return description.src_desc(); }
  bool trainable() const override { return options.trainable; }

  memory forward(Plan &plan, const memory &from) override {
    addParameters(plan);
    source = plan.inLayoutForward(from, description.src_desc());
    result = plan.arena.keep(description.dst_desc());
    memory weights = plan.inLayout(plan.refresh, kernel.value, description.weights_desc());
    plan.addForward(description, {{DNNL_ARG_SRC, source},
                                  {DNNL_ARG_WEIGHTS, weights},
                                  {DNNL_ARG_BIAS, bias.value},
                                  {DNNL_ARG_DST, result}});
    return result;
  }

  memory backward(Plan &plan, memory gradient, bool wantsSource) override {
    if (options.activation && !options.undoneAbove)
      gradient = undo(plan, *options.activation, result, gradient);
    if (options.trainable)
      addWeightGradients(plan, gradient);
    return wantsSource ? addSourceGradient(plan, gradient) : memory();
  }

 private:
  // The kernel lives in the layout of its gradient, which is therefore never copied.
  void addParameters(Plan &plan) {
    kernel = plan.parameters.add(
        options.name + ".kernel",
        options.trainable ? weightsBackward.diff_weights_desc() : description.weights_desc(),
        operation.kerasWeights(), options.trainable);
    if (operation.bias)
      bias = plan.parameters.add(options.name + ".bias", description.bias_desc(),
                                 description.bias_desc(), options.trainable);
  }

  void addWeightGradients(Plan &plan, const memory &gradient) {
    plan.add(plan.backward, weightsBackward,
             {{DNNL_ARG_SRC, plan.inLayout(plan.backward, source, weightsBackward.src_desc())},
              {DNNL_ARG_DIFF_DST,
               plan.inLayout(plan.backward, gradient, weightsBackward.diff_dst_desc())},
              {DNNL_ARG_DIFF_WEIGHTS, kernel.gradient},
              {DNNL_ARG_DIFF_BIAS, bias.gradient}});
  }

  memory addSourceGradient(Plan &plan, const memory &gradient) {
    auto data = operation.describeBackwardData(description);
    memory sourceGradient = plan.gradient(data.diff_src_desc());
    plan.add(plan.backward, data,
             {{DNNL_ARG_WEIGHTS, plan.inLayout(plan.refresh, kernel.value, data.weights_desc())},
              {DNNL_ARG_DIFF_DST, plan.inLayout(plan.backward, gradient, data.diff_dst_desc())},
              {DNNL_ARG_DIFF_SRC, sourceGradient}});
    return sourceGradient;
  }

  Operation operation;
  WeightedOptions options;
  typename Operation::Forward::primitive_desc description;
  typename Operation::BackwardWeights::primitive_desc weightsBackward;
  Parameter kernel, bias;
  memory source, result;
};

class Pooling : public Layer {
 public:
  Pooling(const Pool &pool, const memory::dims &size, const std::optional<Activation> &below)
      : pool(pool), size(size), below(below) {}

  memory forward(Plan &plan, const memory &from) override {
    source = from.get_desc();
    description = pool.describe(prop_kind::forward_training, source, size);
    result = plan.arena.keep(description.dst_desc());
    if (description.workspace_desc().get_size())
      workspace = plan.arena.keep(description.workspace_desc());
    plan.add(plan.forward, description,
             {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, result}, {DNNL_ARG_WORKSPACE, workspace}});
    plan.add(plan.evaluate, pool.describe(prop_kind::forward_inference, source, size),
             {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, result}});
    return result;
  }

  memory backward(Plan &plan, memory gradient, bool wantsSource) override {
    if (!wantsSource)
      return {};
    if (below)
      gradient = undo(plan, *below, result, gradient);
    auto backward = pool.describeBackward(source, description);
    memory sourceGradient = plan.gradient(source);
    plan.add(plan.backward, backward,
             {{DNNL_ARG_DIFF_DST, plan.inLayout(plan.backward, gradient, backward.diff_dst_desc())},
              {DNNL_ARG_DIFF_SRC, sourceGradient},
              {DNNL_ARG_WORKSPACE, workspace}});
    return sourceGradient;
  }

 private:
  Pool pool;
  memory::dims size;
  std::optional<Activation> below;
  PoolingForward::primitive_desc description;
  memory::desc source;
  memory result, workspace;
};

class BatchNormalization : public Layer {
 public:
  BatchNormalization(const Normalization &operation, memory::dim channels,
                     const NormalizationOptions &options)
      : operation(operation),
        channels(channels),
        options(options),
        statistics(plain({channels}, memory::format_tag::x)) {}

  bool trainable() const override { return options.trainable; }

  memory forward(Plan &plan, const memory &from) override {
    addParameters(plan);
    source = from;
    memory::desc layout = from.get_desc();
    description = operation.describe(prop_kind::forward_training, layout);
    result = plan.arena.keep(layout);
    mean = plan.arena.keep(statistics);
    variance = plan.arena.keep(statistics);
    if (description.workspace_desc().get_size())
      workspace = plan.arena.keep(description.workspace_desc());
    addDirection(plan, plan.forward, description, mean, variance);
    plan.forward.push_back([this] { moveStatistics(); });
    addDirection(plan, plan.evaluate, operation.describe(prop_kind::forward_inference, layout),
                 movingMean.value, movingVariance.value);
    return result;
  }

  memory backward(Plan &plan, memory gradient, bool) override {
    memory::desc layout = source.get_desc();
    memory sourceGradient = plan.gradient(layout);
    plan.add(plan.backward, operation.describeBackward(layout, description),
             {{DNNL_ARG_SRC, source},
              {DNNL_ARG_MEAN, mean},
              {DNNL_ARG_VARIANCE, variance},
              {DNNL_ARG_SCALE, gamma.value},
              {DNNL_ARG_SHIFT, backwardTakesShift ? beta.value : memory()},
              {DNNL_ARG_WORKSPACE, workspace},
              {DNNL_ARG_DIFF_DST, plan.inLayout(plan.backward, gradient, layout)},
              {DNNL_ARG_DIFF_SRC, sourceGradient},
              {DNNL_ARG_DIFF_SCALE, gamma.gradient},
              {DNNL_ARG_DIFF_SHIFT, beta.gradient}});
    return sourceGradient;
  }

 private:
  void addParameters(Plan &plan) {
    auto add = [&](const char *suffix, bool trainable) {
      return plan.parameters.add(options.name + suffix, statistics, statistics, trainable);
    };
    gamma = add(".gamma", true);
    beta = add(".beta", true);
    movingMean = add(".moving_mean", false);
    movingVariance = add(".moving_variance", false);
  }

  template <typename Description>
  void addDirection(Plan &plan, Steps &steps, const Description &which, const memory &center,
                    const memory &spread) {
    plan.add(steps, which,
             {{DNNL_ARG_SRC, source},
              {DNNL_ARG_DST, result},
              {DNNL_ARG_MEAN, center},
              {DNNL_ARG_VARIANCE, spread},
              {DNNL_ARG_SCALE, gamma.value},
              {DNNL_ARG_SHIFT, beta.value},
              {DNNL_ARG_WORKSPACE, &steps == &plan.forward ? workspace : memory()}});
  }

  void moveStatistics() const {
    move(movingMean.value, mean);
    move(movingVariance.value, variance);
  }

  void move(const memory &moving, const memory &batch) const {
    auto *to = static_cast<float *>(moving.get_data_handle());
    const auto *from = static_cast<const float *>(batch.get_data_handle());
    for (memory::dim i = 0; i < channels; ++i)
      to[i] = to[i] * options.momentum + from[i] * (1 - options.momentum);
  }

  Normalization operation;
  memory::dim channels;
  NormalizationOptions options;
  memory::desc statistics;
  dnnl::batch_normalization_forward::primitive_desc description;
  Parameter gamma, beta, movingMean, movingVariance;
  memory source, result, mean, variance, workspace;
};

}  // namespace

template <typename Operation>
std::unique_ptr<Layer> makeWeighted(const Operation &operation, const WeightedOptions &options) {
  return std::make_unique<Weighted<Operation>>(operation, options);
}

template std::unique_ptr<Layer> makeWeighted(const Convolution &, const WeightedOptions &);
template std::unique_ptr<Layer> makeWeighted(const Dense &, const WeightedOptions &);

std::unique_ptr<Layer> makePool(const Pool &pool, const memory::dims &result,
                                const std::optional<Activation> &below) {
  return std::make_unique<Pooling>(pool, result, below);
}

std::unique_ptr<Layer> makeNormalization(const Normalization &operation, memory::dim channels,
                                         const NormalizationOptions &options) {
  return std::make_unique<BatchNormalization>(operation, channels, options);
}

}  // namespace onednn
