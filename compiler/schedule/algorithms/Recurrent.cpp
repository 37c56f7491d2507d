// lstm, gru, simple_rnn and their gradients, one step. The operands are those that
// nn/ops/Recurrent.h lists: what is read, and then the numbers `first`, `last`, the step and the
// largest length.
//
// Where a step is the first, what is read of the one before is not used: no product, and zeros
// for all else. Where lengths are given, samples without this step keep their state.
#include "schedule/algorithms/Recurrent.h"

#include <functional>
#include <map>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Math.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::select;
using Halide::Var;

static Expr constant(const Expr &like, double value) {
  return Halide::Internal::make_const(like.type(), value);
}

namespace {

// In the order of recurrentActivations() in nn/ops/Recurrent.cpp.
enum Activation { Linear, Relu, Sigmoid, Tanh, HardSigmoid };

}  // namespace

static Expr activated(int activation, const Expr &x) {
  switch (activation) {
  case Linear:
    return x;
  case Relu:
    return Halide::max(x, constant(x, 0));
  case Sigmoid:
    return sigmoid(x);
  case Tanh:
    return hyperbolicTangent(x);
  case HardSigmoid:
    return Halide::clamp(x * constant(x, 1.0 / 6) + constant(x, 0.5), constant(x, 0), constant(x, 1));
  }
  throw std::runtime_error("a recurrence with an activation that it cannot have");
}

// What the gradient of an activation's value y is multiplied by.
static Expr slope(int activation, const Expr &y) {
  Expr one = constant(y, 1), zero = constant(y, 0);
  switch (activation) {
  case Linear:
    return one;
  case Relu:
    return select(y > 0, one, zero);
  case Sigmoid:
    return y * (one - y);
  case Tanh:
    return one - y * y;
  case HardSigmoid:
    return select(y > 0 && y < 1, constant(y, 1.0 / 6), zero);
  }
  throw std::runtime_error("a recurrence with an activation that it cannot have");
}

namespace {

// The operands by their names, and what all recurrences do alike.
class Recurrent {
public:
  Recurrent(Graph &graph, const Node &node, int numbers)
      : graph(graph), node(node), operands(graph.operandsOf(node)) {
    const TensorType &state = node.results.at(0);
    require(state.shape.size() == 2);
    step.samples = static_cast<int>(state.shape[0]);
    step.units = static_cast<int>(state.shape[1]);
    for (const TensorType &result : node.results)
      require(result.shape == state.shape);
    type = halideType(state.element);
    hasLengths = number(node, "lengths") != 0;
    numbers += 2 * hasLengths;
    require(static_cast<int>(operands.size()) > numbers);
    for (int i = 0; i < numbers; ++i) {
      numberList.insert(numberList.begin(), operands.back().at({}));
      operands.pop_back();
    }
    activation = integers(node, "activation", 1)[0];
    recurrentActivation = node.attributes.count("recurrent_activation")
                              ? integers(node, "recurrent_activation", 1)[0]
                              : Sigmoid;
  }

  void require(bool holds) const {
    if (!holds)
      throw std::runtime_error(node.op + ": operands and results do not fit");
  }

  Value take(int columns, bool ofSamples = true) {
    require(next < operands.size());
    Value value = operands[next++];
    require(value.type.shape == (ofSamples ? std::vector<int64_t>{step.samples, columns}
                                           : std::vector<int64_t>{columns}));
    return value;
  }
  Value takeState() { return take(step.units); }
  // An operand that is there if the attribute says so.
  Value takeIf(const char *attribute, int columns, bool ofSamples = true) {
    return number(node, attribute) != 0 ? take(columns, ofSamples) : Value();
  }
  Value takeWeights(int rows, int columns) {
    require(next < operands.size());
    Value value = operands[next++];
    require(value.type.shape == std::vector<int64_t>{rows, columns});
    return value;
  }
  void takeLengths() {
    if (!hasLengths)
      return;
    require(next < operands.size());
    Value lengths = operands[next++];
    require(lengths.type.shape == std::vector<int64_t>{step.samples});
    at = numberList[numberList.size() - 2];
    longest = numberList.back();
    // Kept in the tile: what is computed of it may not be asked for before there is a sample.
    Var n("n");
    Func isPresent("present");
    isPresent(n) = Halide::cast<uint8_t>(at < lengths.at({n}));
    step.rows.push_back(isPresent);
    present = [isPresent](const Expr &n) -> Expr {
      Func called = isPresent;
      return called(n) != 0;
    };
  }
  void done() const { require(next == operands.size()); }

  Expr first() const { return numberList.at(0) != 0; }
  Expr last() const { return numberList.at(1) != 0; }

  // The product of `source` [n, depth] with weights [depth, gates * units], added to `start`. The
  // source may be the state of a step that some sample has, or of the one after it.
  void product(int gates, Value source, const Value &weights, const Value &mask,
               const std::function<Expr(const Expr &unit, const Expr &gate, const Expr &n)> &start,
               bool after) {
    step.gates = gates;
    step.depth = static_cast<int>(weights.type.shape[0]);
    step.sumType = {node.results[0].element, {step.samples, gates, step.units}, node.results[0].sliced == 0 ? 0 : -1};
    if (mask.at) {
      Value state = source;
      source.stored = Func();
      source.at = [=](const Coordinates &at) { return state.at(at) * mask.at(at); };
      Func masked = funcOf(source, "masked");
      graph.addReduction(masked, {node.results[0].element, {step.samples, step.depth}, step.sumType.sliced});
      source = valueOf(masked, source.type);
    }
    Expr none = first();
    if (hasLengths)
      none = none || (after ? longest < at : longest <= at);
    Var unit("unit"), gate("gate"), n("n");
    step.sum = Func(node.op + "_sum");
    step.terms = RDom(0, select(none, 0, step.depth), "k");
    step.sum(unit, gate, n) = start(unit, gate, n);
    step.sum(unit, gate, n) += weights.at({step.terms, unit + gate * step.units}) * source.at({n, step.terms});
    graph.addReduction(step.sum, step.sumType);
  }
  Expr sumAt(const Expr &unit, int gate, const Expr &n) { return step.sum(unit, gate, n); }

  // A value that several results share.
  std::function<Expr(const Expr &, const Expr &)>
  stage(const char *name, const std::function<Expr(const Expr &unit, const Expr &n)> &value) {
    Var unit("unit"), n("n");
    Func func(name);
    // Rounded alike in tiles of any size.
    func(unit, n) = Halide::strict_float(value(unit, n));
    step.stages.push_back(func);
    return [func](const Expr &unit, const Expr &n) -> Expr {
      Func called = func;
      return called(unit, n);
    };
  }

  void result(const std::function<Expr(const Expr &unit, const Expr &n)> &value) {
    Value result;
    require(step.results.size() < node.results.size());
    result.type = node.results[step.results.size()];
    result.at = [=](const Coordinates &at) { return Halide::strict_float(value(at[1], at[0])); };
    step.results.push_back(result);
  }

  Expr zero() const { return Halide::Internal::make_zero(type); }
  // What stood before, or zero.
  Expr before(const Value &value, const Expr &unit, const Expr &n) const {
    return select(first(), zero(), value.at({n, unit}));
  }
  // `there` of samples that have the step, else `kept`.
  Expr masked(const Expr &there, const Expr &kept, const Expr &n) const {
    return hasLengths ? select(present(n), there, kept) : there;
  }

  // Zero of samples that do not have the step: what is stored depends on no other sample.
  std::function<Expr(const Expr &, const Expr &)> orZero(const std::function<Expr(const Expr &, const Expr &)> &value) const {
    return [r = *this, value](const Expr &unit, const Expr &n) { return r.masked(value(unit, n), r.zero(), n); };
  }

  Graph &graph;
  const Node &node;
  RecurrentStep step;
  Halide::Type type;
  bool hasLengths;
  int activation, recurrentActivation;

private:
  std::vector<Value> operands;
  std::vector<Expr> numberList;
  size_t next = 0;
  std::function<Expr(const Expr &)> present;
  Expr at, longest;  // the step's number; the largest length of the slice
};

using At = std::function<Expr(const Expr &unit, const Expr &n)>;

}  // namespace

static RecurrentStep lstm(Graph &graph, const Node &node) {
  Recurrent r(graph, node, 1);
  int units = r.step.units;
  Value gates = r.take(4 * units), weights = r.takeWeights(units, 4 * units);
  Value hiddenBefore = r.takeState(), cellsBefore = r.takeState(), mask = r.takeIf("mask", units);
  r.takeLengths();
  r.done();
  r.product(4, hiddenBefore, weights, mask,
            [=](const Expr &unit, const Expr &gate, const Expr &n) { return gates.at({n, unit + gate * units}); }, false);
  auto gate = [&](const char *name, int number, int activation) {
    return r.stage(name, [&, number, activation](const Expr &unit, const Expr &n) {
      return activated(activation, r.sumAt(unit, number, n));
    });
  };
  At i = gate("input_gate", 0, r.recurrentActivation), f = gate("forget_gate", 1, r.recurrentActivation);
  At g = gate("candidate", 2, r.activation), o = gate("output_gate", 3, r.recurrentActivation);
  At cell = r.stage("cell", [&](const Expr &unit, const Expr &n) {
    Expr before = r.before(cellsBefore, unit, n);
    return r.masked(f(unit, n) * before + i(unit, n) * g(unit, n), before, n);
  });
  r.result([=](const Expr &unit, const Expr &n) {
    return r.masked(o(unit, n) * activated(r.activation, cell(unit, n)), r.before(hiddenBefore, unit, n), n);
  });
  r.result(cell);
  for (const At &value : {i, f, g, o})
    r.result(r.orZero(value));
  return r.step;
}

static RecurrentStep lstmBwd(Graph &graph, const Node &node) {
  Recurrent r(graph, node, 2);
  int units = r.step.units;
  Value weights = r.takeWeights(4 * units, units), activations = r.take(4 * units);
  Value cells = r.takeState(), cellsBefore = r.takeState(), diffGates = r.take(4 * units), diffCell = r.takeState();
  Value diffHidden = r.takeIf("diff_hidden", units), diffCells = r.takeIf("diff_cells", units);
  Value mask = r.takeIf("mask", units);
  r.takeLengths();
  Value diffState = r.hasLengths ? r.takeState() : Value();
  r.done();
  r.product(1, diffGates, weights, Value(), [&](const Expr &, const Expr &, const Expr &) { return r.zero(); }, true);
  auto gate = [=](int number) {
    return [=](const Expr &unit, const Expr &n) { return activations.at({n, unit + number * units}); };
  };
  At i = gate(0), f = gate(1), g = gate(2), o = gate(3);
  At hidden = r.stage("diff_hidden", [&](const Expr &unit, const Expr &n) {
    Expr sum = r.sumAt(unit, 0, n);
    if (mask.at)
      sum = sum * mask.at({n, unit});
    if (diffHidden.at)
      sum = sum + diffHidden.at({n, unit});
    return diffState.at ? sum + r.before(diffState, unit, n) : sum;
  });
  At squashed = r.stage("squashed", [&](const Expr &unit, const Expr &n) {
    return activated(r.activation, cells.at({n, unit}));
  });
  // What reaches the cell state: from outside and the step that came behind, and from the hidden state.
  At passed = [=](const Expr &unit, const Expr &n) {
    Expr passed = r.before(diffCell, unit, n);
    return diffCells.at ? passed + diffCells.at({n, unit}) : passed;
  };
  At cell = r.stage("diff_cell", [&](const Expr &unit, const Expr &n) {
    return passed(unit, n) + hidden(unit, n) * o(unit, n) * slope(r.activation, squashed(unit, n));
  });
  auto ofGate = [&](int activation, const At &value, const At &gradient) {
    r.result([=](const Expr &unit, const Expr &n) {
      return r.masked(gradient(unit, n) * slope(activation, value(unit, n)), r.zero(), n);
    });
  };
  ofGate(r.recurrentActivation, i, [=](const Expr &unit, const Expr &n) { return cell(unit, n) * g(unit, n); });
  ofGate(r.recurrentActivation, f, [=](const Expr &unit, const Expr &n) {
    return cell(unit, n) * select(r.last(), r.zero(), cellsBefore.at({n, unit}));
  });
  ofGate(r.activation, g, [=](const Expr &unit, const Expr &n) { return cell(unit, n) * i(unit, n); });
  ofGate(r.recurrentActivation, o, [=](const Expr &unit, const Expr &n) { return hidden(unit, n) * squashed(unit, n); });
  r.result([=](const Expr &unit, const Expr &n) { return r.masked(cell(unit, n) * f(unit, n), passed(unit, n), n); });
  r.result([=](const Expr &unit, const Expr &n) { return r.masked(r.zero(), hidden(unit, n), n); });
  return r.step;
}

static RecurrentStep gru(Graph &graph, const Node &node) {
  Recurrent r(graph, node, 1);
  int units = r.step.units;
  Value gates = r.take(3 * units), weights = r.takeWeights(units, 3 * units), hiddenBefore = r.takeState();
  Value bias = r.takeIf("bias", 3 * units, /*ofSamples=*/false), mask = r.takeIf("mask", units);
  r.takeLengths();
  r.done();
  r.product(3, hiddenBefore, weights, mask,
            [=](const Expr &unit, const Expr &gate, const Expr &) {
              return bias.at ? bias.at({unit + gate * units}) : r.zero();
            },
            false);
  auto gateAt = [=](const Expr &unit, int number, const Expr &n) { return gates.at({n, unit + number * units}); };
  auto gate = [&](const char *name, int number) {
    return r.stage(name, [&, number](const Expr &unit, const Expr &n) {
      return activated(r.recurrentActivation, gateAt(unit, number, n) + r.sumAt(unit, number, n));
    });
  };
  At z = gate("update_gate", 0), reset = gate("reset_gate", 1);
  At sum = [sums = r.step.sum](const Expr &unit, const Expr &n) -> Expr {
    Func called = sums;
    return called(unit, 2, n);
  };
  At candidate = r.stage("candidate", [&](const Expr &unit, const Expr &n) {
    return activated(r.activation, gateAt(unit, 2, n) + reset(unit, n) * sum(unit, n));
  });
  r.result([=](const Expr &unit, const Expr &n) {
    Expr before = r.before(hiddenBefore, unit, n), kept = z(unit, n);
    return r.masked(kept * before + (constant(kept, 1) - kept) * candidate(unit, n), before, n);
  });
  for (const At &value : {z, reset, candidate, sum})
    r.result(r.orZero(value));
  return r.step;
}

static RecurrentStep gruBwd(Graph &graph, const Node &node) {
  Recurrent r(graph, node, 2);
  int units = r.step.units;
  Value weights = r.takeWeights(3 * units, units), activations = r.take(4 * units), hiddenBefore = r.takeState();
  Value diffHidden = r.takeState(), diffSums = r.take(3 * units), diffState = r.takeState();
  Value mask = r.takeIf("mask", units);
  r.takeLengths();
  r.done();
  r.product(1, diffSums, weights, Value(), [&](const Expr &, const Expr &, const Expr &) { return r.zero(); }, true);
  auto saved = [=](int number) {
    return [=](const Expr &unit, const Expr &n) { return activations.at({n, unit + number * units}); };
  };
  At z = saved(0), reset = saved(1), candidate = saved(2), sum = saved(3);
  At hidden = r.stage("diff_hidden", [&](const Expr &unit, const Expr &n) {
    Expr product = r.sumAt(unit, 0, n);
    if (mask.at)
      product = product * mask.at({n, unit});
    return product + diffHidden.at({n, unit}) + r.before(diffState, unit, n);
  });
  auto stage = [&](const char *name, const At &value) {
    return r.stage(name, [&](const Expr &unit, const Expr &n) { return r.masked(value(unit, n), r.zero(), n); });
  };
  At ofCandidate = stage("diff_candidate", [&](const Expr &unit, const Expr &n) {
    Expr kept = z(unit, n);
    return hidden(unit, n) * (constant(kept, 1) - kept) * slope(r.activation, candidate(unit, n));
  });
  At ofUpdate = stage("diff_update", [&](const Expr &unit, const Expr &n) {
    Expr before = select(r.last(), r.zero(), hiddenBefore.at({n, unit}));
    return hidden(unit, n) * (before - candidate(unit, n)) * slope(r.recurrentActivation, z(unit, n));
  });
  At ofReset = stage("diff_reset", [&](const Expr &unit, const Expr &n) {
    return ofCandidate(unit, n) * sum(unit, n) * slope(r.recurrentActivation, reset(unit, n));
  });
  for (const At &value : {ofUpdate, ofReset, ofCandidate, ofUpdate, ofReset})
    r.result(value);
  r.result([=](const Expr &unit, const Expr &n) { return ofCandidate(unit, n) * reset(unit, n); });
  r.result([=](const Expr &unit, const Expr &n) {
    return r.masked(hidden(unit, n) * z(unit, n), hidden(unit, n), n);
  });
  return r.step;
}

static RecurrentStep simpleRnn(Graph &graph, const Node &node) {
  Recurrent r(graph, node, 1);
  int units = r.step.units;
  Value gates = r.takeState(), weights = r.takeWeights(units, units), hiddenBefore = r.takeState();
  Value mask = r.takeIf("mask", units);
  r.takeLengths();
  r.done();
  r.product(1, hiddenBefore, weights, mask,
            [=](const Expr &unit, const Expr &, const Expr &n) { return gates.at({n, unit}); }, false);
  At sum = [sums = r.step.sum](const Expr &unit, const Expr &n) -> Expr {
    Func called = sums;
    return called(unit, 0, n);
  };
  r.result([=](const Expr &unit, const Expr &n) {
    return r.masked(activated(r.activation, sum(unit, n)), r.before(hiddenBefore, unit, n), n);
  });
  return r.step;
}

static RecurrentStep simpleRnnBwd(Graph &graph, const Node &node) {
  Recurrent r(graph, node, 1);
  int units = r.step.units;
  Value weights = r.takeWeights(units, units), value = r.takeState(), diffHidden = r.takeState();
  Value diffGates = r.takeState(), mask = r.takeIf("mask", units);
  r.takeLengths();
  Value diffState = r.hasLengths ? r.takeState() : Value();
  r.done();
  r.product(1, diffGates, weights, Value(), [&](const Expr &, const Expr &, const Expr &) { return r.zero(); }, true);
  At hidden = r.stage("diff_hidden", [&](const Expr &unit, const Expr &n) {
    Expr product = r.sumAt(unit, 0, n);
    if (mask.at)
      product = product * mask.at({n, unit});
    Expr sum = product + diffHidden.at({n, unit});
    return diffState.at ? sum + r.before(diffState, unit, n) : sum;
  });
  r.result([=](const Expr &unit, const Expr &n) {
    return r.masked(hidden(unit, n) * slope(r.activation, value.at({n, unit})), r.zero(), n);
  });
  r.result([=](const Expr &unit, const Expr &n) { return r.masked(r.zero(), hidden(unit, n), n); });
  return r.step;
}

static const std::map<std::string, RecurrentStep (*)(Graph &, const Node &)> &steps() {
  static const std::map<std::string, RecurrentStep (*)(Graph &, const Node &)> table = {
      {"lstm", lstm},       {"lstm_bwd", lstmBwd},     {"gru", gru},
      {"gru_bwd", gruBwd}, {"simple_rnn", simpleRnn}, {"simple_rnn_bwd", simpleRnnBwd}};
  return table;
}

bool isRecurrentStep(const std::string &op) { return steps().count(op) > 0; }

RecurrentStep makeRecurrentStep(Graph &graph, const Node &node) { return steps().at(node.op)(graph, node); }

std::vector<Value> buildRecurrentStep(Graph &graph, const Node &node) {
  return makeRecurrentStep(graph, node).results;
}

// The product's.
double flopsOfRecurrentStep(const KernelSpec &spec, const Node &node) {
  bool backwards = node.op.find("_bwd") != std::string::npos;
  return 2.0 * spec.typeOf(node.operands.at(backwards ? 0 : 1)).elements() * node.results.at(0).shape.at(0);
}

std::vector<Value> buildReverseSteps(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value src = graph.operandsOf(node)[0], result;
  expectSameShape(node, src);
  result.type = node.results[0];
  if (result.type.shape.size() != 3)
    throw std::runtime_error("reverse_steps: expected src [N,T,F]");
  int last = static_cast<int>(result.type.shape[1]) - 1;
  result.at = [=](const Coordinates &at) { return src.at({at[0], last - at[1], at[2]}); };
  return {result};
}

// Each step of a sequence times what its sample has.
std::vector<Value> buildScaleSteps(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  expectSameShape(node, operands[0]);
  Value src = operands[0], scale = operands[1], result;
  result.type = node.results[0];
  const std::vector<int64_t> &shape = result.type.shape;
  if (shape.size() != 3 || scale.type.shape != std::vector<int64_t>{shape[0], shape[2]})
    throw std::runtime_error("scale_steps: expected src [N,T,F] and scale [N,F]");
  result.at = [=](const Coordinates &at) { return src.at(at) * scale.at({at[0], at[2]}); };
  return {result};
}

}  // namespace nncc::schedule
