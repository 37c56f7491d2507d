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
  switch (outputs) {
  case 2: return two;
  case 4: return four;
  }
  throw std::logic_error("no Winograd transform for tiles of " + std::to_string(outputs));
}

Expr combine(const std::vector<double> &row, const std::function<Expr(int)> &element) {
  Expr sum;
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i] == 0)
      continue;
    Expr term = element(static_cast<int>(i));
    if (double size = std::abs(row[i]); size != 1)
      term = term * Halide::cast(term.type(), Expr(size));
    if (!sum.defined())
      sum = row[i] < 0 ? -term : term;
    else
      sum = row[i] < 0 ? sum - term : sum + term;
  }
  return sum;
}

}  // namespace nncc::schedule
