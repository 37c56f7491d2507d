// Ops that move elements or add lanes up.
#include <stdexcept>

#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::Expr;

// Dimension 0 is kept, so that nothing is divided by a run-time extent.
std::vector<Value> buildReshape(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  const std::vector<int64_t> from = source.type.shape, to = node.results[0].shape;
  if (from.empty() || to.empty() || from[0] != to[0] ||
      source.type.elements() != node.results[0].elements())
    throw std::runtime_error("reshape: expected as many elements and the same dimension 0");
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr flat = 0;
    for (size_t i = 1; i < to.size(); ++i)
      flat = flat * static_cast<int>(to[i]) + at[i];
    Coordinates coordinates(from.size());
    coordinates[0] = at[0];
    for (size_t i = from.size(); i-- > 1;) {
      int extent = static_cast<int>(from[i]);
      // The outermost needs no remainder: nothing lies beyond it.
      coordinates[i] = i == 1 ? flat : flat % extent;
      flat = flat / extent;
    }
    return source.at(coordinates);
  };
  return {result};
}

std::vector<Value> buildPermute(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  size_t rank = source.type.shape.size();
  std::vector<int> perm = integers(node, "perm", rank);
  std::vector<bool> seen(rank, false);
  bool fits = node.results[0].shape.size() == rank;
  for (size_t i = 0; fits && i < rank; ++i) {
    fits = perm[i] >= 0 && perm[i] < static_cast<int>(rank) && !seen[perm[i]] &&
           node.results[0].shape[i] == source.type.shape[perm[i]];
    if (fits)
      seen[perm[i]] = true;
  }
  if (!fits)
    throw std::runtime_error("permute: 'perm' is no permutation from the operand's shape to the "
                             "result's");
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Coordinates coordinates(rank);
    for (size_t i = 0; i < rank; ++i)
      coordinates[perm[i]] = at[i];
    return source.at(coordinates);
  };
  return {result};
}

// Lanes are added in a balanced tree, ((0+1)+(2+3))+..., whatever their number.
static Expr sumOf(const std::vector<Expr> &lanes, size_t begin, size_t count) {
  if (count == 1)
    return lanes[begin];
  size_t left = 1;
  while (left * 2 < count)
    left *= 2;
  return sumOf(lanes, begin, left) + sumOf(lanes, begin + left, count - left);
}

std::vector<Value> buildSumLanes(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  if (source.type.shape.size() != node.results[0].shape.size() + 1)
    throw std::runtime_error("sum_lanes: expected the operand to have one dimension more");
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    std::vector<Expr> lanes;
    for (int lane = 0; lane < source.type.shape[0]; ++lane) {
      Coordinates coordinates = {lane};
      coordinates.insert(coordinates.end(), at.begin(), at.end());
      lanes.push_back(source.at(coordinates));
    }
    return sumOf(lanes, 0, lanes.size());
  };
  return {result};
}

double flopsOfSumLanes(const KernelSpec &spec, const Node &node) {
  return static_cast<double>(spec.typeOf(node.operands.at(0)).elements() -
                             node.results.at(0).elements());
}

}  // namespace nncc::schedule
