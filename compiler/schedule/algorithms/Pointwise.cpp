// Ops that look at one point at a time.
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::Expr;

static void expectSameShape(const Node &node, const Value &operand) {
  if (operand.type.shape != node.results[0].shape)
    throw std::runtime_error(node.op + ": expected operands of the result's shape");
}

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

std::vector<Value> buildRelu(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  expectSameShape(node, source);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr element = source.at(at);
    return Halide::max(element, Halide::Internal::make_zero(element.type()));
  };
  return {result};
}

std::vector<Value> buildAdd(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  expectSameShape(node, operands[0]);
  expectSameShape(node, operands[1]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) { return operands[0].at(at) + operands[1].at(at); };
  return {result};
}

std::vector<Value> buildReluBwd(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  expectSameShape(node, operands[0]);
  expectSameShape(node, operands[1]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr gradient = operands[1].at(at);
    return Halide::select(operands[0].at(at) > 0, gradient,
                          Halide::Internal::make_zero(gradient.type()));
  };
  return {result};
}

}  // namespace nncc::schedule
