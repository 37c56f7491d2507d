#include "schedule/algorithms/Rows.h"

#include <algorithm>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Math.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::select;
using Halide::Var;

TensorType rowType(const TensorType &type, ElementType element) {
  TensorType row = type;
  row.element = element;
  row.shape.pop_back();
  return row;
}

std::string keyOf(const char *what, ValueRef ref) {
  return std::string(what) + (ref.argument ? ".argument" : ".node") + std::to_string(ref.node) +
         "." + std::to_string(ref.result);
}

Func rowSum(Graph &graph, const std::string &name, const TensorType &type, int length,
            const std::function<Expr(const Coordinates &)> &element) {
  Func func(name);
  std::vector<Var> row = dimensionVars(type.shape.size(), "row");
  RDom k(0, length, "k");
  Coordinates at = coordinatesOf(row);
  at.push_back(k);
  func(row) = Halide::Internal::make_zero(halideType(type.element));
  func(row) += element(at);
  graph.addReduction(func, type);
  return func;
}

Rows rowsOf(Graph &graph, const Node &node) {
  ValueRef ref = node.operands.at(0);
  Rows rows;
  rows.source = graph.value(ref);
  if (rows.source.type.shape.size() < 2 ||
      rows.source.type.sliced + 1 == static_cast<int>(rows.source.type.shape.size()))
    throw std::runtime_error(node.op + ": expected rows: rank 2 or more, the last dimension whole");
  rows.length = static_cast<int>(rows.source.type.shape.back());
  TensorType type = rowType(rows.source.type, rows.source.type.element);
  std::vector<Var> row = dimensionVars(type.shape.size(), "row");
  auto elementAt = [&](const Expr &column) {
    Coordinates at = coordinatesOf(row);
    at.push_back(column);
    return rows.source.at(at);
  };
  rows.maximum = graph.shared(keyOf("row_maximum", ref), [&] {
    Func func("row_maximum");
    RDom k(0, rows.length, "k");
    func(row) = halideType(type.element).min();
    func(row) = Halide::max(func(row), elementAt(k));
    graph.addReduction(func, type);
    return func;
  });
  rows.exponentials = graph.shared(keyOf("row_exponentials", ref), [&] {
    Func func("row_exponentials");
    Var column("column");
    std::vector<Var> vars = {column};
    vars.insert(vars.end(), row.begin(), row.end());
    func(vars) = exponential(elementAt(column) - rows.maximum(row));
    graph.addReduction(func, rows.source.type);
    return func;
  });
  rows.sum = graph.shared(keyOf("row_sum", ref), [&] {
    return rowSum(graph, "row_sum", type, rows.length, [&](const Coordinates &at) {
      return rows.exponentials(reversed(at));
    });
  });
  return rows;
}

Func rowArgmax(Graph &graph, ValueRef ref, const Value &values) {
  return graph.shared(keyOf("row_argmax", ref), [&] {
    int length = static_cast<int>(values.type.shape.back());
    TensorType type = rowType(values.type, ElementType::I32);
    std::vector<Var> row = dimensionVars(type.shape.size(), "row");
    Func func("row_argmax");
    RDom k(0, length, "k");
    Coordinates at = coordinatesOf(row), best = at;
    at.push_back(k);
    func(row) = 0;
    // The clamp only tells Halide what is known.
    best.push_back(Halide::clamp(func(row), 0, length - 1));
    func(row) = select(values.at(at) > values.at(best), k.x, func(row));
    graph.addReduction(func, type);
    return func;
  });
}

static Expr pickBetween(const std::vector<double> &weights, const Expr &number, Halide::Type type,
                        size_t begin, size_t end) {
  auto same = [&](double weight) { return weight == weights[begin]; };
  if (std::all_of(weights.begin() + begin, weights.begin() + end, same))
    return Halide::Internal::make_const(type, weights[begin]);
  size_t middle = (begin + end) / 2;
  return select(number < static_cast<int>(middle), pickBetween(weights, number, type, begin, middle),
                pickBetween(weights, number, type, middle, end));
}

Expr pick(const std::vector<double> &weights, const Expr &number, Halide::Type type) {
  return pickBetween(weights, number, type, 0, weights.size());
}

std::vector<double> numbersOf(const Node &node, const std::string &name) {
  auto found = node.attributes.find(name);
  return found == node.attributes.end() ? std::vector<double>() : found->second;
}

Expr diffLossAt(const Value &diffLoss, const Coordinates &row) {
  return diffLoss.at(diffLoss.type.shape.empty() ? Coordinates() : row);
}

double numberOr(const Node &node, const std::string &name, double otherwise) {
  std::vector<double> list = numbersOf(node, name);
  if (list.size() > 1)
    throw std::runtime_error(node.op + ": attribute '" + name + "' must be one number");
  return list.empty() ? otherwise : list[0];
}

}  // namespace nncc::schedule
