// Steps of recurrences: with and without lengths, masks and gradients from all sides, in sizes that
// no vector divides. The numbers say whether it is the first or last step of its loop.
#include "Rows.h"

namespace nncc::ops {

namespace {

struct Cell {
  const char *op;
  int64_t gates;            // columns a unit of what the product adds to
  int64_t saved;            // columns a unit of what the forward keeps
  bool cells, recurrent;    // has a cell state, a recurrent activation
  std::vector<std::string> forward, backward;  // its options
};

const Cell cells[] = {{"lstm", 4, 4, true, true, {"mask"}, {"mask", "diff_hidden", "diff_cells"}},
                      {"gru", 3, 4, false, true, {"bias", "mask"}, {"mask"}},
                      {"simple_rnn", 1, 1, false, false, {"mask"}, {"mask"}}};

struct Variant {
  const char *name;
  int64_t samples, units;
  bool lengths = false, mask = false, bias = true, diffHidden = true, diffCells = false;
  double activation = 3, recurrent = 2;  // tanh, sigmoid
};

const Variant variants[] = {
    {"one_vector", 5, 16},
    {"odd_units", 5, 7},
    {"one_unit", 3, 1},
    {"several_vectors", 6, 48},
    {"moved_tile", 7, 35, true},
    {"lengths", 5, 16, true, false, false},
    {"masked", 5, 24, false, true},
    {"lengths_masked", 4, 9, true, true, true, true, true},
    {"cells_only", 5, 16, false, false, true, false, true},
    {"relu_hard_sigmoid", 5, 16, true, false, true, true, true, 1, 4},
    {"linear_tanh", 4, 16, false, false, true, true, false, 0, 3},
    {"batch_of_one", 1, 32, false, false, false},
};

Attributes attributesOf(const Cell &cell, const Variant &v, const std::vector<std::string> &options) {
  Attributes attributes = {{"lengths", {double(v.lengths)}}, {"activation", {v.activation}}};
  if (cell.recurrent)
    attributes["recurrent_activation"] = {v.recurrent};
  for (const std::string &option : options)
    attributes[option] = {double(option == "mask"          ? v.mask
                                 : option == "bias"        ? v.bias
                                 : option == "diff_hidden" ? v.diffHidden
                                                           : v.diffCells)};
  return attributes;
}

// Takes operands as the op lists them: one step of sequences, and what has no steps.
struct Operands {
  Builder &b;
  const Variant &v;
  std::vector<Value> list = {};

  TensorType step(int64_t columns) const { return {b.real, {v.samples, columns * v.units}, 0, true}; }
  void timed(int64_t columns) { list.push_back(b.argument(step(columns))); }
  void state() { list.push_back(b.sliced({v.samples, v.units})); }
  void weights(int64_t rows, int64_t columns) { list.push_back(b.whole({rows * v.units, columns * v.units})); }
  void lengths() { list.push_back(b.argument({ElementType::I32, {v.samples}, 0})); }
  void numbers(int count) {
    for (int i = 0; i < count + 2 * v.lengths; i++)
      list.push_back(b.argument({ElementType::I32, {}, -1}));
  }
};

void forward(Builder &b, const Cell &cell, const Variant &v) {
  Operands o{b, v};
  o.timed(cell.gates);
  o.weights(1, cell.gates);
  o.timed(1);
  if (cell.cells)
    o.timed(1);
  const Attributes attributes = attributesOf(cell, v, cell.forward);
  if (attributes.count("bias") && v.bias)
    o.list.push_back(b.whole({cell.gates * v.units}));
  if (v.mask)
    o.state();
  if (v.lengths)
    o.lengths();
  o.numbers(1);
  const size_t results = cell.recurrent ? 1 + cell.cells + cell.saved : 1;
  for (const Value &result : b.node(cell.op, o.list, attributes, std::vector<TensorType>(results, o.step(1))))
    b.result(result);
  b.anchor();
}

void backward(Builder &b, const Cell &cell, const Variant &v) {
  Operands o{b, v};
  o.weights(cell.gates, 1);
  o.timed(cell.saved);
  if (cell.cells) {
    for (int64_t columns : {1, 1, 4, 1})  // cells, cells before, gradients of gates and cell behind
      o.timed(columns);
    if (v.diffHidden)
      o.timed(1);
    if (v.diffCells)
      o.timed(1);
  } else if (cell.recurrent) {
    for (int64_t columns : {1, 1, 3, 1})  // hidden before, its gradient, those of sums and state behind
      o.timed(columns);
  } else {
    o.timed(1);
    o.timed(1);
  }
  if (v.mask)
    o.state();
  if (v.lengths)
    o.lengths();
  if (v.lengths && (cell.cells || !cell.recurrent))
    o.timed(1);
  o.numbers(cell.recurrent ? 2 : 1);
  const size_t results = cell.cells ? 6 : cell.recurrent ? 7 : 2;
  const std::vector<Value> values = b.node(std::string(cell.op) + "_bwd", o.list, attributesOf(cell, v, cell.backward),
                                           std::vector<TensorType>(results, o.step(1)));
  // What reaches the state by another way than the product is nothing without lengths, but in a gru.
  for (size_t r = 0; r < results - (!v.lengths && (cell.cells || !cell.recurrent)); r++)
    b.result(values[r]);
  b.anchor();
}

}  // namespace

void recurrentRows(std::vector<Row> &table) {
  for (const Cell &cell : cells)
    for (const Variant &v : variants) {
      if (!v.diffHidden && !cell.cells)
        continue;
      table.push_back({cell.op, v.name, [&](Builder &b) { forward(b, cell, v); }, 8});
      table.push_back({std::string(cell.op) + "_bwd", v.name, [&](Builder &b) { backward(b, cell, v); }, 8});
    }
  // Without what only the gradient needs.
  table.push_back({"lstm", "predict", [](Builder &b) {
                     forward(b, cells[0], variants[3]);
                     b.spec.results.resize(2);
                   },
                   8});
  for (const Shape &shape : {Shape{3, 4, 5}, Shape{2, 3, 32}}) {
    const std::string name = "to" + std::to_string(shape[2]);
    table.push_back({"scale_steps", name, [shape](Builder &b) {
                       Value src = b.sliced(shape);
                       b.result(b.node("scale_steps", {src, b.sliced({shape[0], shape[2]})}, {}, {src.type})[0]);
                     }});
    table.push_back({"reverse_steps", name, [shape](Builder &b) {
                       Value src = b.sliced(shape);
                       b.result(b.node("reverse_steps", {src}, {}, {src.type})[0]);
                     }});
    for (double rate : {0.0, 0.4})
      table.push_back({"random_mask", name + "_" + std::to_string(int(rate * 10)), [=](Builder &b) {
                         Value ids = b.argument({ElementType::I32, {shape[0]}, 0});
                         Value seed = b.argument({ElementType::I64, {}, -1});
                         Value iteration = b.argument({ElementType::I64, {}, -1});
                         b.result(b.node("random_mask", {ids, seed, iteration}, {{"rate", {rate}}, {"stream", {4711}}},
                                         {{b.real, {shape[0], shape[2]}, 0}})[0]);
                       }});
  }
}

}  // namespace nncc::ops
