// One step of lstm, gru and simple_rnn and of their gradients, sample by sample and unit by unit.
// Operands are found by their names: which of them are there depends on the attributes.
#include <map>

#include "reference/Op.h"

namespace nncc::ops {

namespace {

using Names = std::vector<std::string>;

bool has(const Attributes &attributes, const char *name) { return numberOf(attributes, name) != 0; }

Names with(Names names, const Attributes &attributes, const Names &optional, const Names &scalars) {
  for (const std::string &name : optional)
    if (has(attributes, name.c_str()))
      names.push_back(name);
  if (has(attributes, "lengths"))
    names.push_back("lengths");
  names.insert(names.end(), scalars.begin(), scalars.end());
  if (has(attributes, "lengths"))
    names.insert(names.end(), {"step", "longest"});
  return names;
}

Names lstmNames(const Attributes &a) {
  return with({"gates", "weights", "hidden_before", "cells_before"}, a, {"mask"}, {"first"});
}
Names gruNames(const Attributes &a) {
  return with({"gates", "weights", "hidden_before"}, a, {"bias", "mask"}, {"first"});
}
Names simpleRnnNames(const Attributes &a) {
  return with({"gates", "weights", "hidden_before"}, a, {"mask"}, {"first"});
}

// With lengths the state's gradient comes behind them.
Names withState(Names names, const Attributes &attributes) {
  for (size_t i = 0; has(attributes, "lengths") && i < names.size(); i++)
    if (names[i] == "lengths") {
      names.insert(names.begin() + i + 1, "diff_state_after");
      break;
    }
  return names;
}
Names lstmBwdNames(const Attributes &a) {
  return withState(with({"weights", "saved", "cells", "cells_before", "diff_gates_after", "diff_cell_after"}, a,
                        {"diff_hidden", "diff_cells", "mask"}, {"first", "last"}),
                   a);
}
Names gruBwdNames(const Attributes &a) {
  return with({"weights", "saved", "hidden_before", "diff_hidden", "diff_sums_after", "diff_state_after"}, a,
              {"mask"}, {"first", "last"});
}
Names simpleRnnBwdNames(const Attributes &a) {
  return withState(with({"weights", "saved", "diff_hidden", "diff_gates_after"}, a, {"mask"}, {"first"}), a);
}

Number along(Number a, double value, double slope) {
  return {value, std::abs(value) + std::abs(slope) * a.magnitude};
}

// linear, relu, sigmoid, tanh, hard_sigmoid
Number activated(double which, Number x) {
  const double s = 1 / (1 + std::exp(-x.value)), t = std::tanh(x.value);
  switch (int(which)) {
  case 0:
    return x;
  case 1:
    return x.value > 0 ? x : Number(0, x.magnitude);
  case 2:
    return along(x, s, s * (1 - s));
  case 3:
    return along(x, t, 1 - t * t);
  default:
    return along(x, std::fmin(1, std::fmax(0, x.value / 6 + 0.5)), 1.0 / 6);
  }
}

Number slope(double which, Number y) {
  switch (int(which)) {
  case 0:
    return 1;
  case 1:
    return y.value > 0 ? 1 : 0;
  case 2:
    return y * (Number(1) - y);
  case 3:
    return Number(1) - y * y;
  default:
    return y.value > 0 && y.value < 1 ? 1.0 / 6 : 0;
  }
}

struct Step {
  const Attributes &attributes;
  std::map<std::string, const Tensor *> operands;
  const Tensor &state;  // of the shape [n, units]
  Tensors &results;
  double activation, recurrent;
  size_t written = 0;

  Step(const Attributes &attributes, const Names &names, const Tensors &list, Tensors &results)
      : attributes(attributes), state(results.at(0)), results(results),
        activation(numberOf(attributes, "activation")),
        recurrent(numberOr(attributes, "recurrent_activation", 2)) {
    require(names.size() == list.size(), "another number of operands expected");
    for (size_t i = 0; i < names.size(); i++)
      operands[names[i]] = &list[i];
  }

  int64_t samples() const { return state.shape[0]; }
  int64_t units() const { return state.shape[1]; }
  bool there(const char *name) const { return operands.count(name) > 0; }
  const Tensor &of(const char *name) const { return *operands.at(name); }
  bool flag(const char *name) const { return of(name)().value != 0; }
  bool present(int64_t n) const { return !there("lengths") || of("step")().value < of("lengths")(n).value; }
  // Of the step before, the first of which is nothing.
  Number before(const char *name, int64_t n, int64_t u) const { return flag("first") ? Number(0) : of(name)(n, u); }
  Number maskAt(int64_t n, int64_t u) const { return there("mask") ? of("mask")(n, u) : Number(1); }

  // The product of the state before with the recurrent weights.
  Number product(int64_t n, int64_t column) const {
    Number sum;
    for (int64_t k = 0; k < units(); k++)
      sum += before("hidden_before", n, k) * maskAt(n, k) * of("weights")(k, column);
    return sum;
  }
  // The gradient of the state from that of the sums behind it.
  Number productBwd(const char *sums, int64_t n, int64_t u) const {
    Number sum;
    for (int64_t k = 0; k < of("weights").shape[0]; k++)
      sum += before(sums, n, k) * of("weights")(k, u);
    return sum * maskAt(n, u);
  }
  void put(int64_t n, int64_t u, const std::vector<Number> &values) {
    require(values.size() == results.size(), "another number of results expected");
    for (size_t r = 0; r < values.size(); r++)
      results[r](n, u) = values[r];
  }
};

void lstm(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  Step s(attributes, lstmNames(attributes), operands, results);
  const int64_t U = s.units();
  for (int64_t n = 0; n < s.samples(); n++)
    for (int64_t u = 0; u < U; u++) {
      if (!s.present(n)) {
        s.put(n, u, {s.before("hidden_before", n, u), s.before("cells_before", n, u), 0, 0, 0, 0});
        continue;
      }
      Number gate[4];
      for (int64_t g = 0; g < 4; g++)
        gate[g] = activated(g == 2 ? s.activation : s.recurrent, s.of("gates")(n, g * U + u) + s.product(n, g * U + u));
      Number cell = gate[1] * s.before("cells_before", n, u) + gate[0] * gate[2];
      s.put(n, u, {gate[3] * activated(s.activation, cell), cell, gate[0], gate[1], gate[2], gate[3]});
    }
}

void lstmBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  Step s(attributes, lstmBwdNames(attributes), operands, results);
  const int64_t U = s.units();
  for (int64_t n = 0; n < s.samples(); n++)
    for (int64_t u = 0; u < U; u++) {
      Number hidden = s.productBwd("diff_gates_after", n, u), outside = s.before("diff_cell_after", n, u);
      if (s.there("diff_hidden"))
        hidden += s.of("diff_hidden")(n, u);
      if (s.there("diff_cells"))
        outside += s.of("diff_cells")(n, u);
      if (s.there("diff_state_after"))
        hidden += s.before("diff_state_after", n, u);
      if (!s.present(n)) {
        s.put(n, u, {0, 0, 0, 0, outside, hidden});
        continue;
      }
      const Number i = s.of("saved")(n, u), f = s.of("saved")(n, U + u), g = s.of("saved")(n, 2 * U + u),
                   o = s.of("saved")(n, 3 * U + u);
      const Number squashed = activated(s.activation, s.of("cells")(n, u));
      const Number cellBefore = s.flag("last") ? Number(0) : s.of("cells_before")(n, u);
      const Number cell = outside + hidden * o * slope(s.activation, squashed);
      s.put(n, u,
            {cell * g * slope(s.recurrent, i), cell * cellBefore * slope(s.recurrent, f),
             cell * i * slope(s.activation, g), hidden * squashed * slope(s.recurrent, o), cell * f, 0});
    }
}

void gru(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  Step s(attributes, gruNames(attributes), operands, results);
  const int64_t U = s.units();
  for (int64_t n = 0; n < s.samples(); n++)
    for (int64_t u = 0; u < U; u++) {
      const Number before = s.before("hidden_before", n, u);
      if (!s.present(n)) {
        s.put(n, u, {before, 0, 0, 0, 0});
        continue;
      }
      Number sum[3], x[3];
      for (int64_t g = 0; g < 3; g++) {
        x[g] = s.of("gates")(n, g * U + u);
        sum[g] = s.product(n, g * U + u);
        if (s.there("bias"))
          sum[g] += s.of("bias")(g * U + u);
      }
      const Number z = activated(s.recurrent, x[0] + sum[0]), r = activated(s.recurrent, x[1] + sum[1]);
      const Number c = activated(s.activation, x[2] + r * sum[2]);
      s.put(n, u, {z * before + (Number(1) - z) * c, z, r, c, sum[2]});
    }
}

void gruBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  Step s(attributes, gruBwdNames(attributes), operands, results);
  const int64_t U = s.units();
  for (int64_t n = 0; n < s.samples(); n++)
    for (int64_t u = 0; u < U; u++) {
      const Number hidden = s.of("diff_hidden")(n, u) + s.productBwd("diff_sums_after", n, u) +
                            s.before("diff_state_after", n, u);
      if (!s.present(n)) {
        s.put(n, u, {0, 0, 0, 0, 0, 0, hidden});
        continue;
      }
      const Number z = s.of("saved")(n, u), r = s.of("saved")(n, U + u), c = s.of("saved")(n, 2 * U + u),
                   sum = s.of("saved")(n, 3 * U + u);
      const Number before = s.flag("last") ? Number(0) : s.of("hidden_before")(n, u);
      const Number ofCandidate = hidden * (Number(1) - z) * slope(s.activation, c);
      const Number ofUpdate = hidden * (before - c) * slope(s.recurrent, z);
      const Number ofReset = ofCandidate * sum * slope(s.recurrent, r);
      s.put(n, u, {ofUpdate, ofReset, ofCandidate, ofUpdate, ofReset, ofCandidate * r, hidden * z});
    }
}

void simpleRnn(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  Step s(attributes, simpleRnnNames(attributes), operands, results);
  for (int64_t n = 0; n < s.samples(); n++)
    for (int64_t u = 0; u < s.units(); u++)
      s.put(n, u, {s.present(n) ? activated(s.activation, s.of("gates")(n, u) + s.product(n, u))
                                : s.before("hidden_before", n, u)});
}

void simpleRnnBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  Step s(attributes, simpleRnnBwdNames(attributes), operands, results);
  for (int64_t n = 0; n < s.samples(); n++)
    for (int64_t u = 0; u < s.units(); u++) {
      Number hidden = s.of("diff_hidden")(n, u) + s.productBwd("diff_gates_after", n, u);
      if (s.there("diff_state_after"))
        hidden += s.before("diff_state_after", n, u);
      if (s.present(n))
        s.put(n, u, {hidden * slope(s.activation, s.of("saved")(n, u)), 0});
      else
        s.put(n, u, {0, hidden});
    }
}

void scaleSteps(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &scale = operands[1];
  for (int64_t n = 0; n < src.shape[0]; n++)
    for (int64_t t = 0; t < src.shape[1]; t++)
      for (int64_t f = 0; f < src.shape[2]; f++)
        results[0](n, t, f) = src(n, t, f) * scale(n, f);
}

void reverseSteps(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  for (int64_t n = 0; n < src.shape[0]; n++)
    for (int64_t t = 0; t < src.shape[1]; t++)
      for (int64_t f = 0; f < src.shape[2]; f++)
        results[0](n, t, f) = src(n, src.shape[1] - 1 - t, f);
}

// What random_dropout makes of ones.
void randomMask(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  Tensor ones = results[0];
  for (Number &number : ones.numbers)
    number = 1;
  opNamed("random_dropout").run(attributes, {ones, operands[0], operands[1], operands[2]}, results);
}

}  // namespace

std::vector<Op> recurrentOps() {
  return {{"lstm", {}, {"hidden", "cells", "input_gate", "forget_gate", "candidate", "output_gate"}, lstm, false, lstmNames},
          {"lstm_bwd", {}, {"diff_input_gate", "diff_forget_gate", "diff_candidate", "diff_output_gate", "diff_cell", "diff_state"},
           lstmBwd, false, lstmBwdNames},
          {"gru", {}, {"hidden", "update_gate", "reset_gate", "candidate", "sum"}, gru, false, gruNames},
          {"gru_bwd", {}, {"diff_update", "diff_reset", "diff_candidate", "diff_update_sum", "diff_reset_sum", "diff_candidate_sum", "diff_state"},
           gruBwd, false, gruBwdNames},
          {"simple_rnn", {}, {"hidden"}, simpleRnn, false, simpleRnnNames},
          {"simple_rnn_bwd", {}, {"diff_gates", "diff_state"}, simpleRnnBwd, false, simpleRnnBwdNames},
          {"reverse_steps", {"src"}, {"dst"}, reverseSteps, true},
          {"scale_steps", {"src", "scale"}, {"dst"}, scaleSteps, true},
          {"random_mask", {"sample_ids", "seed", "iteration"}, {"mask"}, randomMask}};
}

}  // namespace nncc::ops
