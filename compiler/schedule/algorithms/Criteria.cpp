// Losses on float targets, each the mean of a function of one element, and metrics of a row.
#include <map>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Math.h"
#include "schedule/algorithms/Registry.h"
#include "schedule/algorithms/Rows.h"

namespace nncc::schedule {

using Halide::abs;
using Halide::cast;
using Halide::Expr;
using Halide::Func;
using Halide::max;
using Halide::RDom;
using Halide::select;
using Halide::Var;
using Halide::Internal::make_const;

namespace {

// A loss of one element x against its target t, and the derivative by x. `option` is the
// number of the attribute that the table names.
struct ElementLoss {
  const char *attribute;  // null: none
  Expr (*value)(const Expr &x, const Expr &t, double option);
  Expr (*slope)(const Expr &x, const Expr &t, double option);
};

}  // namespace

static Expr zero(const Expr &like) { return make_const(like.type(), 0); }
static Expr one(const Expr &like) { return make_const(like.type(), 1); }

// Labels of 0 and 1 mean -1 and 1.
static Expr side(const Expr &t) { return select(t == zero(t), -one(t), t); }

static Expr smoothed(const Expr &t, double share) {
  return share == 0 ? t : t * make_const(t.type(), 1 - share) + make_const(t.type(), share / 2);
}

// Keras's clip of probabilities.
constexpr double kLeast = 1e-7;
static Expr clipped(const Expr &p) { return Halide::clamp(p, make_const(p.type(), kLeast), one(p)); }

static const std::map<std::string, ElementLoss> &elementLosses() {
  static const std::map<std::string, ElementLoss> table = {
      {"contrastive",
       {"margin",
        [](const Expr &d, const Expr &t, double margin) {
          Expr lack = max(make_const(d.type(), margin) - d, zero(d));
          return make_const(d.type(), 0.5) * (t * d * d + (one(d) - t) * lack * lack);
        },
        [](const Expr &d, const Expr &t, double margin) {
          return t * d - (one(d) - t) * max(make_const(d.type(), margin) - d, zero(d));
        }}},
      {"cosine_embedding",
       {"margin",
        [](const Expr &d, const Expr &t, double margin) {
          return t * d + (one(d) - t) * max(make_const(d.type(), 1 - margin) - d, zero(d));
        },
        [](const Expr &d, const Expr &t, double margin) {
          return select(d < make_const(d.type(), 1 - margin), t - (one(d) - t), t);
        }}},
      {"hinge",
       {nullptr,
        [](const Expr &x, const Expr &t, double) { return max(one(x) - x * side(t), zero(x)); },
        [](const Expr &x, const Expr &t, double) {
          return select(x * side(t) < one(x), -side(t), zero(x));
        }}},
      {"huber",
       {"delta",
        [](const Expr &x, const Expr &t, double delta) {
          Expr d = abs(x - t), limit = make_const(x.type(), delta);
          Expr half = make_const(x.type(), 0.5);
          return select(d <= limit, half * d * d, limit * (d - half * limit));
        },
        [](const Expr &x, const Expr &t, double delta) {
          Expr limit = make_const(x.type(), delta);
          return Halide::clamp(x - t, -limit, limit);
        }}},
      {"kl_divergence",
       {nullptr,
        [](const Expr &x, const Expr &t, double) {
          return clipped(t) * logarithm(clipped(t) / clipped(x));
        },
        [](const Expr &x, const Expr &t, double) {
          Expr inside = x >= make_const(x.type(), kLeast) && x <= one(x);
          return select(inside, -clipped(t) / clipped(x), zero(x));
        }}},
      {"mean_absolute_error",
       {nullptr, [](const Expr &x, const Expr &t, double) { return abs(x - t); },
        [](const Expr &x, const Expr &t, double) {
          return select(x > t, one(x), select(x < t, -one(x), zero(x)));
        }}},
      {"mean_squared_error",
       {nullptr, [](const Expr &x, const Expr &t, double) { return (x - t) * (x - t); },
        [](const Expr &x, const Expr &t, double) { return make_const(x.type(), 2) * (x - t); }}},
      {"sigmoid_cross_entropy",
       {"label_smoothing",
        [](const Expr &x, const Expr &t, double share) {
          return max(x, zero(x)) - x * smoothed(t, share) +
                 logarithmOf1Plus(exponential(-abs(x)));
        },
        [](const Expr &x, const Expr &t, double share) { return sigmoid(x) - smoothed(t, share); }}},
  };
  return table;
}

namespace {

// What a node of the table computes from.
struct ElementNode {
  const ElementLoss *loss;
  Value src, targets;
  double option;
  std::vector<double> classWeights;
  double scale;  // of the sum over a sample

  Expr weighted(const Expr &element, const Expr &t) const {
    if (classWeights.empty())
      return element;
    Halide::Type type = element.type();
    return element * select(t > make_const(type, 0.5), make_const(type, classWeights.at(1)),
                            make_const(type, classWeights.at(0)));
  }
  Expr value(const Coordinates &at) const {
    Expr t = targets.at(at);
    return weighted(loss->value(src.at(at), t, option), t);
  }
  Expr slope(const Coordinates &at) const {
    Expr t = targets.at(at);
    return weighted(loss->slope(src.at(at), t, option), t);
  }
  Expr factor() const { return make_const(halideType(src.type.element), scale); }
};

}  // namespace

static void expectRows(const Node &node, const Value &src, const Value &targets) {
  if (src.type.shape.size() != 2 || src.type.shape != targets.type.shape)
    throw std::runtime_error(node.op + ": expected operands of one shape [samples, values]");
}

static ElementNode elementNode(Graph &graph, const Node &node, const std::string &op) {
  ElementNode element;
  element.loss = &elementLosses().at(op);
  std::vector<Value> operands = graph.operandsOf(node);
  element.src = operands[0];
  element.targets = operands[1];
  expectRows(node, element.src, element.targets);
  element.option = element.loss->attribute ? numberOr(node, element.loss->attribute, 0) : 0;
  element.classWeights = numbersOf(node, "class_weights");
  if (!element.classWeights.empty() &&
      (element.classWeights.size() != 2 || element.src.type.shape[1] != 1))
    throw std::runtime_error(node.op + ": expected two class_weights and one value a sample");
  // A divergence is a sum over each distribution, all else is a mean of all values.
  double count = op == "kl_divergence" ? number(node, "rows") : static_cast<double>(element.src.type.shape[1]);
  element.scale = 1 / count;
  return element;
}

std::vector<Value> buildElementLoss(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  ElementNode element = elementNode(graph, node, node.op);
  Func sum = rowSum(graph, "loss_sum", node.results[0], static_cast<int>(element.src.type.shape[1]),
                    [&](const Coordinates &at) { return element.value(at); });
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &row) mutable { return sum(reversed(row)) * element.factor(); };
  return {result};
}

std::vector<Value> buildElementLossBwd(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  ElementNode element = elementNode(graph, node, node.op.substr(0, node.op.find("_bwd")));
  Value diffLoss = graph.operandsOf(node)[2];
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    return element.slope(at) * (diffLossAt(diffLoss, {at[0]}) * element.factor());
  };
  return {result};
}

// Losses, one a sample, times their weights.
std::vector<Value> buildWeighSamples(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value losses = operands[0], weights = operands[1];
  expectSameShape(node, losses);
  expectSameShape(node, weights);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) { return losses.at(at) * weights.at(at); };
  return {result};
}

std::vector<Value> buildWeighSamplesBwd(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value weights = operands[0], diffDst = operands[1];
  expectSameShape(node, weights);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) { return diffDst.at({}) * weights.at(at); };
  return {result};
}

std::vector<Value> buildTotalLoss(Graph &graph, const Node &node) {
  expectCounts(node, 1, node.operands.size(), 1);
  std::vector<Value> losses = graph.operandsOf(node);
  std::vector<double> weights = numbersOf(node, "weights");
  if (weights.size() != losses.size())
    throw std::runtime_error(node.op + ": expected a weight for each loss");
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr total;
    for (size_t i = 0; i < losses.size(); ++i) {
      Expr loss = losses[i].at(at);
      if (weights[i] != 1)
        loss = loss * make_const(loss.type(), weights[i]);
      total = total.defined() ? total + loss : loss;
    }
    return total;
  };
  return {result};
}

std::vector<Value> buildArgmax(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value src = graph.operandsOf(node)[0];
  if (src.type.shape.size() != 2)
    throw std::runtime_error(node.op + ": expected [samples, classes]");
  return {valueOf(rowArgmax(graph, node.operands[0], src), node.results[0])};
}

// Counts the scores that the label's is not above; of equal scores the earlier is.
std::vector<Value> buildSparseTopKAccuracy(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value scores = operands[0], labels = operands[1];
  if (scores.type.shape.size() != 2 || labels.type.element != ElementType::I32)
    throw std::runtime_error(node.op + ": expected scores [samples, classes] and i32 labels");
  int length = static_cast<int>(scores.type.shape[1]);
  auto beaten = [&](const Coordinates &at) {
    Expr label = Halide::clamp(labels.at({at[0]}), 0, length - 1);
    Expr own = scores.at({at[0], label}), other = scores.at(at);
    return cast<int32_t>(!select(at[1] < label, other < own, other <= own));
  };
  Func ahead = rowSum(graph, "scores_ahead", rowType(scores.type, ElementType::I32), length, beaten);
  int k = integers(node, "k", 1)[0];
  Halide::Type type = halideType(node.results[0].element);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &row) mutable {
    return select(ahead(reversed(row)) < k, make_const(type, 1), make_const(type, 0));
  };
  return {result};
}

std::vector<Value> buildBinaryAccuracy(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value src = operands[0], targets = operands[1];
  expectRows(node, src, targets);
  int length = static_cast<int>(src.type.shape[1]);
  Halide::Type type = halideType(node.results[0].element);
  Expr threshold = make_const(type, number(node, "threshold")), half = make_const(type, 0.5);
  Func right = rowSum(graph, "right", node.results[0], length, [&](const Coordinates &at) {
    return cast(type, (src.at(at) > threshold) == (targets.at(at) > half));
  });
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &row) mutable {
    return right(reversed(row)) / make_const(type, length);
  };
  return {result};
}

}  // namespace nncc::schedule
