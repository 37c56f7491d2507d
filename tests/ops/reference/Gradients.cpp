// What happens to gradients before an update.
#include "reference/Op.h"

namespace nncc::ops {

static void requireOneShape(const Tensor &a, const Tensor &b) {
  require(a.shape == b.shape, "shapes differ");
}

static void regularize(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const double l1 = numberOf(attributes, "l1"), l2 = numberOf(attributes, "l2");
  requireOneShape(operands[0], operands[1]);
  for (int64_t e = 0; e < operands[0].size(); e++) {
    const Number w = operands[1].numbers[e];
    const double sign = w.value > 0 ? 1 : w.value < 0 ? -1 : 0;
    results[0].numbers[e] = operands[0].numbers[e] + Number(l1 * sign) + w * Number(2 * l2);
  }
}

static void clipValue(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const double limit = numberOf(attributes, "limit");
  for (int64_t e = 0; e < operands[0].size(); e++) {
    const Number g = operands[0].numbers[e];
    results[0].numbers[e] = Number(std::fmin(std::fmax(g.value, -limit), limit), g.magnitude);
  }
}

static void accumulate(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const int64_t steps = numberOf(attributes, "steps"), iteration = operands[2]().value;
  requireOneShape(operands[0], operands[1]);
  for (int64_t e = 0; e < operands[0].size(); e++) {
    results[0].numbers[e] = operands[0].numbers[e];
    if (iteration % steps != 1)
      results[0].numbers[e] += operands[1].numbers[e];
  }
}

static void scaleBy(const Attributes &, const Tensors &operands, Tensors &results) {
  for (int64_t e = 0; e < operands[0].size(); e++)
    results[0].numbers[e] = operands[0].numbers[e] * operands[1]();
}

static void sumOfSquares(const Attributes &, const Tensors &operands, Tensors &results) {
  for (const Number &g : operands[0].numbers)
    results[0]() += g * g;
}

static void clipScale(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const double limit = numberOf(attributes, "limit");
  Number sum;
  for (const Tensor &square : operands)
    sum += square();
  const Number norm = squareRoot(sum);
  results[0]() = norm.value > limit ? Number(limit) / norm : Number(1);
}

std::vector<Op> gradientOps() {
  return {{"regularize", {"grad", "param"}, {"grad"}, regularize},
          {"clip_value", {"grad"}, {"grad"}, clipValue},
          {"accumulate", {"grad", "accumulated", "iteration"}, {"accumulated"}, accumulate},
          {"scale_by", {"grad", "scale"}, {"grad"}, scaleBy},
          {"sum_of_squares", {"grad"}, {"sum"}, sumOfSquares, true},
          {"clip_scale", {"v", "v", "v", "v"}, {"scale"}, clipScale}};
}

}  // namespace nncc::ops
