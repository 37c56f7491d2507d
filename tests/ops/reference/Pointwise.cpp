// Ops that look at one element at a time.
#include "reference/Op.h"

namespace nncc::ops {

static void rescale(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Number scale = numberOf(attributes, "scale"), offset = numberOf(attributes, "offset");
  require(operands[0].shape == results[0].shape, "shapes differ");
  for (int64_t e = 0; e < results[0].size(); e++)
    results[0].numbers[e] = operands[0].numbers[e] * scale + offset;
}

static void add(const Attributes &, const Tensors &operands, Tensors &results) {
  require(operands[0].shape == results[0].shape && operands[1].shape == results[0].shape,
          "shapes differ");
  for (int64_t e = 0; e < results[0].size(); e++)
    results[0].numbers[e] = operands[0].numbers[e] + operands[1].numbers[e];
}

static void multiply(const Attributes &, const Tensors &operands, Tensors &results) {
  require(operands[0].shape == results[0].shape && operands[1].shape == results[0].shape,
          "shapes differ");
  for (int64_t e = 0; e < results[0].size(); e++)
    results[0].numbers[e] = operands[0].numbers[e] * operands[1].numbers[e];
}

static void maximum(const Attributes &, const Tensors &operands, Tensors &results) {
  require(operands[0].shape == results[0].shape && operands[1].shape == results[0].shape,
          "shapes differ");
  for (int64_t e = 0; e < results[0].size(); e++) {
    const Number lhs = operands[0].numbers[e], rhs = operands[1].numbers[e];
    results[0].numbers[e] = lhs.value >= rhs.value ? lhs : rhs;
  }
}

// lhs has the gradient where both are equal.
static void maximumBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const bool ofFirst = numberOf(attributes, "operand") == 0;
  for (int64_t e = 0; e < results[0].size(); e++) {
    const bool first = operands[0].numbers[e].value >= operands[1].numbers[e].value;
    results[0].numbers[e] = first == ofFirst ? operands[2].numbers[e] : Number(0);
  }
}

std::vector<Op> pointwiseOps() {
  return {{"rescale", {"src"}, {"dst"}, rescale},
          {"add", {"src", "src"}, {"dst"}, add, true},
          {"maximum", {"src", "src"}, {"dst"}, maximum, true},
          {"maximum_bwd", {"src", "src", "diff_dst"}, {"diff_src"}, maximumBwd, true},
          {"multiply", {"src", "src"}, {"dst"}, multiply, true}};
}

}  // namespace nncc::ops
