// Parameter updates, by Keras's rules.
#include "reference/Op.h"

namespace nncc::ops {

static void adamUpdate(const Attributes &attributes, const Tensors &operands,
                       Tensors &results) {
  const Tensor &param = operands[0], &grad = operands[1], &m = operands[2], &v = operands[3];
  const double beta1 = numberOf(attributes, "beta_1"), beta2 = numberOf(attributes, "beta_2");
  const double epsilon = numberOf(attributes, "epsilon");
  const double learningRate = operands[4]().value, iteration = operands[5]().value;
  require(grad.shape == param.shape && m.shape == param.shape && v.shape == param.shape,
          "shapes differ");

  const double alpha = learningRate * std::sqrt(1 - std::pow(beta2, iteration)) /
                       (1 - std::pow(beta1, iteration));
  for (int64_t e = 0; e < param.size(); e++) {
    const Number g = grad.numbers[e];
    const Number newM = m.numbers[e] + (g - m.numbers[e]) * (1 - beta1);
    const Number newV = v.numbers[e] + (g * g - v.numbers[e]) * (1 - beta2);
    results[0].numbers[e] =
        param.numbers[e] - newM * alpha / (squareRoot(newV) + Number(epsilon));
    results[1].numbers[e] = newM;
    results[2].numbers[e] = newV;
  }
}

std::vector<Op> optimizerOps() {
  return {{"adam_update",
           {"param", "grad", "m", "v", "learning_rate", "iteration"},
           {"param", "m", "v"},
           adamUpdate}};
}

}  // namespace nncc::ops
