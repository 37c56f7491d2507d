#include "schedule/schedules/WinogradTransform.h"

#include <cmath>
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
