#include "train/Penalty.h"

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "train/Block.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

template <typename T>
double penaltyOf(const T *values, int64_t count, double l1, double l2) {
  // Several sums side by side: one alone would wait for each addition.
  constexpr int kSums = 8;
  double absolute[kSums] = {}, squares[kSums] = {};
  for (int64_t i = 0; i < count; ++i) {
    double value = values[i];
    absolute[i % kSums] += std::abs(value);
    squares[i % kSums] += value * value;
  }
  double sum = 0;
  for (int i = 0; i < kSums; ++i) sum += l1 * absolute[i] + l2 * squares[i];
  return sum;
}

}  // namespace

double penalty(const NnccProgram &program, const void *block) {
  double sum = 0;
  for (const NnccParameter &parameter : parameters(program)) {
    if (parameter.l1 == 0 && parameter.l2 == 0) continue;
    const std::byte *values = static_cast<const std::byte *>(block) + parameter.offset;
    int64_t count = elements(parameter.tensor);
    sum += parameter.tensor.type == NNCC_F64
               ? penaltyOf(reinterpret_cast<const double *>(values), count, parameter.l1, parameter.l2)
               : penaltyOf(reinterpret_cast<const float *>(values), count, parameter.l1, parameter.l2);
  }
  return sum;
}

}  // namespace nncc::train
