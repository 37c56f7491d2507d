// Row statistics and what is made of them: softmax, cross-entropy, accuracy. A row is the
// innermost dimension. Statistics are Funcs shared by all nodes of a kernel that need them.
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Math.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::select;
using Halide::Var;

namespace {

// The statistics of the rows of one value.
struct Rows {
  Value source;
  int length;
  Func maximum;       // per row
  Func exponentials;  // e^(element - maximum), per element
  Func sum;           // of the exponentials, per row
};

}  // namespace

static TensorType rowType(const TensorType &type, ElementType element) {
  TensorType row = type;
  row.element = element;
  row.shape.pop_back();
  return row;
}

static std::vector<Expr> withColumn(const Expr &column, const std::vector<Var> &row) {
  std::vector<Expr> list = {column};
  list.insert(list.end(), row.begin(), row.end());
  return list;
}

static std::string keyOf(const char *what, ValueRef ref) {
  return std::string(what) + (ref.argument ? ".argument" : ".node") + std::to_string(ref.node) +
         "." + std::to_string(ref.result);
}

static Rows rowsOf(Graph &graph, const Node &node) {
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
  Halide::Type element = halideType(type.element);
  rows.maximum = graph.shared(keyOf("row_maximum", ref), [&] {
    Func func("row_maximum");
    RDom k(0, rows.length, "k");
    func(row) = element.min();
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
    Func func("row_sum");
    RDom k(0, rows.length, "k");
    func(row) = Halide::Internal::make_zero(element);
    func(row) += rows.exponentials(withColumn(k, row));
    graph.addReduction(func, type);
    return func;
  });
  return rows;
}

static void expectLabels(const Node &node, const Value &scores, const Value &labels) {
  std::vector<int64_t> rows = scores.type.shape;
  if (!rows.empty())
    rows.pop_back();
  if (labels.type.shape != rows || labels.type.element != ElementType::I32)
    throw std::runtime_error(node.op + ": expected one i32 label per row");
}

// Labels are checked where they enter; the clamp only tells Halide so.
static Expr labelAt(const Value &labels, const Coordinates &row, int length) {
  return Halide::clamp(labels.at(row), 0, length - 1);
}

std::vector<Value> buildSoftmax(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Rows rows = rowsOf(graph, node);
  Value result;
  result.type = node.results[0];
  result.at = [rows](const Coordinates &at) mutable {
    Coordinates row(at.begin(), at.end() - 1);
    return rows.exponentials(reversed(at)) / rows.sum(reversed(row));
  };
  return {result};
}

std::vector<Value> buildSoftmaxBwd(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value dst = operands[0], diffDst = operands[1];
  TensorType type = rowType(dst.type, dst.type.element);
  std::vector<Var> row = dimensionVars(type.shape.size(), "row");
  Func product("row_product");
  RDom k(0, static_cast<int>(dst.type.shape.back()), "k");
  Coordinates at = coordinatesOf(row);
  at.push_back(k);
  product(row) = Halide::Internal::make_zero(halideType(type.element));
  product(row) += dst.at(at) * diffDst.at(at);
  graph.addReduction(product, type);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) mutable {
    Coordinates row(at.begin(), at.end() - 1);
    return dst.at(at) * (diffDst.at(at) - product(reversed(row)));
  };
  return {result};
}

std::vector<Value> buildSparseSoftmaxCrossEntropy(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  Rows rows = rowsOf(graph, node);
  Value labels = graph.operandsOf(node)[1];
  expectLabels(node, rows.source, labels);
  Value result;
  result.type = node.results[0];
  result.at = [rows, labels](const Coordinates &row) mutable {
    Coordinates at = row;
    at.push_back(labelAt(labels, row, rows.length));
    std::vector<Expr> inner = reversed(row);
    return logarithm(rows.sum(inner)) + (rows.maximum(inner) - rows.source.at(at));
  };
  return {result};
}

std::vector<Value> buildSparseSoftmaxCrossEntropyBwd(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  Rows rows = rowsOf(graph, node);
  std::vector<Value> operands = graph.operandsOf(node);
  Value labels = operands[1], seed = operands[2];
  expectLabels(node, rows.source, labels);
  Value result;
  result.type = node.results[0];
  result.at = [rows, labels, seed](const Coordinates &at) mutable {
    Coordinates row(at.begin(), at.end() - 1);
    Expr softmax = rows.exponentials(reversed(at)) / rows.sum(reversed(row));
    Expr one = Halide::Internal::make_one(softmax.type());
    Expr hit = at.back() == labelAt(labels, row, rows.length);
    return select(hit, softmax - one, softmax) * seed.at({});
  };
  return {result};
}

// 1 where the label's score is above all before it and below none after it.
std::vector<Value> buildSparseCategoricalAccuracy(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value scores = operands[0], labels = operands[1];
  expectLabels(node, scores, labels);
  int length = static_cast<int>(scores.type.shape.back());
  Halide::Type element = halideType(node.results[0].element);

  Func hit("accuracy");
  std::vector<Var> row = dimensionVars(node.results[0].shape.size(), "row");
  Coordinates at = coordinatesOf(row);
  Expr label = labelAt(labels, at, length);
  RDom k(0, length, "k");
  Coordinates best = at, other = at;
  best.push_back(label);
  other.push_back(k);
  Expr zero = Halide::Internal::make_zero(element), one = Halide::Internal::make_one(element);
  Expr wins = select(k.x < label, scores.at(other) < scores.at(best),
                     scores.at(other) <= scores.at(best));
  hit(row) = one;
  hit(row) = select(wins, hit(row), zero);
  graph.addReduction(hit, node.results[0]);
  return {valueOf(hit, node.results[0])};
}

// The gradient of a mean: the loss's weight shared by the samples that are there.
std::vector<Value> buildLossSeed(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value samples = graph.operandsOf(node)[0];
  Halide::Type type = halideType(node.results[0].element);
  double weight = number(node, "weight");
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &) {
    return Halide::Internal::make_const(type, weight) / Halide::cast(type, samples.at({}));
  };
  return {result};
}

}  // namespace nncc::schedule
