// Activations by the C library's functions in double, and their gradients from what each saves.
#include <functional>

#include "reference/Op.h"

namespace nncc::ops {

namespace {

// A function's value and slope at a number.
struct Curve {
  double value, slope;
};

Number along(Number a, Curve curve) {
  return {curve.value, std::abs(curve.value) + std::abs(curve.slope) * a.magnitude};
}

double sigmoidOf(double x) { return 1 / (1 + std::exp(-x)); }
double densityOf(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1)); }
double probabilityOf(double x) { return std::erfc(-x / std::sqrt(2)) / 2; }

Number relu(Number x, const Attributes &) { return maximum(x, Number(0)); }

Number leakyRelu(Number x, const Attributes &attributes) {
  return x.value > 0 ? x : x * Number(numberOf(attributes, "negative_slope"));
}

Number elu(Number x, const Attributes &attributes) {
  const double alpha = numberOf(attributes, "alpha");
  return x.value > 0 ? x : along(x, {alpha * std::expm1(x.value), alpha * std::exp(x.value)});
}

Number gelu(Number x, const Attributes &) {
  const double p = probabilityOf(x.value);
  return along(x, {x.value * p, p + x.value * densityOf(x.value)});
}

Number silu(Number x, const Attributes &) {
  const double s = sigmoidOf(x.value);
  return along(x, {x.value * s, s * (1 + x.value * (1 - s))});
}

Number sigmoid(Number x, const Attributes &) {
  const double s = sigmoidOf(x.value);
  return along(x, {s, s * (1 - s)});
}

Number tanh(Number x, const Attributes &) {
  const double t = std::tanh(x.value);
  return along(x, {t, 1 - t * t});
}

Number softplus(Number x, const Attributes &) {
  return along(x, {std::fmax(x.value, 0) + std::log1p(std::exp(-std::abs(x.value))),
                   sigmoidOf(x.value)});
}

Number reluBwd(Number dst, const Attributes &) { return dst.value > 0 ? 1 : 0; }

Number leakyReluBwd(Number dst, const Attributes &attributes) {
  return dst.value > 0 ? 1 : numberOf(attributes, "negative_slope");
}

Number eluBwd(Number dst, const Attributes &attributes) {
  return dst.value > 0 ? Number(1) : dst + Number(numberOf(attributes, "alpha"));
}

Number geluBwd(Number src, const Attributes &) {
  const double x = src.value, p = probabilityOf(x), d = densityOf(x);
  // The two terms may cancel.
  return {p + x * d, p + std::abs(x * d) + std::abs((2 - x * x) * d) * src.magnitude};
}

Number siluBwd(Number src, const Attributes &) {
  const double x = src.value, s = sigmoidOf(x), rest = sigmoidOf(-x);
  return {s * (1 + x * rest),
          s * (1 + std::abs(x) * rest) + s * rest * (2 + std::abs(x)) * src.magnitude};
}

Number sigmoidBwd(Number dst, const Attributes &) { return dst * (Number(1) - dst); }

Number tanhBwd(Number dst, const Attributes &) { return Number(1) - dst * dst; }

Number softplusBwd(Number src, const Attributes &attributes) { return sigmoid(src, attributes); }

using Function = Number (*)(Number, const Attributes &);

template <Function function>
void forward(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  require(operands[0].shape == results[0].shape, "shapes differ");
  for (int64_t e = 0; e < results[0].size(); e++)
    results[0].numbers[e] = function(operands[0].numbers[e], attributes);
}

template <Function slope>
void backward(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &saved = operands[0], &diffDst = operands[1];
  require(saved.shape == results[0].shape && diffDst.shape == saved.shape, "shapes differ");
  for (int64_t e = 0; e < results[0].size(); e++)
    results[0].numbers[e] = slope(saved.numbers[e], attributes) * diffDst.numbers[e];
}

}  // namespace

std::vector<Op> activationOps() {
  const std::vector<std::string> fromDst = {"dst", "diff_dst"}, fromSrc = {"src", "diff_dst"};
  return {{"relu", {"src"}, {"dst"}, forward<relu>, true},
          {"relu_bwd", fromDst, {"diff_src"}, backward<reluBwd>, true},
          {"leaky_relu", {"src"}, {"dst"}, forward<leakyRelu>},
          {"leaky_relu_bwd", fromDst, {"diff_src"}, backward<leakyReluBwd>},
          {"elu", {"src"}, {"dst"}, forward<elu>},
          {"elu_bwd", fromDst, {"diff_src"}, backward<eluBwd>},
          {"gelu", {"src"}, {"dst"}, forward<gelu>},
          {"gelu_bwd", fromSrc, {"diff_src"}, backward<geluBwd>},
          {"silu", {"src"}, {"dst"}, forward<silu>},
          {"silu_bwd", fromSrc, {"diff_src"}, backward<siluBwd>},
          {"sigmoid", {"src"}, {"dst"}, forward<sigmoid>},
          {"sigmoid_bwd", fromDst, {"diff_src"}, backward<sigmoidBwd>},
          {"tanh", {"src"}, {"dst"}, forward<tanh>},
          {"tanh_bwd", fromDst, {"diff_src"}, backward<tanhBwd>},
          {"softplus", {"src"}, {"dst"}, forward<softplus>},
          {"softplus_bwd", fromSrc, {"diff_src"}, backward<softplusBwd>}};
}

}  // namespace nncc::ops
