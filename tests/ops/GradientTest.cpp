// Proves the references of gradients: for every row of a differentiable op, its reference
// gradients against central differences of the reference forward in double, with a random
// non-constant diff_dst; and for linear ops the inner-product identity. An op must either
// have a rule here or stand in the list of those that nothing is differentiated through.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "Evaluate.h"
#include "Fill.h"
#include "Rows.h"
#include "reference/Op.h"

namespace nncc::ops {
namespace {

// What a rule sees of one application of an op, and the gradients of its results.
struct Application {
  const schedule::Node &node;
  const Tensors &operands;
  const Tensors &results;
  const Tensors &diffs;
  const Tensor &diffDst = diffs[0];
};

// Gradients by operand; operands without one (labels, workspaces) are left out.
using Gradients = std::map<size_t, Tensor>;

struct Rule {
  bool linear;                  // in each operand
  std::vector<std::string> by;  // the gradient ops that it uses
  std::function<Gradients(const Application &)> gradients;
  size_t results = 1;           // so many of the results have gradients, the first ones
};

Tensors apply(const std::string &op, const Attributes &attributes, const Tensors &operands,
              std::vector<Shape> shapes) {
  Tensors results;
  for (Shape &shape : shapes)
    results.emplace_back(ElementType::F64, std::move(shape));
  opNamed(op).run(attributes, operands, results);
  return results;
}

Tensor reshaped(const Tensor &src, Shape shape) { return apply("reshape", {}, {src}, {std::move(shape)})[0]; }

Tensor permuted(const Tensor &src, const std::vector<double> &perm) {
  Shape shape;
  for (double dimension : perm)
    shape.push_back(src.shape[dimension]);
  return apply("permute", {{"perm", perm}}, {src}, {shape})[0];
}

// [.., in, out] -> [.., out, in], with groups within each of them.
Tensor transposed(const Tensor &weights, int64_t groups) {
  if (weights.shape.size() == 2)
    return permuted(weights, {1, 0});
  const Shape &shape = weights.shape;
  const int64_t in = shape[2], out = shape[3] / groups;
  const Tensor split = reshaped(weights, {shape[0], shape[1], in, groups, out});
  return reshaped(permuted(split, {0, 1, 4, 3, 2}), {shape[0], shape[1], out, groups * in});
}

int64_t groupsOf(const Application &a) {
  auto groups = a.node.attributes.find("groups");
  return groups == a.node.attributes.end() ? 1 : int64_t(groups->second.at(0));
}

Gradients ofProduct(const Application &a, const std::string &op) {
  const Tensor &src = a.operands[0], &weights = a.operands[1];
  Gradients gradients;
  gradients[0] = apply(op + "_bwd_data", a.node.attributes,
                       {a.diffDst, transposed(weights, groupsOf(a))}, {src.shape})[0];
  Tensors ofWeights = apply(op + "_bwd_weights", a.node.attributes, {src, a.diffDst},
                            {weights.shape, {weights.shape.back()}});
  gradients[1] = ofWeights[0];
  if (a.operands.size() > 2)
    gradients[2] = ofWeights[1];
  return gradients;
}

enum class Saved { Src, Dst };

std::pair<const std::string, Rule> activation(const std::string &op, Saved saved) {
  return {op,
          {false,
           {op + "_bwd"},
           [=](const Application &a) {
             const Tensor &from = saved == Saved::Src ? a.operands[0] : a.results[0];
             return Gradients{{0, apply(op + "_bwd", a.node.attributes, {from, a.diffDst},
                                        {a.operands[0].shape})[0]}};
           }}};
}

// The transposed convolution: its input stands where the convolution has its result.
Gradients ofTransposed(const Application &a) {
  const Tensor &src = a.operands[0], &weights = a.operands[1];
  const int64_t groups = groupsOf(a);
  const Tensor forward = transposed(weights, groups);
  Gradients gradients;
  gradients[0] = apply("conv2d", a.node.attributes, {a.diffDst, forward}, {src.shape})[0];
  const Tensors sums = apply("conv2d_bwd_weights", a.node.attributes, {a.diffDst, src},
                             {forward.shape, {src.shape.back()}});
  gradients[1] = transposed(sums[0], groups);
  if (a.operands.size() > 2)
    gradients[2] = apply("bias_bwd", {}, {a.diffDst}, {a.operands[2].shape})[0];
  return gradients;
}

// A loss's gradient op takes one diff_loss for all samples, so each sample is asked for by itself.
Rule ofLoss(const std::string &op) {
  return {false, {op + "_bwd"}, [op](const Application &a) {
            Tensor gradient(ElementType::F64, a.operands[0].shape);
            for (int64_t n = 0; n < gradient.shape[0]; n++) {
              Tensor diffLoss(ElementType::F64, {});
              diffLoss() = a.diffDst(n);
              Tensor ofAll = apply(op + "_bwd", a.node.attributes,
                                   {a.operands[0], a.operands[1], diffLoss}, {gradient.shape})[0];
              for (int64_t k = 0; k < gradient.shape[1]; k++)
                gradient(n, k) = ofAll(n, k);
            }
            return Gradients{{0, gradient}};
          }};
}

// Columns side by side.
Tensor joined(const Tensors &parts) {
  const int64_t samples = parts[0].shape[0], columns = parts[0].shape[1];
  Tensor all(ElementType::F64, {samples, columns * int64_t(parts.size())});
  for (size_t p = 0; p < parts.size(); p++)
    for (int64_t n = 0; n < samples; n++)
      for (int64_t c = 0; c < columns; c++)
        all(n, int64_t(p) * columns + c) = parts[p](n, c);
  return all;
}

Tensor scalar(double value) {
  Tensor tensor(ElementType::F64, {});
  tensor() = value;
  return tensor;
}

// A step of a recurrence: its gradient with nothing behind it, which gives that of the sums; the
// recurrent weights' as a product; and the state's from the gradient of a step before it that no
// sample has: all that reaches its state is then what it gives.
Gradients ofRecurrence(const Application &a) {
  const std::string bwd = a.node.op + "_bwd";
  std::map<std::string, Tensor> values;
  std::map<std::string, size_t> place;
  for (const Tensor &operand : a.operands) {
    const std::string name = opNamed(a.node.op).operand(a.node.attributes, place.size());
    values[name] = operand;
    place[name] = place.size();
  }
  const Shape state = a.results[0].shape;
  const bool lstm = a.node.op == "lstm", gru = a.node.op == "gru";
  const double begins = values.at("first")().value;
  values["saved"] = a.results.size() > 1 ? joined(Tensors(a.results.begin() + (lstm ? 2 : 1), a.results.end()))
                                         : a.results[0];
  if (lstm)
    values["cells"] = a.results[1];
  values["weights"] = permuted(values["weights"], {1, 0});
  values["diff_hidden"] = a.diffs[0];
  values["diff_cells"] = lstm ? a.diffs[1] : Tensor();
  const int64_t columns = values["gates"].shape[1];
  auto run = [&](bool absent) {
    Attributes attributes = a.node.attributes;
    attributes["diff_hidden"] = attributes["diff_cells"] = {double(!absent)};
    if (absent) {
      attributes["lengths"] = {1};
      values["lengths"] = Tensor(ElementType::I32, {state[0]});
      values["step"] = values["longest"] = scalar(0);
      values["diff_hidden"] = Tensor(ElementType::F64, state);
    }
    values["first"] = scalar(!absent);
    values["last"] = scalar(begins);
    for (const char *name : {"diff_gates_after", "diff_sums_after", "diff_cell_after", "diff_state_after"})
      if (!values.count(name))
        values[name] = Tensor(ElementType::F64, {state[0], name == std::string("diff_gates_after") || name == std::string("diff_sums_after") ? columns : state[1]});
    Tensors operands;
    for (const std::string &name : opNamed(bwd).names(attributes))
      operands.push_back(values.at(name));
    return apply(bwd, attributes, operands, std::vector<Shape>(opNamed(bwd).results.size(), state));
  };
  const Tensors diffs = run(false);
  const size_t gates = columns / state[1];
  const Tensor diffGates = joined(Tensors(diffs.begin(), diffs.begin() + gates));
  const Tensor diffSums = gru ? joined(Tensors(diffs.begin() + 3, diffs.begin() + 6)) : diffGates;
  Tensor hidden = values.at("hidden_before");
  for (int64_t e = 0; e < hidden.size(); e++)
    hidden.numbers[e] = begins ? Number(0)
                        : values.count("mask") ? hidden.numbers[e] * values["mask"].numbers[e]
                                               : hidden.numbers[e];
  Tensors product = apply("dense_bwd_weights", {}, {hidden, diffSums},
                          {a.operands[place.at("weights")].shape, {columns}});
  Gradients gradients = {{place.at("gates"), diffGates}, {place.at("weights"), product[0]}};
  if (place.count("bias"))
    gradients[place["bias"]] = product[1];
  if (begins)
    return gradients;
  if (lstm)
    gradients[place["cells_before"]] = diffs[4];
  values["diff_gates_after"] = values["diff_sums_after"] = diffSums;
  values["diff_state_after"] = diffs.back();
  gradients[place["hidden_before"]] = run(true).back();
  return gradients;
}

// [N, values] with rows of zeros behind.
Tensor padded(const Tensor &rows, int64_t size) {
  Tensor result(ElementType::F64, {size, rows.shape[1]});
  std::copy(rows.numbers.begin(), rows.numbers.end(), result.numbers.begin());
  return result;
}

// The gradient of the sums for the anchors, and for the batch that they are compared with: there an
// anchor that is no sample of the batch is the other end of each pair.
Gradients ofTriplets(const Application &a) {
  const Tensor &src = a.operands[0], &batch = a.operands[1];
  const int64_t anchors = src.shape[0], size = batch.shape[0];
  Tensor pulls = a.results[2];
  for (int64_t i = 0; i < anchors; i++)
    for (int64_t k = 0; k < size; k++)
      pulls(i, k) = pulls(i, k) * a.diffDst(i);
  Tensor one(ElementType::F64, {}), none(ElementType::F64, {}), all(ElementType::F64, {});
  one() = 1, all() = double(size);
  Gradients gradients;
  gradients[0] = apply("triplet_mining_bwd", {},
                       {src, batch, pulls, Tensor(ElementType::F64, {size, size}), one, a.operands[4], none},
                       {src.shape})[0];
  gradients[1] = apply("triplet_mining_bwd", {},
                       {batch, padded(src, size), Tensor(ElementType::F64, {size, size}), padded(pulls, size), one, all, none},
                       {batch.shape})[0];
  return gradients;
}

const std::map<std::string, Rule> &rules() {
  static const std::map<std::string, Rule> table = {
      {"rescale",
       {false,
        {"rescale"},
        [](const Application &a) {
          Attributes scaleOnly = a.node.attributes;
          scaleOnly["offset"] = {0};
          return Gradients{
              {0, apply("rescale", scaleOnly, {a.diffDst}, {a.operands[0].shape})[0]}};
        }}},
      {"conv2d",
       {true,
        {"conv2d_bwd_data", "conv2d_bwd_weights", "permute"},
        [](const Application &a) { return ofProduct(a, "conv2d"); }}},
      {"conv2d_bwd_data",
       {true, {"conv2d", "conv2d_bwd_weights", "bias_bwd", "permute", "reshape"}, ofTransposed}},
      {"dense",
       {true,
        {"dense_bwd_data", "dense_bwd_weights", "dense_bwd_weights_whole", "permute"},
        [](const Application &a) {
          Gradients gradients = ofProduct(a, "dense");
          // Of two ways to the weights' gradient this one is used nowhere else.
          Tensor samples(ElementType::I32, {});
          samples() = double(a.operands[0].shape[0]);
          gradients[1] = apply("dense_bwd_weights_whole", {{"rows", {1}}}, {a.operands[0], a.diffDst, samples},
                               {a.operands[1].shape})[0];
          return gradients;
        }}},
      {"embedding",
       {true,
        {"embedding_bwd_weights"},
        [](const Application &a) {
          const Shape &table = a.operands[1].shape;
          return Gradients{{1, apply("embedding_bwd_weights", {{"rows", {double(table[0])}}},
                                     {a.operands[0], a.diffDst}, {table})[0]}};
        }}},
      {"mask_steps",
       {false,
        {"mask_steps"},
        [](const Application &a) {
          return Gradients{{0, apply("mask_steps", {{"value", {0}}}, {a.diffDst, a.operands[1]}, {a.diffDst.shape})[0]}};
        }}},
      {"rescale_windows",
       {true,
        {"rescale_windows"},
        [](const Application &a) {
          return Gradients{{0, apply("rescale_windows", a.node.attributes, {a.diffDst, a.operands[1]},
                                     {a.diffDst.shape})[0]}};
        }}},
      {"last_step",
       {true,
        {"last_step_bwd"},
        [](const Application &a) {
          const Shape &shape = a.operands[0].shape;
          return Gradients{{0, apply("last_step_bwd", {{"steps", {double(shape[1])}}}, {a.diffDst, a.operands[1]},
                                     {shape})[0]}};
        }}},
      {"add",
       {true,
        {"add"},
        [](const Application &a) {
          return Gradients{{0, a.diffDst}, {1, a.diffDst}};
        }}},
      {"softmax",
       {false,
        {"softmax_bwd"},
        [](const Application &a) {
          return Gradients{{0, apply("softmax_bwd", {}, {a.results[0], a.diffDst},
                                     {a.operands[0].shape})[0]}};
        }}},
      {"channel_affine",
       {false,
        {"channel_scale", "channel_affine_bwd_weights"},
        [](const Application &a) {
          const Shape &channels = a.operands[1].shape;
          Tensors sumOperands = {a.operands[0], a.diffDst};
          if (a.operands.size() > 3)
            sumOperands.push_back(a.operands[3]);
          Tensors sums = apply("channel_affine_bwd_weights", {}, sumOperands, {channels, channels});
          Gradients gradients = {
              {0, apply("channel_scale", {}, {a.diffDst, a.operands[1]}, {a.diffDst.shape})[0]},
              {1, sums[0]},
              {2, sums[1]}};
          if (a.operands.size() > 3) {
            Tensor scaled = apply("channel_scale", {}, {sums[1], a.operands[1]}, {channels})[0];
            gradients[3] = apply("rescale", {{"scale", {-1}}, {"offset", {0}}}, {scaled}, {channels})[0];
          }
          return gradients;
        }}},
      {"batch_norm_statistics",
       {false,
        {"batch_norm_statistics_bwd"},
        [](const Application &a) {
          return Gradients{{0, apply("batch_norm_statistics_bwd", {},
                                     {a.operands[0], a.operands[1], a.diffs[0], a.diffs[1]},
                                     {a.operands[0].shape})[0]}};
        },
        2}},
      {"batch_norm_coefficients",
       {false,
        {"batch_norm_coefficients_bwd"},
        [](const Application &a) {
          bool scale = numberOf(a.node.attributes, "has_scale") != 0;
          bool shift = numberOf(a.node.attributes, "has_shift") != 0;
          Tensors operands = {a.operands[0], a.operands[1], a.diffs[0], a.diffs[1], a.operands[3]};
          if (scale)
            operands.push_back(a.operands[4]);
          Shape channels = a.operands[0].shape;
          Tensors diffs = apply("batch_norm_coefficients_bwd", a.node.attributes, operands,
                                {channels, channels, channels});
          Gradients gradients = {{0, diffs[0]}, {1, diffs[1]}};
          if (scale)
            gradients[4] = diffs[2];
          if (shift)
            gradients[a.operands.size() - 1] = a.diffs[2];
          return gradients;
        },
        3}},
      {"row_normalize",
       {false,
        {"row_normalize_bwd"},
        [](const Application &a) {
          return Gradients{{0, apply("row_normalize_bwd", a.node.attributes, {a.operands[0], a.diffDst},
                                     {a.operands[0].shape})[0]}};
        }}},
      {"random_dropout",
       {true,
        {"random_dropout"},
        [](const Application &a) {
          Tensors operands = a.operands;
          operands[0] = a.diffDst;
          return Gradients{{0, apply("random_dropout", a.node.attributes, operands,
                                     {a.operands[0].shape})[0]}};
        }}},
      {"multiply",
       {true,
        {"multiply"},
        [](const Application &a) {
          const Shape &shape = a.diffDst.shape;
          return Gradients{{0, apply("multiply", {}, {a.diffDst, a.operands[1]}, {shape})[0]},
                           {1, apply("multiply", {}, {a.diffDst, a.operands[0]}, {shape})[0]}};
        }}},
      {"maximum",
       {false,
        {"maximum_bwd"},
        [](const Application &a) {
          auto of = [&](double operand) {
            return apply("maximum_bwd", {{"operand", {operand}}}, {a.operands[0], a.operands[1], a.diffDst},
                         {a.diffDst.shape})[0];
          };
          return Gradients{{0, of(0)}, {1, of(1)}};
        }}},
      activation("relu", Saved::Dst),
      activation("leaky_relu", Saved::Dst),
      activation("elu", Saved::Dst),
      activation("gelu", Saved::Src),
      activation("silu", Saved::Src),
      activation("sigmoid", Saved::Dst),
      activation("tanh", Saved::Dst),
      activation("softplus", Saved::Src),
      {"slice",
       {true,
        {"pad"},
        [](const Application &a) {
          const std::vector<double> &begin = listOf(a.node.attributes, "begin");
          const Shape &from = a.operands[0].shape;
          std::vector<double> after;
          for (size_t d = 0; d < begin.size(); d++)
            after.push_back(from[d] - begin[d] - a.diffDst.shape[d]);
          return Gradients{
              {0, apply("pad", {{"before", begin}, {"after", after}}, {a.diffDst}, {from})[0]}};
        }}},
      {"pad",
       {true,
        {"slice"},
        [](const Application &a) {
          const Shape &from = a.operands[0].shape;
          const Attributes attributes = {{"begin", listOf(a.node.attributes, "before")},
                                         {"size", {from.begin(), from.end()}}};
          return Gradients{{0, apply("slice", attributes, {a.diffDst}, {from})[0]}};
        }}},
      {"concatenate",
       {true,
        {"slice"},
        [](const Application &a) {
          const size_t axis = numberOf(a.node.attributes, "axis");
          Gradients gradients;
          std::vector<double> begin(a.diffDst.shape.size(), 0);
          for (size_t o = 0; o < a.operands.size(); o++) {
            const Shape &from = a.operands[o].shape;
            const Attributes attributes = {{"begin", begin}, {"size", {from.begin(), from.end()}}};
            gradients[o] = apply("slice", attributes, {a.diffDst}, {from})[0];
            begin[axis] += from[axis];
          }
          return gradients;
        }}},
      {"upsample",
       {true,
        {"avg_pool2d", "rescale"},
        [](const Application &a) {
          const std::vector<double> &size = listOf(a.node.attributes, "size");
          const Attributes pool = {{"pool_size", size}, {"strides", size}, {"pads", {0, 0, 0, 0}}};
          const Shape &from = a.operands[0].shape;
          Tensor means = apply("avg_pool2d", pool, {a.diffDst}, {from})[0];
          return Gradients{{0, apply("rescale", {{"scale", {size[0] * size[1]}}, {"offset", {0}}},
                                     {means}, {from})[0]}};
        }}},
      {"avg_pool2d",
       {true,
        {"avg_pool2d_bwd"},
        [](const Application &a) {
          return Gradients{{0, apply("avg_pool2d_bwd", a.node.attributes, {a.diffDst},
                                     {a.operands[0].shape})[0]}};
        }}},
      {"max_pool2d",
       {false,
        {"max_pool2d_bwd"},
        [](const Application &a) {
          return Gradients{{0, apply("max_pool2d_bwd", a.node.attributes,
                                     {a.diffDst, a.results[1]}, {a.operands[0].shape})[0]}};
        }}},
      {"reshape",
       {true,
        {"reshape"},
        [](const Application &a) {
          return Gradients{{0, apply("reshape", {}, {a.diffDst}, {a.operands[0].shape})[0]}};
        }}},
      {"permute",
       {true,
        {"permute"},
        [](const Application &a) {
          const std::vector<double> &perm = listOf(a.node.attributes, "perm");
          std::vector<double> inverse(perm.size());
          for (size_t i = 0; i < perm.size(); i++)
            inverse[perm[i]] = i;
          return Gradients{{0, apply("permute", {{"perm", inverse}}, {a.diffDst},
                                     {a.operands[0].shape})[0]}};
        }}},
      {"lstm", {false, {"lstm_bwd", "dense_bwd_weights", "permute"}, ofRecurrence, 2}},
      {"gru", {false, {"gru_bwd", "dense_bwd_weights", "permute"}, ofRecurrence}},
      {"simple_rnn", {false, {"simple_rnn_bwd", "dense_bwd_weights", "permute"}, ofRecurrence}},
      {"reverse_steps",
       {true,
        {"reverse_steps"},
        [](const Application &a) {
          return Gradients{{0, apply("reverse_steps", {}, {a.diffDst}, {a.diffDst.shape})[0]}};
        }}},
      {"scale_steps",
       {true,
        {"scale_steps"},
        [](const Application &a) {
          return Gradients{{0, apply("scale_steps", {}, {a.diffDst, a.operands[1]}, {a.diffDst.shape})[0]}};
        }}},
      {"batch_mean",
       {false,
        {"batch_mean_bwd"},
        [](const Application &a) {
          Tensor gradient(ElementType::F64, a.operands[0].shape);
          for (int64_t n = 0; n < gradient.size(); n++) {
            Tensor diffLoss(ElementType::F64, {});
            diffLoss() = a.diffDst(n);
            gradient(n) = apply("batch_mean_bwd", {}, {a.operands[1], a.operands[2], diffLoss}, {{}})[0]();
          }
          return Gradients{{0, gradient}};
        }}},
      {"contrastive", ofLoss("contrastive")},
      {"cosine_embedding", ofLoss("cosine_embedding")},
      {"distance",
       {false,
        {"distance_bwd"},
        [](const Application &a) {
          const Shape &shape = a.operands[0].shape;
          Tensors diffs = apply("distance_bwd", a.node.attributes, {a.operands[0], a.operands[1], a.diffDst},
                                {shape, shape});
          return Gradients{{0, diffs[0]}, {1, diffs[1]}};
        }}},
      {"l2_normalize",
       {false,
        {"l2_normalize_bwd"},
        [](const Application &a) {
          return Gradients{{0, apply("l2_normalize_bwd", a.node.attributes, {a.operands[0], a.diffDst},
                                     {a.operands[0].shape})[0]}};
        }}},
      {"triplet_mining", {false, {"triplet_mining_bwd"}, ofTriplets}},
      {"hinge", ofLoss("hinge")},
      {"huber", ofLoss("huber")},
      {"kl_divergence", ofLoss("kl_divergence")},
      {"mean_absolute_error", ofLoss("mean_absolute_error")},
      {"mean_squared_error", ofLoss("mean_squared_error")},
      {"sigmoid_cross_entropy", ofLoss("sigmoid_cross_entropy")},
      {"softmax_cross_entropy", ofLoss("softmax_cross_entropy")},
      {"sparse_softmax_cross_entropy", ofLoss("sparse_softmax_cross_entropy")},
      {"total_loss",
       {true,
        {"rescale"},
        [](const Application &a) {
          const std::vector<double> &weights = listOf(a.node.attributes, "weights");
          Gradients gradients;
          for (size_t i = 0; i < weights.size(); i++)
            gradients[i] = apply("rescale", {{"scale", {weights[i]}}, {"offset", {0}}},
                                 {a.diffDst}, {a.operands[i].shape})[0];
          return gradients;
        }}},
      // Its gradient op takes one diff_dst for all samples, so each sample is asked for by itself.
      {"weigh_samples",
       {false,
        {"weigh_samples_bwd"},
        [](const Application &a) {
          Tensor gradient(ElementType::F64, a.operands[0].shape);
          for (int64_t n = 0; n < gradient.size(); n++) {
            Tensor diffDst(ElementType::F64, {});
            diffDst() = a.diffDst(n);
            gradient(n) = apply("weigh_samples_bwd", {}, {a.operands[1], diffDst}, {gradient.shape})[0](n);
          }
          return Gradients{{0, gradient}};
        }}},
  };
  return table;
}

// Ops that stand behind the loss, metrics, and what counts steps.
const std::set<std::string> &notDifferentiated() {
  static const std::set<std::string> names = {
      "accumulate", "adagrad_update", "adam_update", "adamw_update", "argmax", "binary_accuracy",
      "channel_scale", "clip_scale", "clip_value", "count_steps", "ema_update", "loss_seed", "moving_average",
      "random_mask", "regularize", "rmsprop_update", "scale_by", "scale_lengths", "sgd_update",
      "sparse_categorical_accuracy", "sparse_top_k_accuracy", "stored_coefficients", "sum_lanes", "sum_of_squares"};
  return names;
}

bool isGradient(const std::string &op) { return op.find("_bwd") != std::string::npos; }

double innerProduct(const Tensor &a, const Tensor &b) {
  double sum = 0;
  for (int64_t e = 0; e < a.size(); e++)
    sum += a.numbers[e].value * b.numbers[e].value;
  return sum;
}

class GradientTest : public testing::TestWithParam<const Row *> {
protected:
  void SetUp() override {
    const Row &row = *GetParam();
    spec = row.spec(ElementType::F64);
    ASSERT_EQ(spec.nodes.size(), 1u) << "a row of a single op expected";
    for (TensorType &argument : spec.arguments) {
      extent = argument.sliced >= 0 ? argument.shape[argument.sliced] : extent;
      if (argument.element == ElementType::U8)  // images: as good as floats here
        argument.element = ElementType::F64;
    }
    operands = randomArguments(spec, extent, Numbers::Real, row.seed());
    results = evaluate(spec, operands, extent).values[0];
    rule = &rules().at(row.op);
    Random random(row.seed() + 1);
    for (size_t r = 0; r < rule->results; r++) {
      Tensor diff = results[r];
      diff.element = ElementType::F64;
      randomize(diff, Numbers::Real, random);
      diffs.push_back(std::move(diff));
    }
    gradients = rule->gradients({spec.nodes[0], operands, results, diffs});
  }

  double loss(const Tensors &at) const {
    Evaluation evaluation = evaluate(spec, at, extent);
    double sum = 0;
    for (size_t r = 0; r < diffs.size(); r++)
      sum += innerProduct(evaluation.values[0][r], diffs[r]);
    return sum;
  }

  KernelSpec spec;
  int64_t extent = 1;
  Tensors operands, results, diffs;
  const Rule *rule = nullptr;
  Gradients gradients;
};

// All elements, or `count` of them: half of these where the gradient is not zero, as the
// gradient of a pool is in most places.
std::vector<int64_t> drawnElements(const Tensor &gradient, int64_t count, Random &random) {
  std::vector<int64_t> all, nonZero, drawn;
  for (int64_t e = 0; e < gradient.size(); e++) {
    all.push_back(e);
    if (gradient.numbers[e].value != 0)
      nonZero.push_back(e);
  }
  if (gradient.size() <= count)
    return all;
  for (int64_t i = 0; i < count; i++) {
    const std::vector<int64_t> &from = i % 2 && !nonZero.empty() ? nonZero : all;
    drawn.push_back(from[random.integer(0, from.size() - 1)]);
  }
  return drawn;
}

TEST_P(GradientTest, MatchesCentralDifferences) {
  const double step = 1e-5;
  const int64_t checksPerOperand = 100;
  Random random(GetParam()->seed() + 2);
  double largest = 0;
  for (const auto &[operand, gradient] : gradients) {
    for (int64_t e : drawnElements(gradient, checksPerOperand, random)) {
      Tensors high = operands, low = operands;
      high[operand].numbers[e] = operands[operand].numbers[e].value + step;
      low[operand].numbers[e] = operands[operand].numbers[e].value - step;
      const double expected = (loss(high) - loss(low)) / (2 * step);
      const double found = gradient.numbers[e].value;
      EXPECT_NEAR(found, expected, 1e-7 * (1 + std::abs(expected)))
          << "operand " << operand << ", element " << e;
      largest = std::max(largest, std::abs(expected));
    }
  }
  EXPECT_GT(largest, 1e-3) << "all gradients are zero: nothing was checked";
}

// <diff_dst, f(x) - f(0)> = <f'(diff_dst), x>: exact, and of all elements at once.
class LinearTest : public GradientTest {};

TEST_P(LinearTest, InnerProducts) {
  for (const auto &[operand, gradient] : gradients) {
    Tensors zero = operands;
    for (Number &number : zero[operand].numbers)
      number = 0;
    const double expected = loss(operands) - loss(zero);
    const double found = innerProduct(gradient, operands[operand]);
    EXPECT_NE(found, 0) << "operand " << operand;
    EXPECT_NEAR(found, expected, 1e-10 * (1 + std::abs(expected))) << "operand " << operand;
  }
}

std::vector<const Row *> rowsWith(const std::function<bool(const Rule &)> &selects) {
  std::vector<const Row *> selected;
  for (const Row &row : rows())
    if (row.numbers == Numbers::Real && !row.constant && rules().count(row.op) && selects(rules().at(row.op)))
      selected.push_back(&row);
  return selected;
}

std::string nameOf(const testing::TestParamInfo<const Row *> &info) { return info.param->name(); }

INSTANTIATE_TEST_SUITE_P(Rows, GradientTest,
                         testing::ValuesIn(rowsWith([](const Rule &) { return true; })), nameOf);
INSTANTIATE_TEST_SUITE_P(
    Rows, LinearTest, testing::ValuesIn(rowsWith([](const Rule &rule) { return rule.linear; })),
    nameOf);

TEST(GradientRules, CoverEveryOp) {
  std::set<std::string> used;
  for (const auto &[op, rule] : rules())
    used.insert(rule.by.begin(), rule.by.end());
  for (const Op &op : allOps()) {
    if (isGradient(op.name))
      EXPECT_TRUE(used.count(op.name)) << op.name << " is used by no gradient rule";
    else
      EXPECT_NE(rules().count(op.name), notDifferentiated().count(op.name))
          << op.name << " needs a gradient rule, or to be named as not differentiated";
  }
}

}  // namespace
}  // namespace nncc::ops
