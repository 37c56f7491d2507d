// What happens to gradients between their sum over lanes and the update.
#include <cmath>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::Expr;
using Halide::Func;
using Halide::Internal::make_const;
using Halide::RDom;
using Halide::select;

static Value pointwise(const Node &node, std::function<Expr(const Coordinates &)> at) {
  Value result;
  result.type = node.results[0];
  result.at = std::move(at);
  return result;
}

static void expectShapeOfResult(const Node &node, const Value &operand) {
  if (operand.type.shape != node.results[0].shape)
    throw std::runtime_error(node.op + ": expected tensors of one shape");
}

// gradient + l1 sign(parameter) + 2 l2 parameter
std::vector<Value> buildRegularize(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value gradient = operands[0], parameter = operands[1];
  expectShapeOfResult(node, gradient);
  expectShapeOfResult(node, parameter);
  Halide::Type type = halideType(node.results[0].element);
  double l1 = number(node, "l1"), l2 = number(node, "l2");
  return {pointwise(node, [=](const Coordinates &at) {
    Expr value = parameter.at(at), sum = gradient.at(at), zero = make_const(type, 0);
    if (l1 != 0)
      sum = sum + select(value > zero, make_const(type, l1), select(value < zero, make_const(type, -l1), zero));
    if (l2 != 0)
      sum = sum + make_const(type, 2 * l2) * value;
    return sum;
  })};
}

// By comparisons that a NaN does not pass: it stays what it is.
std::vector<Value> buildClipValue(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  expectShapeOfResult(node, source);
  Halide::Type type = halideType(node.results[0].element);
  Expr high = make_const(type, number(node, "limit")), low = make_const(type, -number(node, "limit"));
  return {pointwise(node, [=](const Coordinates &at) {
    Expr value = source.at(at);
    return select(value > high, high, select(value < low, low, value));
  })};
}

// Operands: gradient, accumulated, iteration.
std::vector<Value> buildAccumulate(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value gradient = operands[0], accumulated = operands[1], iteration = operands[2];
  expectShapeOfResult(node, gradient);
  expectShapeOfResult(node, accumulated);
  int64_t steps = std::llround(number(node, "steps"));
  return {pointwise(node, [=](const Coordinates &at) {
    Expr value = gradient.at(at);
    Expr before = (iteration.at({}) - Expr(int64_t(1))) % Expr(steps);
    return select(before == Expr(int64_t(0)), value, accumulated.at(at) + value);
  })};
}

std::vector<Value> buildScaleBy(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value source = operands[0], scale = operands[1];
  expectShapeOfResult(node, source);
  Halide::Type type = halideType(node.results[0].element);
  return {pointwise(node, [=](const Coordinates &at) {
    return source.at(at) * cast(type, scale.at({}));
  })};
}

// In f64 and in a fixed number of partial sums, element i in sum i mod `sums`, so that it can be
// computed in vectors and the bits do not depend on their width.
std::vector<Value> buildSumOfSquares(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  if (source.type.shape.size() != 1 || source.type.sliced != 0 || !node.results[0].shape.empty())
    throw std::runtime_error("sum_of_squares: expected elements that are cut, and a scalar");
  constexpr int sums = 16;
  auto square = [&](const Expr &at) {
    Expr value = cast<double>(source.at({at}));
    return value * value;
  };
  Halide::Var lane("lane");
  Func partial("partial_squares"), total("sum_of_squares");
  Expr extent = graph.sliceExtent();
  RDom blocks(0, extent / sums, "block"), rest(0, extent % sums, "rest"), all(0, sums, "sums");
  partial(lane) = make_const(Halide::Float(64), 0);
  partial(lane) += square(blocks * sums + lane);
  partial(rest) += square(extent / sums * sums + rest);
  graph.addReduction(partial, {ElementType::F64, {sums}, -1});
  total() = make_const(Halide::Float(64), 0);
  total() += partial(all);
  graph.addReduction(total, node.results[0]);
  return {valueOf(total, node.results[0])};
}

// 2 for each element that is summed.
double flopsOfSumOfSquares(const KernelSpec &spec, const Node &node) {
  return 2.0 * spec.typeOf(node.operands.at(0)).elements();
}

std::vector<Value> buildClipScale(Graph &graph, const Node &node) {
  expectCounts(node, 1, node.operands.size(), 1);
  std::vector<Value> squares = graph.operandsOf(node);
  Expr limit = make_const(Halide::Float(64), number(node, "limit"));
  return {pointwise(node, [=](const Coordinates &) {
    Expr sum = squares[0].at({});
    for (size_t i = 1; i < squares.size(); ++i)
      sum = sum + squares[i].at({});
    Expr norm = Halide::sqrt(sum);
    Expr scale = select(norm > limit, limit / norm, make_const(Halide::Float(64), 1));
    // Infinity and NaN show: better no number than a wrong one.
    return select(norm < make_const(Halide::Float(64), 1e300), scale, norm - norm);
  })};
}

}  // namespace nncc::schedule
