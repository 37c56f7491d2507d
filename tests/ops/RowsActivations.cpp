// Activations and their gradients, alone and behind the sums of a convolution or a dense layer.
#include "Rows.h"

namespace nncc::ops {

namespace {

enum class Saved { Src, Dst };

struct Activation {
  const char *op;
  Attributes attributes;
  Saved saved;
  double tolerance;
};

const std::vector<Activation> &all() {
  static const std::vector<Activation> list = {
      {"relu", {}, Saved::Dst, 4},
      {"leaky_relu", {{"negative_slope", {0.2}}}, Saved::Dst, 4},
      {"elu", {{"alpha", {0.7}}}, Saved::Dst, 8},
      {"gelu", {}, Saved::Src, 8},
      {"silu", {}, Saved::Src, 8},
      {"sigmoid", {}, Saved::Dst, 8},
      {"tanh", {}, Saved::Dst, 8},
      {"softplus", {}, Saved::Src, 8},
  };
  return list;
}

Value forward(Builder &b, const Activation &a, Value src) {
  return b.node(a.op, {src}, a.attributes, {src.type})[0];
}

Value backward(Builder &b, const Activation &a, Value saved, Value diffDst) {
  return b.node(std::string(a.op) + "_bwd", {saved, diffDst}, a.attributes, {diffDst.type})[0];
}

void addRows(std::vector<Row> &table, const Activation &a, const char *variant, Shape shape,
             Numbers numbers) {
  table.push_back({a.op, variant,
                   [=](Builder &b) { b.result(forward(b, a, b.sliced(shape))); }, a.tolerance,
                   numbers});
  table.push_back({std::string(a.op) + "_bwd", variant,
                   [=](Builder &b) {
                     Value saved = b.sliced(shape);
                     b.result(backward(b, a, saved, b.sliced(shape)));
                   },
                   a.tolerance, numbers});
}

// The result before the activation is stored too where the gradient reads it.
void addFusedRows(std::vector<Row> &table, const Activation &a) {
  table.push_back({"fused", std::string(a.op) + "_behind_conv2d",
                   [=](Builder &b) {
                     Value src = b.sliced({3, 6, 7, 5}), weights = b.whole({3, 3, 5, 17});
                     Value sums = b.conv2d(src, weights, b.whole({17}));
                     Value dst = forward(b, a, sums);
                     if (a.saved == Saved::Src)
                       b.result(sums);
                     b.result(dst);
                   },
                   8});
  table.push_back({"fused", std::string(a.op) + "_behind_dense",
                   [=](Builder &b) {
                     Value src = b.sliced({5, 9}), weights = b.whole({9, 33});
                     Value sums = b.dense(src, weights, b.whole({33}));
                     Value dst = forward(b, a, sums);
                     if (a.saved == Saved::Src)
                       b.result(sums);
                     b.result(dst);
                   },
                   8});
  table.push_back({"fused", std::string(a.op) + "_bwd_behind_conv2d_bwd_data",
                   [=](Builder &b) {
                     Value diffDst = b.sliced({3, 4, 5, 17}), weights = b.whole({3, 3, 17, 8});
                     Value saved = b.sliced({3, 6, 7, 8});
                     Value diffSrc = b.conv2dBwdData(diffDst, weights, 6, 7);
                     b.result(backward(b, a, saved, diffSrc));
                   },
                   8});
}

}  // namespace

void activationRows(std::vector<Row> &table) {
  for (const Activation &a : all()) {
    addRows(table, a, "image", {5, 3, 7, 3}, Numbers::Real);
    addRows(table, a, "vector", {5, 37}, Numbers::Real);
    addRows(table, a, "single_channel", {5, 1}, Numbers::Real);
    addRows(table, a, "channels", {3, 4, 4, 64}, Numbers::Real);
    addRows(table, a, "large_numbers", {4, 65}, Numbers::Large);
    addFusedRows(table, a);
  }
}

}  // namespace nncc::ops
