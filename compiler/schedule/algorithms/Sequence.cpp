// Steps of sequences, of which each sample has only the first ones.
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::clamp;
using Halide::Expr;
using Halide::Func;
using Halide::select;

static void expectLengths(const Node &node, const TensorType &src, const TensorType &lengths, size_t rank) {
  if (src.shape.size() < rank || src.sliced > 0 || lengths.shape != std::vector<int64_t>{src.shape[0]})
    throw std::runtime_error(node.op + ": expected samples, cut over dimension 0 or not, and a length for each");
}

std::vector<Value> buildMaskSteps(Graph &graph, const Node &node) {
  expectCounts(node, 2, 3, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value src = operands[0], lengths = operands[1];
  expectSameShape(node, src);
  expectLengths(node, src.type, lengths.type, 2);
  bool filled = operands.size() > 2;
  Value fill = filled ? operands[2] : Value();
  if (filled && fill.type.shape != std::vector<int64_t>{src.type.shape.back()})
    throw std::runtime_error("mask_steps: expected one value for each channel to fill with");
  Expr value = Halide::Internal::make_const(halideType(node.results[0].element), number(node, "value"));
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    return select(at[1] < lengths.at({at[0]}), src.at(at), filled ? fill.at({at.back()}) : value);
  };
  return {result};
}

std::vector<Value> buildScaleLengths(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value lengths = graph.operandsOf(node)[0];
  expectSameShape(node, lengths);
  auto integer = [&](const char *name) { return static_cast<int>(integers(node, name, 1)[0]); };
  int multiply = integer("multiply"), add = integer("add"), divide = integer("divide");
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    return Halide::max((lengths.at(at) * multiply + add) / divide, 1);
  };
  return {result};
}

std::vector<Value> buildCountSteps(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value lengths = operands[0], samples = operands[1];
  if (lengths.type.shape.size() != 1 || lengths.type.sliced >= 0 || !samples.type.shape.empty())
    throw std::runtime_error("count_steps: expected the lengths of a whole batch and a scalar");
  Func total("steps");
  Halide::RDom k(0, static_cast<int>(lengths.type.shape[0]), "k");
  k.where(k.x < samples.at({}));
  total() = 0;
  total() += lengths.at({k.x});
  graph.addReduction(total, node.results[0]);
  return {valueOf(total, node.results[0])};
}

std::vector<Value> buildRescaleWindows(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value src = operands[0], lengths = operands[1];
  expectSameShape(node, src);
  expectLengths(node, src.type, lengths.type, 2);
  Halide::Type type = halideType(node.results[0].element);
  auto integer = [&](const char *name) { return static_cast<int>(integers(node, name, 1)[0]); };
  int steps = integer("steps"), window = integer("window"), stride = integer("stride"), pad = integer("pad");
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr begin = at[1] * stride - pad;
    // How many of a window's steps are among the first `count`.
    auto seen = [&](const Expr &count) { return Halide::min(begin + window, count) - Halide::max(begin, 0); };
    return src.at(at) * (cast(type, seen(steps)) / cast(type, Halide::max(seen(lengths.at({at[0]})), 1)));
  };
  return {result};
}

// The number of the last step that counts; a step that there is, whatever the length.
static Expr lastOf(const Value &lengths, const Expr &sample, int64_t steps) {
  return clamp(lengths.at({sample}), 1, static_cast<int>(steps)) - 1;
}

std::vector<Value> buildLastStep(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value src = operands[0], lengths = operands[1];
  expectLengths(node, src.type, lengths.type, 2);
  std::vector<int64_t> shape = src.type.shape;
  int64_t steps = shape[1];
  shape.erase(shape.begin() + 1);
  if (node.results[0].shape != shape)
    throw std::runtime_error("last_step: expected a step of each sample");
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Coordinates from = at;
    from.insert(from.begin() + 1, lastOf(lengths, at[0], steps));
    return src.at(from);
  };
  return {result};
}

std::vector<Value> buildLastStepBwd(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value diff = operands[0], lengths = operands[1];
  expectLengths(node, diff.type, lengths.type, 1);
  int64_t steps = integers(node, "steps", 1)[0];
  std::vector<int64_t> shape = diff.type.shape;
  shape.insert(shape.begin() + 1, steps);
  if (node.results[0].shape != shape)
    throw std::runtime_error("last_step_bwd: expected all steps of each sample");
  Expr zero = Halide::Internal::make_zero(halideType(node.results[0].element));
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Coordinates from = at;
    from.erase(from.begin() + 1);
    return select(at[1] == lastOf(lengths, at[0], steps), diff.at(from), zero);
  };
  return {result};
}

}  // namespace nncc::schedule
