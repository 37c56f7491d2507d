// A tensor inside a kernel, as an expression of its coordinates. Nothing is computed or
// stored by making one: where a consumer evaluates it, there it stands.
#ifndef NNCC_SCHEDULE_ALGORITHMS_VALUE_H
#define NNCC_SCHEDULE_ALGORITHMS_VALUE_H

#include <Halide.h>

#include <functional>
#include <vector>

#include "schedule/KernelSpec.h"

namespace nncc::schedule {

// One expression per dimension, in the order of TensorType::shape (outermost first).
using Coordinates = std::vector<Halide::Expr>;

struct Value {
  TensorType type;
  std::function<Halide::Expr(const Coordinates &)> at;
  // Set where the value lies in memory as it is (an argument, or a Func that a schedule
  // gives a place): Func over the same dimensions, innermost first. Evaluating such a
  // value costs a load, so that staging it gains nothing.
  Halide::Func stored;
};

// Variables for the dimensions of a tensor, innermost first as Halide counts them, named
// after `prefix` so that the loops of a kernel can be told apart in its listing.
std::vector<Halide::Var> dimensionVars(size_t rank, const std::string &prefix);

// Turns coordinates into Halide's order, or back.
template <typename T> std::vector<T> reversed(const std::vector<T> &list) {
  return std::vector<T>(list.rbegin(), list.rend());
}

// The coordinates that `vars` (innermost first) stand for.
Coordinates coordinatesOf(const std::vector<Halide::Var> &vars);

// The value that `func` (dimensions innermost first) holds. `index` >= 0 picks from a tuple.
Value valueOf(const Halide::Func &func, const TensorType &type, int index = -1);

// `value` as a Func that schedules can place; the one it is stored in where there is one.
Halide::Func funcOf(const Value &value, const std::string &name);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_VALUE_H
