#include "schedule/algorithms/Embedding.h"

#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::Expr;
using Halide::Func;
using Halide::Var;

// The row that an index numbers, within the table whatever the index is. Strict, as Halide takes
// floats to be numbers elsewhere, and not a number could become any row.
static Expr rowOf(const Expr &index, int rows) {
  Expr zero = Halide::Internal::make_zero(index.type());
  Expr last = Halide::Internal::make_const(index.type(), rows - 1);
  Expr inside = Halide::strict_float(select(index > zero, min(index, last), zero));
  return clamp(cast<int>(inside), 0, rows - 1);
}

static void expectEmbedded(const Node &node, const TensorType &src, const TensorType &dst, int64_t columns) {
  std::vector<int64_t> shape = src.shape;
  shape.push_back(columns);
  if (src.shape.empty() || src.sliced > 0 || dst.shape != shape)
    throw std::runtime_error(node.op + ": expected indices [N,...], cut over samples, and a row for each");
}

std::vector<Value> buildEmbedding(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  const std::vector<int64_t> table = operands[1].type.shape;
  if (table.size() != 2)
    throw std::runtime_error(node.op + ": expected weights [rows, columns]");
  expectEmbedded(node, operands[0].type, node.results[0], table[1]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr index = operands[0].at(Coordinates(at.begin(), at.end() - 1));
    return operands[1].at({rowOf(index, static_cast<int>(table[0])), at.back()});
  };
  return {result};
}

TableGradient makeTableGradient(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  const TensorType &src = operands[0].type, &result = node.results[0];
  TableGradient gradient;
  gradient.rows = integers(node, "rows", 1)[0];
  if (gradient.rows < 1 || result.shape.size() != 2 || result.shape[0] != gradient.rows)
    throw std::runtime_error(node.op + ": expected diff_weights [rows, columns]");
  gradient.columns = static_cast<int>(result.shape[1]);
  expectEmbedded(node, src, operands[1].type, gradient.columns);
  std::vector<Halide::Range> ranges;
  for (size_t dim = src.shape.size(); dim-- > 0;)
    ranges.push_back({0, dim == 0 && src.sliced == 0 ? graph.sliceExtent() : Expr(static_cast<int>(src.shape[dim]))});
  gradient.positions = Halide::RDom(ranges, "p");
  Coordinates position;
  for (size_t dim = ranges.size(); dim-- > 0;)
    position.push_back(gradient.positions[static_cast<int>(dim)]);
  gradient.row = rowOf(operands[0].at(position), gradient.rows);
  gradient.at = [operands, position](const Expr &column) {
    Coordinates at = position;
    at.push_back(column);
    return operands[1].at(at);
  };
  return gradient;
}

// Each element asks all positions whether they are its row's: schedules/Embedding.cpp goes through
// them once.
std::vector<Value> buildEmbeddingBwdWeights(Graph &graph, const Node &node) {
  TableGradient gradient = makeTableGradient(graph, node);
  Func sum(node.op);
  Var column("column"), row("row");
  Expr zero = Halide::Internal::make_zero(halideType(node.results[0].element));
  sum(column, row) = zero;
  sum(column, row) += select(gradient.row == row, gradient.at(column), zero);
  graph.addReduction(sum, node.results[0]);
  return {valueOf(sum, node.results[0])};
}

double flopsOfEmbeddingBwdWeights(const KernelSpec &spec, const Node &node) {
  return spec.typeOf(node.operands.at(1)).elements();
}

}  // namespace nncc::schedule
