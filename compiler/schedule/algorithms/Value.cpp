#include "schedule/algorithms/Value.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::Var;

std::vector<Var> dimensionVars(size_t rank, const std::string &prefix) {
  // The four dimensions of an image have names; anything else is numbered.
  static const char *const image[] = {"c", "x", "y", "n"};
  std::vector<Var> vars;
  for (size_t i = 0; i < rank; ++i) {
    std::string name = prefix;
    name += rank == 4 ? image[i] : "d";
    if (rank != 4)
      name += std::to_string(i);
    vars.push_back(Var(name));
  }
  return vars;
}

Coordinates coordinatesOf(const std::vector<Var> &vars) {
  return Coordinates(vars.rbegin(), vars.rend());
}

Value valueOf(const Func &func, const TensorType &type, int index) {
  Value value;
  value.type = type;
  value.at = [func, index](const Coordinates &coordinates) -> Expr {
    Func called = func;  // FuncRef wants one that is not const
    Halide::FuncRef reference = called(reversed(coordinates));
    return index < 0 ? Expr(reference) : Expr(reference[index]);
  };
  if (index < 0)
    value.stored = func;
  return value;
}

Func funcOf(const Value &value, const std::string &name) {
  if (value.stored.defined())
    return value.stored;
  Func func(name);
  std::vector<Var> vars = dimensionVars(value.type.shape.size(), "");
  func(vars) = value.at(coordinatesOf(vars));
  return func;
}

}  // namespace nncc::schedule
