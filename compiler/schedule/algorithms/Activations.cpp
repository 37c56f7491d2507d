// Activations and their gradients, as tables of what each does with one element.
#include <map>
#include <stdexcept>

#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Math.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::select;

static Expr constant(const Expr &like, double value) {
  return Halide::Internal::make_const(like.type(), value);
}

// An attribute as a number of the element's type.
static Expr constant(const Expr &like, const Node &node, const char *attribute) {
  return constant(like, number(node, attribute));
}

namespace {

// sigmoid(x) = above^2 / whole and sigmoid(-x) = below^2 / whole. The squares of factors that have
// half the exponents: a product with x, which may be large, is taken before they become too small.
struct HalvedSigmoid {
  Expr above, below, whole;

  explicit HalvedSigmoid(const Expr &x) {
    Expr one = constant(x, 1), half = exponential(Halide::abs(x) * constant(x, -0.5));
    above = select(x >= 0, one, half);
    below = select(x >= 0, half, one);
    whole = one + half * half;
  }
};

}  // namespace

// dst from src, or what diff_dst is multiplied by from what the gradient reads: dst or src.
using Function = Expr (*)(const Expr &, const Node &);

static const std::map<std::string, Function> &functions() {
  static const std::map<std::string, Function> table = {
      {"relu", [](const Expr &x, const Node &) { return Halide::max(x, constant(x, 0)); }},
      {"leaky_relu",
       [](const Expr &x, const Node &node) {
         return select(x > 0, x, x * constant(x, node, "negative_slope"));
       }},
      {"elu",
       [](const Expr &x, const Node &node) {
         return select(x > 0, x, exponentialMinus1(x) * constant(x, node, "alpha"));
       }},
      {"gelu", [](const Expr &x, const Node &) { return x * normalAt(x).probability; }},
      {"silu", [](const Expr &x, const Node &) {
         HalvedSigmoid s(x);
         return (x * s.above) * (s.above / s.whole);
       }},
      {"sigmoid", [](const Expr &x, const Node &) { return sigmoid(x); }},
      {"tanh", [](const Expr &x, const Node &) { return hyperbolicTangent(x); }},
      {"softplus",
       [](const Expr &x, const Node &) {
         return Halide::max(x, constant(x, 0)) + logarithmOf1Plus(exponential(-Halide::abs(x)));
       }},
  };
  return table;
}

static const std::map<std::string, Function> &slopes() {
  static const std::map<std::string, Function> table = {
      {"leaky_relu_bwd",
       [](const Expr &dst, const Node &node) {
         return select(dst > 0, constant(dst, 1), constant(dst, node, "negative_slope"));
       }},
      {"elu_bwd",
       [](const Expr &dst, const Node &node) {
         return select(dst > 0, constant(dst, 1), dst + constant(dst, node, "alpha"));
       }},
      {"gelu_bwd",
       [](const Expr &src, const Node &) {
         Normal normal = normalAt(src);
         return normal.probability + src * normal.density;
       }},
      {"silu_bwd",
       [](const Expr &src, const Node &) {
         HalvedSigmoid s(src);
         return (constant(src, 1) + src * (s.below * s.below / s.whole)) * (s.above / s.whole) * s.above;
       }},
      {"sigmoid_bwd",
       [](const Expr &dst, const Node &) { return dst * (constant(dst, 1) - dst); }},
      {"tanh_bwd",
       [](const Expr &dst, const Node &) { return constant(dst, 1) - dst * dst; }},
      {"softplus_bwd", [](const Expr &src, const Node &) { return sigmoid(src); }},
  };
  return table;
}

std::vector<Value> buildActivation(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value source = graph.operandsOf(node)[0];
  expectSameShape(node, source);
  Function function = functions().at(node.op);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) { return function(source.at(at), node); };
  return {result};
}

std::vector<Value> buildActivationBwd(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  expectSameShape(node, operands[0]);
  expectSameShape(node, operands[1]);
  Value saved = operands[0], gradient = operands[1], result;
  result.type = node.results[0];
  // What relu stops stays stopped, were it infinite: a factor of 0 would make it no number.
  if (node.op == "relu_bwd")
    result.at = [=](const Coordinates &at) {
      Expr passed = gradient.at(at);
      return select(saved.at(at) > 0, passed, constant(passed, 0));
    };
  else
    result.at = [=, slope = slopes().at(node.op)](const Coordinates &at) {
      return slope(saved.at(at), node) * gradient.at(at);
    };
  return {result};
}

}  // namespace nncc::schedule
