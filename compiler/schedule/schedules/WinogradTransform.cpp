#include "schedule/schedules/WinogradTransform.h"

#include <cmath>
#include <map>
#include <stdexcept>

namespace nncc::schedule {

using Halide::Expr;

const WinogradTransform &winogradTransform(int outputs) {
  static const WinogradTransform two = {
      2,
      {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}},
      {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}},
      {{1, 1, 1, 0}, {0, 1, -1, 1}},
      8};
  static const WinogradTransform four = {
      4,
      {{4, 0, -5, 0, 1, 0},
       {0, -4, -4, 1, 1, 0},
       {0, 4, -4, -1, 1, 0},
       {0, -2, -1, 2, 1, 0},
       {0, 2, -1, -2, 1, 0},
       {0, 4, 0, -5, 0, 1}},
      {{1. / 4, 0, 0},
       {-1. / 6, -1. / 6, -1. / 6},
       {-1. / 6, 1. / 6, -1. / 6},
       {1. / 24, 1. / 12, 1. / 6},
       {1. / 24, -1. / 12, 1. / 6},
       {0, 0, 1}},
      {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}},
      40};
  static const WinogradTransform six = {
      6,
      {{1, 0, -21. / 4, 0, 21. / 4, 0, -1, 0},
       {0, 1, 1, -17. / 4, -17. / 4, 1, 1, 0},
       {0, -1, 1, 17. / 4, -17. / 4, -1, 1, 0},
       {0, 1. / 2, 1. / 4, -5. / 2, -5. / 4, 2, 1, 0},
       {0, -1. / 2, 1. / 4, 5. / 2, -5. / 4, -2, 1, 0},
       {0, 2, 4, -5. / 2, -5, 1. / 2, 1, 0},
       {0, -2, 4, 5. / 2, -5, -1. / 2, 1, 0},
       {0, -1, 0, 21. / 4, 0, -21. / 4, 0, 1}},
      {{1, 0, 0},
       {-2. / 9, -2. / 9, -2. / 9},
       {-2. / 9, 2. / 9, -2. / 9},
       {1. / 90, 1. / 45, 2. / 45},
       {1. / 90, -1. / 45, 2. / 45},
       {32. / 45, 16. / 45, 8. / 45},
       {32. / 45, -16. / 45, 8. / 45},
       {0, 0, 1}},
      {{1, 1, 1, 1, 1, 1, 1, 0},
       {0, 1, -1, 2, -2, 1. / 2, -1. / 2, 0},
       {0, 1, 1, 4, 4, 1. / 4, 1. / 4, 0},
       {0, 1, -1, 8, -8, 1. / 8, -1. / 8, 0},
       {0, 1, 1, 16, 16, 1. / 16, 1. / 16, 0},
       {0, 1, -1, 32, -32, 1. / 32, -1. / 32, 1}},
      100};
  switch (outputs) {
  case 2: return two;
  case 4: return four;
  case 6: return six;
  }
  throw std::logic_error("no Winograd transform for tiles of " + std::to_string(outputs));
}

const WinogradTransform &winogradWeightsTransform(int taps) {
  static const std::map<int, WinogradTransform> transforms = [] {
    std::map<int, WinogradTransform> made;
    const std::vector<double> points = {0, 1, -1, 2, -2, 0.5, -0.5};
    for (int r : {2, 4, 6}) {
      const WinogradTransform &forward = winogradTransform(r);
      const int size = forward.size();
      // Row k holds the powers of point k, scaled as in the forward transform; the last is infinity's.
      Matrix gradient(size, std::vector<double>(r)), sums(3, std::vector<double>(size));
      for (int k = 0; k + 1 < size; ++k) {
        for (int i = 0; i < r; ++i)
          gradient[k][i] = forward.taps[k][0] * std::pow(points[k], i);
        for (int i = 0; i < 3; ++i)
          sums[i][k] = std::pow(points[k], i);
      }
      gradient[size - 1][r - 1] = sums[2][size - 1] = 1;
      made[r] = {3, forward.data, gradient, sums, r == 2 ? 8. : r == 4 ? 24. : 64.};
    }
    return made;
  }();
  return transforms.at(taps);
}

// Adds factor * value to `sum`, which may be undefined yet.
static void add(Expr &sum, double factor, Expr value) {
  if (factor == 0)
    return;
  if (double size = std::abs(factor); size != 1)
    value = value * Halide::cast(value.type(), Expr(size));
  if (!sum.defined())
    sum = factor < 0 ? -value : value;
  else
    sum = factor < 0 ? sum - value : sum + value;
}

Expr combineAlternating(const std::vector<double> &row, const std::function<Expr(int)> &element) {
  Expr even, odd;
  double sign = 0;  // of the odd terms' first
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i] == 0)
      continue;
    if (i % 2 && sign == 0)
      sign = row[i] < 0 ? -1 : 1;
    add(i % 2 ? odd : even, i % 2 ? row[i] * sign : row[i], element(static_cast<int>(i)));
  }
  if (odd.defined())
    add(even, sign, odd);
  return even;
}

Expr combinePairs(const std::vector<double> &row, const std::function<Expr(int)> &element) {
  const int last = static_cast<int>(row.size()) - 1;
  Expr sum;
  if (row[0] != 0)
    add(sum, row[0], element(0));
  for (int i = 1; i + 1 < last; i += 2)
    if (row[i] != 0)
      add(sum, row[i], row[i + 1] == row[i] ? element(i) + element(i + 1) : element(i) - element(i + 1));
  if (row[last] != 0)
    add(sum, row[last], element(last));
  return sum;
}

}  // namespace nncc::schedule
