// Rows [N, K] of scores of K classes: what losses and metrics ask of one row.
#ifndef NNCC_TESTS_OPS_REFERENCE_CLASSES_H
#define NNCC_TESTS_OPS_REFERENCE_CLASSES_H

#include "reference/Op.h"

namespace nncc::ops {

// The first of the largest.
inline int64_t largestOf(const Tensor &rows, int64_t n) {
  int64_t best = 0;
  for (int64_t k = 1; k < rows.shape[1]; k++)
    if (rows(n, k).value > rows(n, best).value)
      best = k;
  return best;
}

inline Number highestOf(const Tensor &rows, int64_t n) {
  Number highest = rows(n, 0);
  for (int64_t k = 1; k < rows.shape[1]; k++)
    highest = maximum(highest, rows(n, k));
  return highest;
}

// Sum of exp(x - max) over a row.
inline Number exponentialsOf(const Tensor &rows, int64_t n) {
  const Number highest = highestOf(rows, n);
  Number sum = 0;
  for (int64_t k = 0; k < rows.shape[1]; k++)
    sum += exponential(rows(n, k) - highest);
  return sum;
}

inline Number softmaxOf(const Tensor &rows, int64_t n, int64_t k) {
  return exponential(rows(n, k) - highestOf(rows, n)) / exponentialsOf(rows, n);
}

inline double classWeightOf(const Attributes &attributes, int64_t label) {
  const std::vector<double> weights = listOr(attributes, "class_weights");
  return weights.empty() ? 1 : weights.at(label);
}

// What the gradient of a loss is multiplied by: the same for all samples, or one number for each.
inline Number diffLossOf(const Tensor &diffLoss, int64_t n) {
  return diffLoss.shape.empty() ? diffLoss() : diffLoss(n);
}

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_REFERENCE_CLASSES_H
