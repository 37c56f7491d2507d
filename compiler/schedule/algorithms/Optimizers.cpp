// Parameter updates: pointwise, with scalars that are computed once a kernel.
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::Expr;
using Halide::Func;

// Adam as Keras has it: the bias corrections are folded into the step size, computed in f64.
std::vector<Value> buildAdamUpdate(Graph &graph, const Node &node) {
  expectCounts(node, 6, 6, 3);
  std::vector<Value> operands = graph.operandsOf(node);
  Value param = operands[0], grad = operands[1], m = operands[2], v = operands[3];
  Value learningRate = operands[4], iteration = operands[5];
  for (int i = 0; i < 4; ++i)
    if (operands[i].type.shape != node.results[0].shape)
      throw std::runtime_error("adam_update: expected param, grad, m and v of one shape");
  double beta1 = number(node, "beta_1"), beta2 = number(node, "beta_2");
  Halide::Type type = halideType(node.results[0].element);
  auto constant = [&](double value) { return Halide::Internal::make_const(type, value); };
  Expr rest1 = constant(1 - beta1), rest2 = constant(1 - beta2), epsilon = constant(number(node, "epsilon"));

  std::string key = "adam_step";
  for (int i : {4, 5})
    key += (node.operands[i].argument ? ".a" : ".n") + std::to_string(node.operands[i].node);
  Func step = graph.shared(key + "." + std::to_string(beta1) + "." + std::to_string(beta2), [&] {
    Func func("adam_step");
    Expr t = cast<double>(iteration.at({}));
    func() = cast(type, cast<double>(learningRate.at({})) *
                            Halide::sqrt(1 - Halide::pow(Expr(beta2), t)) /
                            (1 - Halide::pow(Expr(beta1), t)));
    TensorType scalar;
    scalar.element = node.results[0].element;
    graph.addReduction(func, scalar);
    return func;
  });

  auto newM = [=](const Coordinates &at) {
    Expr old = m.at(at);
    return old + (grad.at(at) - old) * rest1;
  };
  auto newV = [=](const Coordinates &at) {
    Expr old = v.at(at), g = grad.at(at);
    return old + (g * g - old) * rest2;
  };
  auto newParam = [=](const Coordinates &at) mutable {
    return param.at(at) - newM(at) * step() / (Halide::sqrt(newV(at)) + epsilon);
  };
  std::vector<Value> results(3);
  for (int i = 0; i < 3; ++i)
    results[i].type = node.results[i];
  results[0].at = newParam;
  results[1].at = newM;
  results[2].at = newV;
  return results;
}

}  // namespace nncc::schedule
