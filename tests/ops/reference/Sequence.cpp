// Steps of sequences, of which each sample has only the first ones.
#include <algorithm>
#include <cmath>

#include "reference/Op.h"

namespace nncc::ops {

namespace {

// Calls f(sample, step, number of the element) for the elements of [N, steps, ...].
template <typename F> void forSteps(const Tensor &sequences, F f) {
  const int64_t samples = sequences.shape.at(0), steps = sequences.shape.at(1);
  const int64_t inner = samples ? sequences.size() / samples / steps : 0;
  for (int64_t n = 0; n < samples; n++)
    for (int64_t t = 0; t < steps; t++)
      for (int64_t i = 0; i < inner; i++)
        f(n, t, (n * steps + t) * inner + i);
}

// The element of [N, ...] that stands for all steps of element `e` of [N, steps, ...].
int64_t withoutStep(const Tensor &sequences, int64_t n, int64_t e) {
  const int64_t steps = sequences.shape[1], inner = sequences.size() / sequences.shape[0] / steps;
  return n * inner + e % inner;
}

int64_t lastOf(const Tensor &lengths, int64_t n, int64_t steps) {
  return std::clamp<int64_t>(lengths.numbers[n].value, 1, steps) - 1;
}

void maskSteps(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &lengths = operands[1];
  require(lengths.size() == src.shape[0], "one length for each sample expected");
  const Number value(numberOf(attributes, "value"));
  forSteps(src, [&](int64_t n, int64_t t, int64_t e) {
    const Number &fill = operands.size() > 2 ? operands[2].numbers[e % src.shape.back()] : value;
    results[0].numbers[e] = t < lengths.numbers[n].value ? src.numbers[e] : fill;
  });
}

void scaleLengths(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  for (int64_t n = 0; n < results[0].size(); n++) {
    const double scaled = operands[0].numbers[n].value * numberOf(attributes, "multiply") + numberOf(attributes, "add");
    results[0].numbers[n] = Number(std::max(1.0, std::floor(scaled / numberOf(attributes, "divide"))));
  }
}

void countSteps(const Attributes &, const Tensors &operands, Tensors &results) {
  double steps = 0;
  for (int64_t n = 0; n < operands[1]().value; n++) steps += operands[0].numbers[n].value;
  results[0]() = Number(steps);
}

void rescaleWindows(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &lengths = operands[1];
  require(lengths.size() == src.shape[0], "one length for each sample expected");
  const int64_t window = numberOf(attributes, "window"), stride = numberOf(attributes, "stride");
  const int64_t pad = numberOf(attributes, "pad"), steps = numberOf(attributes, "steps");
  forSteps(src, [&](int64_t n, int64_t w, int64_t e) {
    int64_t seen = 0, counted = 0;
    for (int64_t t = w * stride - pad; t < w * stride - pad + window; t++) {
      seen += t >= 0 && t < steps;
      counted += t >= 0 && t < lengths.numbers[n].value;
    }
    results[0].numbers[e] = src.numbers[e] * (Number(seen) / Number(std::max<int64_t>(counted, 1)));
  });
}

void lastStep(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &lengths = operands[1];
  require(results[0].size() * src.shape[1] == src.size(), "one step of each sample expected");
  forSteps(src, [&](int64_t n, int64_t t, int64_t e) {
    if (t == lastOf(lengths, n, src.shape[1])) results[0].numbers[withoutStep(src, n, e)] = src.numbers[e];
  });
}

void lastStepBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &diff = operands[0], &lengths = operands[1];
  Tensor &src = results[0];
  require(src.shape[1] == numberOf(attributes, "steps"), "all steps expected");
  forSteps(src, [&](int64_t n, int64_t t, int64_t e) {
    src.numbers[e] = t == lastOf(lengths, n, src.shape[1]) ? diff.numbers[withoutStep(src, n, e)] : Number(0);
  });
}

}  // namespace

std::vector<Op> sequenceOps() {
  return {{"mask_steps", {"src", "lengths", "fill"}, {"dst"}, maskSteps, true},
          {"scale_lengths", {"lengths"}, {"dst"}, scaleLengths, true},
          {"count_steps", {"lengths", "present"}, {"dst"}, countSteps, true},
          {"rescale_windows", {"src", "lengths"}, {"dst"}, rescaleWindows},
          {"last_step", {"src", "lengths"}, {"dst"}, lastStep, true},
          {"last_step_bwd", {"diff_dst", "lengths"}, {"diff_src"}, lastStepBwd, true}};
}

}  // namespace nncc::ops
