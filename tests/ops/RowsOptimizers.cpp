// Rows of parameter updates and of what happens to gradients before them.
#include <cmath>

#include "Rows.h"

namespace nncc::ops {

namespace {

constexpr int64_t sizes[] = {1, 16, 10, 650};

Value scalar(Builder &b, ElementType element) { return b.argument({element, {}, -1}); }

// An update of a flat parameter in place: `op` with so many slots.
void update(Builder &b, const std::string &op, int64_t elements, size_t slots, bool iteration,
            Attributes attributes) {
  std::vector<Value> operands = {b.sliced({elements}), b.sliced({elements})};
  for (size_t i = 0; i < slots; i++)
    operands.push_back(b.sliced({elements}));
  operands.push_back(scalar(b, ElementType::F64));
  if (iteration)
    operands.push_back(scalar(b, ElementType::I64));
  const TensorType type = operands[0].type;
  auto updated = b.node(op, operands, std::move(attributes), std::vector<TensorType>(1 + slots, type));
  b.inPlace(updated[0], operands[0]);
  for (size_t i = 0; i < slots; i++)
    b.inPlace(updated[1 + i], operands[2 + i]);
}

void updateRows(std::vector<Row> &table) {
  struct Update {
    const char *op, *variant;
    size_t slots;
    bool iteration;
    Attributes attributes;
    double tolerance = 4;
  };
  const Attributes adamw = {{"beta_1", {0.9}}, {"beta_2", {0.99}}, {"epsilon", {1e-7}}, {"weight_decay", {0.04}}};
  auto sgd = [](double momentum, double nesterov) {
    return Attributes{{"momentum", {momentum}}, {"nesterov", {nesterov}}};
  };
  auto rmsprop = [](double momentum, double centered, double epsilon) {
    return Attributes{{"rho", {0.9}}, {"momentum", {momentum}}, {"epsilon", {epsilon}}, {"centered", {centered}}};
  };
  for (const Update &u : {Update{"adamw_update", "", 2, true, adamw}, Update{"sgd_update", "plain_", 0, false, sgd(0, 0)},
                          Update{"sgd_update", "momentum_", 1, false, sgd(0.9, 0)},
                          Update{"sgd_update", "nesterov_", 1, false, sgd(0.7, 1)},
                          Update{"rmsprop_update", "plain_", 1, false, rmsprop(0, 0, 1e-7)},
                          Update{"rmsprop_update", "momentum_", 2, false, rmsprop(0.9, 0, 1e-7)},
                          // The variance of random slots may be negative: a large epsilon.
                          Update{"rmsprop_update", "centered_", 2, false, rmsprop(0, 1, 2)},
                          Update{"rmsprop_update", "centered_momentum_", 3, false, rmsprop(0.5, 1, 2)},
                          Update{"adagrad_update", "", 1, false, {{"epsilon", {1e-7}}}}})
    for (int64_t elements : sizes)
      table.push_back({u.op, u.variant + std::to_string(elements),
                       [u, elements](Builder &b) { update(b, u.op, elements, u.slots, u.iteration, u.attributes); },
                       u.tolerance});
}

// Updates whose gradient depends on the parameter that they overwrite: every result must see the
// old one.
void regularizedRows(std::vector<Row> &table) {
  auto row = [&](const std::string &op, size_t slots, bool iteration, Attributes attributes) {
    for (int64_t elements : sizes)
      table.push_back({"fused", "regularize_" + op + "_" + std::to_string(elements),
                       [=](Builder &b) {
                         Value param = b.sliced({elements}), raw = b.sliced({elements});
                         Value grad = b.node("regularize", {raw, param}, {{"l1", {0.3}}, {"l2", {5}}}, {raw.type})[0];
                         std::vector<Value> operands = {param, grad};
                         for (size_t i = 0; i < slots; i++)
                           operands.push_back(b.sliced({elements}));
                         operands.push_back(scalar(b, ElementType::F64));
                         if (iteration)
                           operands.push_back(scalar(b, ElementType::I64));
                         auto updated = b.node(op, operands, attributes, std::vector<TensorType>(1 + slots, param.type));
                         b.inPlace(updated[0], param);
                         for (size_t i = 0; i < slots; i++)
                           b.inPlace(updated[1 + i], operands[2 + i]);
                       },
                       8});
  };
  row("sgd_update", 1, false, {{"momentum", {0.9}}, {"nesterov", {0}}});
  row("adam_update", 2, true, {{"beta_1", {0.9}}, {"beta_2", {0.99}}, {"epsilon", {1e-3}}});
}

void gradientRows(std::vector<Row> &table) {
  for (int64_t elements : sizes) {
    const std::string size = std::to_string(elements);
    table.push_back({"ema_update", size, [elements](Builder &b) {
                       Value param = b.sliced({elements}), average = b.sliced({elements});
                       Value t = scalar(b, ElementType::I64);
                       b.inPlace(b.node("ema_update", {param, average, t}, {{"decay", {0.9}}}, {param.type})[0],
                                 average);
                     }});
    table.push_back({"regularize", size, [elements](Builder &b) {
                       Value grad = b.sliced({elements}), param = b.sliced({elements});
                       b.result(b.node("regularize", {grad, param}, {{"l1", {0.3}}, {"l2", {0.7}}}, {grad.type})[0]);
                     }});
    table.push_back({"clip_value", size, [elements](Builder &b) {
                       Value grad = b.sliced({elements});
                       b.result(b.node("clip_value", {grad}, {{"limit", {0.5}}}, {grad.type})[0]);
                     }});
    for (int64_t steps : {2, 3})
      table.push_back({"accumulate", "over_" + std::to_string(steps) + "_" + size, [elements, steps](Builder &b) {
                         Value grad = b.sliced({elements}), sum = b.sliced({elements});
                         Value t = scalar(b, ElementType::I64);
                         b.inPlace(b.node("accumulate", {grad, sum, t}, {{"steps", {double(steps)}}}, {grad.type})[0],
                                   sum);
                       }});
    table.push_back({"scale_by", size, [elements](Builder &b) {
                       Value grad = b.sliced({elements});
                       b.result(b.node("scale_by", {grad, scalar(b, ElementType::F64)}, {}, {grad.type})[0]);
                     }});
    table.push_back({"sum_of_squares", size, [elements](Builder &b) {
                       Value grad = b.sliced({elements});
                       b.accumulated(b.node("sum_of_squares", {grad}, {}, {{ElementType::F64, {}, -1}})[0]);
                     },
                     // Each addition of a long sum rounds.
                     4 + std::sqrt(double(elements))});
    // As a step has it: the gradient comes as a sum of lanes.
    table.push_back({"fused", "sum_of_squares_of_lanes_" + size, [elements](Builder &b) {
                       Value lanes = b.argument({b.real, {8, elements}, 1});
                       Value grad = b.node("sum_lanes", {lanes}, {}, {{b.real, {elements}, 0}})[0];
                       b.accumulated(b.node("sum_of_squares", {grad}, {}, {{ElementType::F64, {}, -1}})[0]);
                     },
                     // The sum over lanes is rounded to the element type, which is not the result's.
                     4e9});
  }
  for (double limit : {0.1, 100.})
    table.push_back({"clip_scale", limit < 1 ? "clips" : "leaves", [limit](Builder &b) {
                       std::vector<Value> squares;
                       for (int i = 0; i < 3; i++)
                         squares.push_back(scalar(b, ElementType::F64));
                       b.result(b.node("clip_scale", squares, {{"limit", {limit}}}, {{ElementType::F64, {}, -1}})[0]);
                     }});
}

}  // namespace

void addOptimizerRows(std::vector<Row> &table) {
  updateRows(table);
  regularizedRows(table);
  gradientRows(table);
}

}  // namespace nncc::ops
