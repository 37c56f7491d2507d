// Parts of tensors: cut out, put side by side, surrounded by zeros, repeated.
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Layout.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::clamp;
using Halide::Expr;
using Halide::select;

static void require(const Node &node, bool holds) {
  if (!holds)
    throw std::runtime_error(node.op + ": the shapes do not fit the attributes");
}

std::vector<Value> buildSlice(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  const std::vector<int64_t> &from = source.type.shape, &to = node.results[0].shape;
  std::vector<int> begin = integers(node, "begin", from.size());
  require(node, to.size() == from.size() && !to.empty() && to[0] == from[0] && begin[0] == 0);
  for (size_t i = 0; i < to.size(); ++i)
    require(node, begin[i] >= 0 && begin[i] + to[i] <= from[i]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Coordinates coordinates = at;
    for (size_t i = 1; i < at.size(); ++i)
      coordinates[i] = at[i] + begin[i];
    return source.at(coordinates);
  };
  return {result};
}

std::vector<Value> buildPad(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  const std::vector<int64_t> from = source.type.shape, to = node.results[0].shape;
  std::vector<int> before = integers(node, "before", from.size());
  require(node, to.size() == from.size() && !to.empty() && to[0] == from[0] && before[0] == 0);
  for (size_t i = 0; i < to.size(); ++i)
    require(node, before[i] >= 0 && before[i] + from[i] <= to[i]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Coordinates coordinates = at;
    Expr inside = Halide::Internal::const_true();
    // Dimensions without a border keep their plain loads.
    for (size_t i = 1; i < at.size(); ++i)
      if (from[i] != to[i]) {
        int extent = static_cast<int>(from[i]);
        Expr shifted = at[i] - before[i];
        inside = inside && shifted >= 0 && shifted < extent;
        coordinates[i] = clamp(shifted, 0, extent - 1);
      }
    Expr element = source.at(coordinates);
    return select(inside, element, Halide::Internal::make_zero(element.type()));
  };
  return {result};
}

std::vector<int> concatenatedExtents(const KernelSpec &spec, const Node &node) {
  int axis = integers(node, "axis", 1)[0];
  const std::vector<int64_t> &to = node.results.at(0).shape;
  require(node, axis >= 1 && axis < static_cast<int>(to.size()));
  std::vector<int> extents;
  int64_t sum = 0;
  for (const ValueRef &operand : node.operands) {
    std::vector<int64_t> shape = spec.typeOf(operand).shape;
    require(node, shape.size() == to.size());
    extents.push_back(static_cast<int>(shape[axis]));
    sum += shape[axis];
    shape[axis] = to[axis];
    require(node, shape == to);
  }
  require(node, sum == to[axis]);
  return extents;
}

// As an expression every element asks where it is from: schedules/Concatenate.cpp writes the parts.
std::vector<Value> buildConcatenate(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1024, 1);
  std::vector<Value> sources = graph.operandsOf(node);
  std::vector<int> extents = concatenatedExtents(graph.spec, node);
  int axis = integers(node, "axis", 1)[0];
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr element;
    int end = static_cast<int>(result.type.shape[axis]);
    for (size_t i = sources.size(); i-- > 0;) {
      int begin = end - extents[i];
      Coordinates coordinates = at;
      coordinates[axis] = clamp(at[axis] - begin, 0, extents[i] - 1);
      Expr here = sources[i].at(coordinates);
      element = element.defined() ? select(at[axis] < end, here, element) : here;
      end = begin;
    }
    return element;
  };
  return {result};
}

std::vector<Value> buildUpsample(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  std::vector<int> size = integers(node, "size", 2);
  const std::vector<int64_t> &from = source.type.shape;
  require(node, from.size() == 4 && size[0] >= 1 && size[1] >= 1 &&
                    node.results[0].shape ==
                        std::vector<int64_t>{from[0], from[1] * size[0], from[2] * size[1], from[3]});
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    return source.at({at[0], at[1] / size[0], at[2] / size[1], at[3]});
  };
  return {result};
}

}  // namespace nncc::schedule
