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

static void adamwUpdate(const Attributes &attributes, const Tensors &operands,
                        Tensors &results) {
  const double decay = numberOf(attributes, "weight_decay"), rate = operands[4]().value;
  Tensors decayed = operands;
  for (Number &p : decayed[0].numbers)
    p = p - p * Number(decay) * Number(rate);
  adamUpdate(attributes, decayed, results);
}

static void requireSlots(const Tensors &operands, size_t slots) {
  require(operands.size() == 3 + slots, "another number of slots");
  for (size_t i = 1; i < 2 + slots; i++)
    require(operands[i].shape == operands[0].shape, "shapes differ");
}

// param, grad, [momentum], learning_rate
static void sgdUpdate(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Number momentum = numberOf(attributes, "momentum");
  const bool moves = momentum.value != 0, nesterov = numberOf(attributes, "nesterov") != 0;
  requireSlots(operands, moves);
  const Number rate = operands.back()();
  for (int64_t e = 0; e < operands[0].size(); e++) {
    const Number p = operands[0].numbers[e], g = operands[1].numbers[e];
    if (!moves) {
      results[0].numbers[e] = p - g * rate;
      continue;
    }
    const Number m = operands[2].numbers[e] * momentum - g * rate;
    results[1].numbers[e] = m;
    results[0].numbers[e] = nesterov ? p + m * momentum - g * rate : p + m;
  }
}

// param, grad, velocity, [momentum], [average_gradient], learning_rate
static void rmspropUpdate(const Attributes &attributes, const Tensors &operands,
                          Tensors &results) {
  const Number rho = numberOf(attributes, "rho"), rest = 1 - numberOf(attributes, "rho");
  const Number momentum = numberOf(attributes, "momentum");
  const Number epsilon = numberOf(attributes, "epsilon");
  const bool moves = momentum.value != 0, centered = numberOf(attributes, "centered") != 0;
  requireSlots(operands, 1 + moves + centered);
  const Number rate = operands.back()();
  for (int64_t e = 0; e < operands[0].size(); e++) {
    const Number g = operands[1].numbers[e];
    const Number velocity = rho * operands[2].numbers[e] + rest * (g * g);
    results[1].numbers[e] = velocity;
    Number square = velocity;
    if (centered) {
      const size_t slot = 3 + moves;
      const Number mean = rho * operands[slot].numbers[e] + rest * g;
      results[slot - 1].numbers[e] = mean;
      square = square - mean * mean;
    }
    Number step = rate * g / squareRoot(square + epsilon);
    if (moves) {
      step = momentum * operands[3].numbers[e] + step;
      results[2].numbers[e] = step;
    }
    results[0].numbers[e] = operands[0].numbers[e] - step;
  }
}

// param, grad, accumulator, learning_rate
static void adagradUpdate(const Attributes &attributes, const Tensors &operands,
                          Tensors &results) {
  const Number epsilon = numberOf(attributes, "epsilon");
  requireSlots(operands, 1);
  const Number rate = operands.back()();
  for (int64_t e = 0; e < operands[0].size(); e++) {
    const Number g = operands[1].numbers[e], sum = operands[2].numbers[e] + g * g;
    results[1].numbers[e] = sum;
    results[0].numbers[e] = operands[0].numbers[e] - rate * g / squareRoot(sum + epsilon);
  }
}

static void emaUpdate(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const double decay = numberOf(attributes, "decay");
  require(operands[0].shape == operands[1].shape, "shapes differ");
  for (int64_t e = 0; e < operands[0].size(); e++) {
    const Number p = operands[0].numbers[e];
    results[0].numbers[e] = operands[2]().value == 1
                                ? p
                                : operands[1].numbers[e] * Number(decay) + p * Number(1 - decay);
  }
}

// Slots named "v" are filled with squares, as what they stand for is.
std::vector<Op> optimizerOps() {
  const std::vector<std::string> adamOperands = {"param", "grad", "m", "v", "learning_rate", "iteration"};
  return {{"adam_update", adamOperands, {"param", "m", "v"}, adamUpdate},
          {"adamw_update", adamOperands, {"param", "m", "v"}, adamwUpdate},
          {"sgd_update", {"param", "grad", "slot_or_rate", "learning_rate"}, {"param", "slot"}, sgdUpdate},
          {"rmsprop_update",
           {"param", "grad", "v", "slot_or_rate", "slot_or_rate", "learning_rate"},
           {"param", "v", "slot", "slot"},
           rmspropUpdate},
          {"adagrad_update", {"param", "grad", "v", "learning_rate"}, {"param", "v"}, adagradUpdate},
          {"ema_update", {"param", "average", "iteration"}, {"average"}, emaUpdate}};
}

}  // namespace nncc::ops
