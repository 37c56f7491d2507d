// Ops that look at one point at a time.
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::Expr;

std::vector<Value> buildRescale(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  expectSameShape(node, source);
  Halide::Type type = halideType(node.results[0].element);
  Expr scale = Halide::Internal::make_const(type, number(node, "scale"));
  Expr offset = Halide::Internal::make_const(type, number(node, "offset"));
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    return Halide::cast(type, source.at(at)) * scale + offset;
  };
  return {result};
}

static std::vector<Value> combined(Graph &graph, const Node &node,
                                   Expr (*combine)(const Expr &, const Expr &)) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  expectSameShape(node, operands[0]);
  expectSameShape(node, operands[1]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) { return combine(operands[0].at(at), operands[1].at(at)); };
  return {result};
}

std::vector<Value> buildAdd(Graph &graph, const Node &node) {
  return combined(graph, node, [](const Expr &a, const Expr &b) { return a + b; });
}

std::vector<Value> buildMultiply(Graph &graph, const Node &node) {
  return combined(graph, node, [](const Expr &a, const Expr &b) { return a * b; });
}

std::vector<Value> buildMaximum(Graph &graph, const Node &node) {
  return combined(graph, node, [](const Expr &a, const Expr &b) { return select(a >= b, a, b); });
}

std::vector<Value> buildMaximumBwd(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  for (const Value &operand : operands)
    expectSameShape(node, operand);
  bool ofFirst = integers(node, "operand", 1)[0] == 0;
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr gradient = operands[2].at(at), first = operands[0].at(at) >= operands[1].at(at);
    return select(ofFirst ? first : !first, gradient, Halide::Internal::make_zero(gradient.type()));
  };
  return {result};
}

}  // namespace nncc::schedule
