// What is made of row statistics: softmax, cross-entropy, accuracy.
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Math.h"
#include "schedule/algorithms/Registry.h"
#include "schedule/algorithms/Rows.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::select;
using Halide::Var;

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

// The factor of each row's loss by its class; null where all classes count the same.
using Weight = std::function<Expr(const Coordinates &row)>;
static Weight weightOf(const Node &node, Halide::Type type, int classes,
                       std::function<Expr(const Coordinates &row)> label) {
  std::vector<double> weights = numbersOf(node, "class_weights");
  if (weights.empty())
    return {};
  if (static_cast<int>(weights.size()) != classes)
    throw std::runtime_error(node.op + ": expected a number of class_weights for each class");
  return [=](const Coordinates &row) { return pick(weights, label(row), type); };
}

// The sum of what the logits of a row are below its maximum: what spreading a label over all classes
// costs.
static Func slackOf(Graph &graph, const Node &node, Rows &rows) {
  return graph.shared(keyOf("row_slack", node.operands[0]), [&] {
    return rowSum(graph, "row_slack", rowType(rows.source.type, rows.source.type.element),
                  rows.length, [&](const Coordinates &at) {
                    Coordinates row(at.begin(), at.end() - 1);
                    return rows.maximum(reversed(row)) - rows.source.at(at);
                  });
  });
}

std::vector<Value> buildSparseSoftmaxCrossEntropy(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  Rows rows = rowsOf(graph, node);
  Value labels = graph.operandsOf(node)[1];
  expectLabels(node, rows.source, labels);
  Halide::Type type = halideType(node.results[0].element);
  double smoothing = numberOr(node, "label_smoothing", 0);
  Func slack = smoothing == 0 ? Func() : slackOf(graph, node, rows);
  int length = rows.length;
  Weight weight = weightOf(node, type, length, [=](const Coordinates &row) {
    return labelAt(labels, row, length);
  });
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &row) mutable {
    Coordinates at = row;
    at.push_back(labelAt(labels, row, rows.length));
    std::vector<Expr> inner = reversed(row);
    Expr below = rows.maximum(inner) - rows.source.at(at);
    if (smoothing != 0)
      below = below * Halide::Internal::make_const(type, 1 - smoothing) +
              slack(inner) * Halide::Internal::make_const(type, smoothing / rows.length);
    Expr loss = logarithm(rows.sum(inner)) + below;
    return weight ? loss * weight(row) : loss;
  };
  return {result};
}

std::vector<Value> buildSparseSoftmaxCrossEntropyBwd(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  Rows rows = rowsOf(graph, node);
  std::vector<Value> operands = graph.operandsOf(node);
  Value labels = operands[1], seed = operands[2];
  expectLabels(node, rows.source, labels);
  Halide::Type type = halideType(node.results[0].element);
  double smoothing = numberOr(node, "label_smoothing", 0);
  int length = rows.length;
  Weight weight = weightOf(node, type, length, [=](const Coordinates &row) {
    return labelAt(labels, row, length);
  });
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) mutable {
    Coordinates row(at.begin(), at.end() - 1);
    Expr softmax = rows.exponentials(reversed(at)) / rows.sum(reversed(row));
    Expr share = Halide::Internal::make_const(type, 1 - smoothing);
    Expr hit = at.back() == labelAt(labels, row, rows.length);
    if (smoothing != 0)
      softmax = softmax - Halide::Internal::make_const(type, smoothing / rows.length);
    Expr diff = diffLossAt(seed, row), scale = weight ? weight(row) * diff : diff;
    return select(hit, softmax - share, softmax) * scale;
  };
  return {result};
}

namespace {

// What softmax_cross_entropy and its gradient compute from.
struct DenseTargets {
  Value targets;
  double smoothing;
  Func total;  // of a row's smoothed targets: 1 for distributions
  Weight weight;

  Expr at(const Coordinates &at, int length) const {
    Expr t = targets.at(at);
    if (smoothing == 0)
      return t;
    return t * Halide::Internal::make_const(t.type(), 1 - smoothing) +
           Halide::Internal::make_const(t.type(), smoothing / length);
  }
};

}  // namespace

static DenseTargets denseTargets(Graph &graph, const Node &node, const Rows &rows) {
  DenseTargets dense;
  dense.targets = graph.operandsOf(node)[1];
  if (dense.targets.type.shape != rows.source.type.shape)
    throw std::runtime_error(node.op + ": expected targets of the source's shape");
  dense.smoothing = numberOr(node, "label_smoothing", 0);
  std::string key = keyOf("row_targets", node.operands[1]) + "." + std::to_string(dense.smoothing);
  dense.total = graph.shared(key, [&] {
    return rowSum(graph, "row_targets", rowType(rows.source.type, rows.source.type.element),
                  rows.length,
                  [&](const Coordinates &at) { return dense.at(at, rows.length); });
  });
  if (!numbersOf(node, "class_weights").empty()) {
    Func label = rowArgmax(graph, node.operands[1], dense.targets);
    dense.weight = weightOf(node, halideType(node.results[0].element), rows.length,
                            [label](const Coordinates &row) mutable -> Expr {
                              return label(reversed(row));
                            });
  }
  return dense;
}

std::vector<Value> buildSoftmaxCrossEntropy(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  Rows rows = rowsOf(graph, node);
  DenseTargets dense = denseTargets(graph, node, rows);
  Func below = rowSum(graph, "row_below", node.results[0], rows.length, [&](const Coordinates &at) {
    Coordinates row(at.begin(), at.end() - 1);
    return dense.at(at, rows.length) * (rows.maximum(reversed(row)) - rows.source.at(at));
  });
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &row) mutable {
    std::vector<Expr> inner = reversed(row);
    Expr loss = dense.total(inner) * logarithm(rows.sum(inner)) + below(inner);
    return dense.weight ? loss * dense.weight(row) : loss;
  };
  return {result};
}

std::vector<Value> buildSoftmaxCrossEntropyBwd(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  Rows rows = rowsOf(graph, node);
  DenseTargets dense = denseTargets(graph, node, rows);
  Value seed = graph.operandsOf(node)[2];
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) mutable {
    Coordinates row(at.begin(), at.end() - 1);
    Expr softmax = rows.exponentials(reversed(at)) / rows.sum(reversed(row));
    Expr diff = diffLossAt(seed, row), scale = dense.weight ? dense.weight(row) * diff : diff;
    return (softmax * dense.total(reversed(row)) - dense.at(at, rows.length)) * scale;
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
