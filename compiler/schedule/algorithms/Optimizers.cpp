// Parameter updates: pointwise, with scalars that are computed once a kernel.
#include <functional>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::Expr;
using Halide::Func;

namespace {

// The element type of an update, in which all but its scalars is computed.
struct Arithmetic {
  Halide::Type type;
  Expr constant(double value) const { return Halide::Internal::make_const(type, value); }
};

}  // namespace

static Arithmetic arithmeticOf(const Node &node) { return {halideType(node.results[0].element)}; }

// The first `count` operands must have the shape of the results.
static void expectOneShape(const Node &node, const std::vector<Value> &operands, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (operands[i].type.shape != node.results[0].shape)
      throw std::runtime_error(node.op + ": expected a parameter, gradient and slots of one shape");
}

static std::vector<Value> resultsOf(const Node &node,
                                    std::vector<std::function<Expr(const Coordinates &)>> at) {
  std::vector<Value> results(at.size());
  for (size_t i = 0; i < at.size(); ++i) {
    results[i].type = node.results[i];
    results[i].at = std::move(at[i]);
  }
  return results;
}

static std::string keyOf(ValueRef ref) {
  return (ref.argument ? ".a" : ".n") + std::to_string(ref.node);
}

// Adam's step size with the bias corrections folded in, computed in f64 once a kernel.
static Func adamStep(Graph &graph, const Node &node, size_t rate, size_t iteration) {
  double beta1 = number(node, "beta_1"), beta2 = number(node, "beta_2");
  Value learningRate = graph.value(node.operands[rate]), t = graph.value(node.operands[iteration]);
  std::string key = "adam_step" + keyOf(node.operands[rate]) + keyOf(node.operands[iteration]);
  return graph.shared(key + "." + std::to_string(beta1) + "." + std::to_string(beta2), [&] {
    Func func("adam_step");
    Expr steps = cast<double>(t.at({}));
    func() = cast(arithmeticOf(node).type, cast<double>(learningRate.at({})) *
                                               Halide::sqrt(1 - Halide::pow(Expr(beta2), steps)) /
                                               (1 - Halide::pow(Expr(beta1), steps)));
    TensorType scalar;
    scalar.element = node.results[0].element;
    graph.addReduction(func, scalar);
    return func;
  });
}

// Adam and AdamW as Keras has them. Operands: parameter, gradient, m, v, learning rate, iteration.
static std::vector<Value> buildAdam(Graph &graph, const Node &node, double weightDecay) {
  expectCounts(node, 6, 6, 3);
  std::vector<Value> operands = graph.operandsOf(node);
  expectOneShape(node, operands, 4);
  Value param = operands[0], grad = operands[1], m = operands[2], v = operands[3], rate = operands[4];
  Arithmetic a = arithmeticOf(node);
  Expr rest1 = a.constant(1 - number(node, "beta_1")), rest2 = a.constant(1 - number(node, "beta_2"));
  Expr epsilon = a.constant(number(node, "epsilon"));
  Func step = adamStep(graph, node, 4, 5);

  auto newM = [=](const Coordinates &at) {
    Expr old = m.at(at);
    return old + (grad.at(at) - old) * rest1;
  };
  auto newV = [=](const Coordinates &at) {
    Expr old = v.at(at), g = grad.at(at);
    return old + (g * g - old) * rest2;
  };
  auto newParam = [=](const Coordinates &at) mutable {
    Expr old = param.at(at);
    if (weightDecay != 0) old = old - old * a.constant(weightDecay) * cast(a.type, rate.at({}));
    return old - newM(at) * step() / (Halide::sqrt(newV(at)) + epsilon);
  };
  return resultsOf(node, {newParam, newM, newV});
}

std::vector<Value> buildAdamUpdate(Graph &graph, const Node &node) { return buildAdam(graph, node, 0); }

std::vector<Value> buildAdamwUpdate(Graph &graph, const Node &node) {
  return buildAdam(graph, node, number(node, "weight_decay"));
}

// Operands: parameter, gradient, the momentum if there is one, learning rate.
std::vector<Value> buildSgdUpdate(Graph &graph, const Node &node) {
  double momentum = number(node, "momentum");
  size_t slots = momentum != 0;
  expectCounts(node, 3 + slots, 3 + slots, 1 + slots);
  std::vector<Value> operands = graph.operandsOf(node);
  expectOneShape(node, operands, 2 + slots);
  Value param = operands[0], grad = operands[1], rate = operands[2 + slots];
  Arithmetic a = arithmeticOf(node);
  auto step = [=](const Coordinates &at) { return grad.at(at) * cast(a.type, rate.at({})); };
  if (slots == 0)
    return resultsOf(node, {[=](const Coordinates &at) { return param.at(at) - step(at); }});
  Value m = operands[2];
  auto newM = [=](const Coordinates &at) { return m.at(at) * a.constant(momentum) - step(at); };
  bool nesterov = number(node, "nesterov") != 0;
  auto newParam = [=](const Coordinates &at) {
    Expr moved = newM(at);
    return param.at(at) + (nesterov ? moved * a.constant(momentum) - step(at) : moved);
  };
  return resultsOf(node, {newParam, newM});
}

// Operands: parameter, gradient, velocity, the momentum and the average gradient where there
// are such, learning rate.
std::vector<Value> buildRmspropUpdate(Graph &graph, const Node &node) {
  double momentum = number(node, "momentum");
  bool moves = momentum != 0, centered = number(node, "centered") != 0;
  size_t slots = 1 + moves + centered;
  expectCounts(node, 3 + slots, 3 + slots, 1 + slots);
  std::vector<Value> operands = graph.operandsOf(node);
  expectOneShape(node, operands, 2 + slots);
  Value param = operands[0], grad = operands[1], v = operands[2], rate = operands[2 + slots];
  Arithmetic a = arithmeticOf(node);
  Expr rho = a.constant(number(node, "rho")), rest = a.constant(1 - number(node, "rho"));
  Expr epsilon = a.constant(number(node, "epsilon"));

  auto newV = [=](const Coordinates &at) {
    Expr g = grad.at(at);
    return rho * v.at(at) + rest * (g * g);
  };
  Value mean = operands[1 + slots];
  auto newMean = [=](const Coordinates &at) { return rho * mean.at(at) + rest * grad.at(at); };
  auto increment = [=](const Coordinates &at) {
    Expr square = newV(at);
    if (centered) {
      Expr average = newMean(at);
      square = square - average * average;
    }
    return cast(a.type, rate.at({})) * grad.at(at) / Halide::sqrt(square + epsilon);
  };
  Value old = operands[3];
  auto newMomentum = [=](const Coordinates &at) {
    return a.constant(momentum) * old.at(at) + increment(at);
  };
  std::vector<std::function<Expr(const Coordinates &)>> results = {
      [=](const Coordinates &at) {
        return param.at(at) - (moves ? newMomentum(at) : increment(at));
      },
      newV};
  if (moves) results.push_back(newMomentum);
  if (centered) results.push_back(newMean);
  return resultsOf(node, std::move(results));
}

// Operands: parameter, gradient, accumulator, learning rate.
std::vector<Value> buildAdagradUpdate(Graph &graph, const Node &node) {
  expectCounts(node, 4, 4, 2);
  std::vector<Value> operands = graph.operandsOf(node);
  expectOneShape(node, operands, 3);
  Value param = operands[0], grad = operands[1], sum = operands[2], rate = operands[3];
  Arithmetic a = arithmeticOf(node);
  Expr epsilon = a.constant(number(node, "epsilon"));
  auto newSum = [=](const Coordinates &at) {
    Expr g = grad.at(at);
    return sum.at(at) + g * g;
  };
  auto newParam = [=](const Coordinates &at) {
    return param.at(at) -
           cast(a.type, rate.at({})) * grad.at(at) / Halide::sqrt(newSum(at) + epsilon);
  };
  return resultsOf(node, {newParam, newSum});
}

// Operands: parameter, average, iteration.
std::vector<Value> buildEmaUpdate(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  expectOneShape(node, operands, 2);
  Value param = operands[0], average = operands[1], iteration = operands[2];
  Arithmetic a = arithmeticOf(node);
  double decay = number(node, "decay");
  return resultsOf(node, {[=](const Coordinates &at) {
    Expr value = param.at(at);
    Expr mean = a.constant(decay) * average.at(at) + a.constant(1 - decay) * value;
    return Halide::select(iteration.at({}) == Halide::Internal::make_one(Halide::Int(64)), value, mean);
  }});
}

}  // namespace nncc::schedule
