#include "Shapes.h"

#include <algorithm>

#include "Timing.h"

namespace onednn {

using dnnl::algorithm;
using dnnl::prop_kind;
using tag = memory::format_tag;

std::optional<Activation> Activation::named(const std::string &name) {
  if (name == "linear")
    return std::nullopt;
  if (name == "relu")
    return Activation{algorithm::eltwise_relu, algorithm::eltwise_relu_use_dst_for_bwd};
  if (name == "sigmoid")
    return Activation{algorithm::eltwise_logistic, algorithm::eltwise_logistic_use_dst_for_bwd};
  if (name == "tanh")
    return Activation{algorithm::eltwise_tanh, algorithm::eltwise_tanh_use_dst_for_bwd};
  if (name == "elu")
    return Activation{algorithm::eltwise_elu, algorithm::eltwise_elu_use_dst_for_bwd, 1};
  throw Unsupported("the oneDNN loop does not know the activation " + name);
}

static dnnl::eltwise_forward::primitive_desc describeElementwise(algorithm kind, float alpha,
                                                                 const memory::desc &layout) {
#if DNNL_VERSION_MAJOR >= 3
  return describe<dnnl::eltwise_forward>(attributes(), prop_kind::forward_training, kind, layout,
                                         layout, alpha, 0.0f);
#else
  return describe<dnnl::eltwise_forward>(attributes(), prop_kind::forward_training, kind, layout,
                                         alpha, 0.0f);
#endif
}

dnnl::eltwise_forward::primitive_desc Activation::describe(const memory::desc &layout) const {
  return describeElementwise(forward, alpha, layout);
}

dnnl::eltwise_backward::primitive_desc Activation::describeBackward(
    const memory::desc &layout) const {
  auto hint = describeElementwise(backward, alpha, layout);
#if DNNL_VERSION_MAJOR >= 3
  return onednn::describeBackward<dnnl::eltwise_backward>(hint, backward, layout, layout, layout,
                                                          alpha, 0.0f);
#else
  return onednn::describeBackward<dnnl::eltwise_backward>(hint, backward, layout, layout, alpha,
                                                          0.0f);
#endif
}

static dnnl::primitive_attr followedBy(const std::optional<Activation> &activation) {
  dnnl::primitive_attr result = attributes();
  if (!activation)
    return result;
  dnnl::post_ops operations;
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(activation->forward, activation->alpha, 0);
#else
  operations.append_eltwise(1, activation->forward, activation->alpha, 0);
#endif
  result.set_post_ops(operations);
  return result;
}

static Size extent(const Window &window, size_t dimension) {
  return (window.kernel[dimension] - 1) * (window.dilation[dimension] + 1) + 1;
}

void Window::padSame(Size height, Size width) {
  memory::dims sizes{height, width};
  for (size_t i = 0; i < 2; ++i) {
    Size results = (sizes[i] + strides[i] - 1) / strides[i];
    Size padding =
        std::max<Size>(0, (results - 1) * strides[i] + extent(*this, i) - sizes[i]);
    before[i] = padding / 2;
    after[i] = padding - before[i];
  }
}

memory::dims Window::results(Size height, Size width) const {
  memory::dims sizes{height, width};
  for (size_t i = 0; i < 2; ++i)
    sizes[i] = (sizes[i] + before[i] + after[i] - extent(*this, i)) / strides[i] + 1;
  return sizes;
}

memory::dims Convolution::result() const {
  memory::dims size = window.results(height, width);
  return {batch, out, size[0], size[1]};
}

memory::dims Convolution::weights() const {
  memory::dims dims{out / groups, in / groups, window.kernel[0], window.kernel[1]};
  if (groups > 1)
    dims.insert(dims.begin(), groups);
  return dims;
}

memory::desc Convolution::kerasWeights() const {
  memory::dims strides{1, out, window.kernel[1] * (in / groups) * out, (in / groups) * out};
  if (groups > 1)
    strides.insert(strides.begin(), out / groups);
  return {weights(), memory::data_type::f32, strides};
}

memory::desc Convolution::biases() const {
  return bias ? plain({out}, tag::x) : memory::desc();
}

double Convolution::flops() const {
  memory::dims to = result();
  return 2.0 * static_cast<double>(to[0] * to[1] * to[2] * to[3]) *
         static_cast<double>(in / groups * window.kernel[0] * window.kernel[1]);
}

// The fastest of the library's algorithms for a convolution, measured: oneDNN 2.6's own choice
// (convolution_auto) is Winograd even for three channels, where that takes five times as long.
template <typename Describe> static auto fastest(const Describe &describe) {
  constexpr int rounds = 5;
  constexpr double roundSeconds = 1e-3;
  auto direct = describe(algorithm::convolution_direct);
  try {
    auto winograd = describe(algorithm::convolution_winograd);
    bool faster = sortedSeconds(rounds, roundSeconds, winograd)[0] <
                  sortedSeconds(rounds, roundSeconds, direct)[0];
    return faster ? winograd : direct;
  } catch (const dnnl::error &) {  // no Winograd for this shape or CPU
    return direct;
  }
}

Convolution::Forward::primitive_desc Convolution::describe(
    prop_kind kind, const std::optional<Activation> &activation) const {
  return fastest([&](algorithm algorithm) {
    return onednn::describe<Forward>(followedBy(activation), kind, algorithm, any(source()),
                                     any(weights()), biases(), any(result()), window.strides,
                                     window.dilation, window.before, window.after);
  });
}

Convolution::BackwardData::primitive_desc Convolution::describeBackwardData(
    const Forward::primitive_desc &forward) const {
  return fastest([&](algorithm algorithm) {
    return describeBackward<BackwardData>(forward, algorithm, any(source()), any(weights()),
                                          any(result()), window.strides, window.dilation,
                                          window.before, window.after);
  });
}

Convolution::BackwardWeights::primitive_desc Convolution::describeBackwardWeights(
    const Forward::primitive_desc &forward) const {
  return fastest([&](algorithm algorithm) {
    return describeBackward<BackwardWeights>(
        forward, algorithm, any(source()), any(weights()), biases(), any(result()),
        window.strides, window.dilation, window.before, window.after);
  });
}

memory::dims Dense::dims(Size first) const {
  return image ? memory::dims{first, in, height, width} : memory::dims{first, in};
}

memory::desc Dense::kerasWeights() const {
  memory::dims strides{1, out};
  if (image)
    strides.insert(strides.end(), {width * in * out, in * out});
  return {weights(), memory::data_type::f32, strides};
}

memory::desc Dense::biases() const { return bias ? plain({out}, tag::x) : memory::desc(); }

memory::desc Dense::results() const { return plain(result(), plainResult ? tag::nc : tag::any); }

double Dense::flops() const {
  return 2.0 * static_cast<double>(batch * in * height * width * out);
}

Dense::Forward::primitive_desc Dense::describe(prop_kind kind,
                                               const std::optional<Activation> &activation) const {
  return onednn::describe<Forward>(followedBy(activation), kind, any(source()), any(weights()),
                                   biases(), results());
}

Dense::BackwardData::primitive_desc Dense::describeBackwardData(
    const Forward::primitive_desc &forward) const {
  return describeBackward<BackwardData>(forward, any(source()), any(weights()), results());
}

Dense::BackwardWeights::primitive_desc Dense::describeBackwardWeights(
    const Forward::primitive_desc &forward) const {
  return describeBackward<BackwardWeights>(forward, any(source()), any(weights()), biases(),
                                           results());
}

dnnl::algorithm Pool::algorithm() const {
  return maximum ? algorithm::pooling_max : algorithm::pooling_avg_exclude_padding;
}

PoolingForward::primitive_desc Pool::describe(prop_kind kind, const memory::desc &source,
                                              const memory::dims &result) const {
  return onednn::describe<PoolingForward>(attributes(), kind, algorithm(), source, any(result),
                                          window.strides, window.kernel, window.dilation,
                                          window.before, window.after);
}

PoolingBackward::primitive_desc Pool::describeBackward(
    const memory::desc &source, const PoolingForward::primitive_desc &forward) const {
  return onednn::describeBackward<PoolingBackward>(
      forward, algorithm(), source, forward.dst_desc(), window.strides, window.kernel,
      window.dilation, window.before, window.after);
}

dnnl::normalization_flags Normalization::flags() const {
  auto flags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;
  return relu ? flags | dnnl::normalization_flags::fuse_norm_relu : flags;
}

dnnl::batch_normalization_forward::primitive_desc Normalization::describe(
    prop_kind kind, const memory::desc &layout) const {
  auto all = flags();
  if (kind == prop_kind::forward_inference)
    all = all | dnnl::normalization_flags::use_global_stats;
#if DNNL_VERSION_MAJOR >= 3
  return onednn::describe<dnnl::batch_normalization_forward>(attributes(), kind, layout, layout,
                                                             epsilon, all);
#else
  return onednn::describe<dnnl::batch_normalization_forward>(attributes(), kind, layout, epsilon,
                                                             all);
#endif
}

dnnl::batch_normalization_backward::primitive_desc Normalization::describeBackward(
    const memory::desc &layout,
    const dnnl::batch_normalization_forward::primitive_desc &forward) const {
#if DNNL_VERSION_MAJOR >= 3
  return onednn::describeBackward<dnnl::batch_normalization_backward>(
      forward, prop_kind::backward, layout, layout, layout, epsilon, flags());
#else
  return onednn::describeBackward<dnnl::batch_normalization_backward>(
      forward, prop_kind::backward, layout, layout, epsilon, flags());
#endif
}

}  // namespace onednn
