// Rows of vectors, their distances, the losses on them, and the triplets of a batch.
#include "Rows.h"

namespace nncc::ops {

namespace {

// Roots of sums, and what divides by them.
constexpr double kTolerance = 16;

void rowsOfVectors(std::vector<Row> &table) {
  struct Shapes {
    const char *variant;
    Shape shape;
    double epsilon = 1e-12;
    Numbers numbers = Numbers::Real;
  };
  for (const Shapes &s : {Shapes{"vectors", {4, 32}}, {"odd", {5, 7}}, {"images", {2, 3, 3, 5}},
                          {"short", {16, 3}, 2.5, Numbers::Integers}, {"large", {3, 17}, 1e-12, Numbers::Large}}) {
    const Attributes attributes = {{"epsilon", {s.epsilon}}};
    table.push_back({"l2_normalize", s.variant,
                     [=](Builder &b) {
                       Value src = b.sliced(s.shape);
                       b.result(b.node("l2_normalize", {src}, attributes, {src.type})[0]);
                     },
                     kTolerance, s.numbers});
    table.push_back({"l2_normalize_bwd", s.variant,
                     [=](Builder &b) {
                       Value src = b.sliced(s.shape), diff = b.sliced(s.shape);
                       b.result(b.node("l2_normalize_bwd", {src, diff}, attributes, {src.type})[0]);
                     },
                     kTolerance, s.numbers});
  }
}

void rowsOfDistances(std::vector<Row> &table) {
  const char *const metrics[] = {"euclidean", "squared", "manhattan", "cosine"};
  for (int metric = 0; metric < 4; metric++)
    for (const Shape &shape : {Shape{5, 7}, Shape{4, 32}, Shape{3, 1}}) {
      if (metric == 3 && shape[1] == 1)
        continue;  // a cosine of 1 or -1, whose slope is rounding
      const std::string variant = std::string(metrics[metric]) + "_" + std::to_string(shape[1]);
      const Attributes attributes = {{"metric", {double(metric)}}};
      table.push_back({"distance", variant,
                       [=](Builder &b) {
                         Value lhs = b.sliced(shape), rhs = b.sliced(shape);
                         b.result(b.node("distance", {lhs, rhs}, attributes, {{b.real, {shape[0]}, 0}})[0]);
                       },
                       kTolerance});
      table.push_back({"distance_bwd", variant,
                       [=](Builder &b) {
                         Value lhs = b.sliced(shape), rhs = b.sliced(shape), diff = b.sliced({shape[0]});
                         for (Value result : b.node("distance_bwd", {lhs, rhs, diff}, attributes, {lhs.type, rhs.type}))
                           b.result(result);
                       },
                       kTolerance});
    }
  for (const char *op : {"contrastive", "cosine_embedding"})
    for (const auto &[variant, values, margin, numbers] :
         {std::tuple{"one_value", 1, 1.0, Numbers::Real}, std::tuple{"margin", 7, 0.3, Numbers::Real},
          std::tuple{"far", 3, 2.5, Numbers::Large}}) {
      const Attributes attributes = {{"margin", {margin}}};
      const int64_t count = values;
      table.push_back({op, variant,
                       [=](Builder &b) {
                         Value src = b.sliced({5, count}), targets = b.sliced({5, count});
                         b.result(b.node(op, {src, targets}, attributes, {{b.real, {5}, 0}})[0]);
                       },
                       kTolerance, numbers});
      table.push_back({std::string(op) + "_bwd", variant,
                       [=](Builder &b) {
                         Value src = b.sliced({5, count}), targets = b.sliced({5, count});
                         b.result(b.node(std::string(op) + "_bwd", {src, targets, b.whole({})}, attributes,
                                         {src.type})[0]);
                       },
                       kTolerance, numbers});
    }
}

// `anchors` of a batch of `batch` samples: a slice of them.
struct Mined {
  const char *variant;
  int64_t anchors, batch, values;
  int mining, metric;
  double margin;
};

const std::vector<Mined> &minedRows() {
  static const std::vector<Mined> all = {{"all", 5, 8, 6, 0, 0, 0.4},
                                         {"all_squared", 12, 12, 3, 0, 1, 0.2},
                                         {"all_large", 33, 33, 17, 0, 0, 0.2},
                                         {"hard", 5, 8, 6, 1, 0, 0.4},
                                         {"hard_squared", 12, 12, 3, 1, 1, 0.2},
                                         {"hard_large", 33, 33, 17, 1, 0, 0.2},
                                         {"semi_hard", 5, 8, 6, 2, 0, 0.4},
                                         {"semi_hard_squared", 12, 12, 3, 2, 1, 0.2},
                                         {"semi_hard_large", 33, 33, 17, 2, 0, 0.2}};
  return all;
}

Value scalar(Builder &b) { return b.argument({ElementType::I32, {}, -1}); }

void rowsOfTriplets(std::vector<Row> &table) {
  for (const Mined &m : minedRows())
    table.push_back({"triplet_mining", m.variant,
                     [m](Builder &b) {
                       Value src = b.sliced({m.anchors, m.values}), batch = b.whole({m.batch, m.values});
                       Value classes = b.argument({ElementType::I32, {m.anchors}, 0});
                       Value all = b.argument({ElementType::I32, {m.batch}, -1});
                       const TensorType row{b.real, {m.anchors}, 0};
                       for (Value result :
                            b.node("triplet_mining", {src, batch, classes, all, scalar(b), scalar(b)},
                                   {{"mining", {double(m.mining)}}, {"metric", {double(m.metric)}}, {"margin", {m.margin}}},
                                   {row, row, {b.real, {m.anchors, m.batch}, 0}}))
                         b.result(result);
                     },
                     kTolerance});
  for (const auto &[variant, anchors, batch, values] :
       {std::tuple{"part", 5, 8, 6}, std::tuple{"whole", 12, 12, 32}, std::tuple{"odd", 7, 9, 17}}) {
    const int64_t rows = anchors, size = batch, width = values;
    table.push_back({"triplet_mining_bwd", variant,
                     [=](Builder &b) {
                       Value src = b.sliced({rows, width}), all = b.whole({size, width});
                       Value pulls = b.sliced({rows, size}), allPulls = b.whole({size, size});
                       Value diff = b.whole({});
                       b.result(b.node("triplet_mining_bwd", {src, all, pulls, allPulls, diff, scalar(b), scalar(b)},
                                       {}, {src.type})[0]);
                     },
                     kTolerance});
  }
  for (int64_t size : {1, 5, 40}) {
    table.push_back({"batch_mean", std::to_string(size),
                     [=](Builder &b) {
                       Value sums = b.sliced({size}), counts = b.whole({size});
                       b.result(b.node("batch_mean", {sums, counts, scalar(b)}, {}, {sums.type})[0]);
                     },
                     kTolerance});
    // As it is used: a factor of what a sample has.
    table.push_back({"batch_mean_bwd", std::to_string(size),
                     [=](Builder &b) {
                       Value src = b.sliced({4, 8}), all = b.whole({4, 8});
                       Value pulls = b.sliced({4, 4}), allPulls = b.whole({4, 4});
                       Value samples = scalar(b), counts = b.whole({size});
                       Value diff = b.node("batch_mean_bwd", {counts, scalar(b), b.whole({})}, {}, {{b.real, {}, -1}})[0];
                       b.result(b.node("triplet_mining_bwd", {src, all, pulls, allPulls, diff, samples, scalar(b)}, {},
                                       {src.type})[0]);
                     },
                     kTolerance});
  }
}

}  // namespace

void metricRows(std::vector<Row> &table) {
  rowsOfVectors(table);
  rowsOfDistances(table);
  rowsOfTriplets(table);
}

}  // namespace nncc::ops
