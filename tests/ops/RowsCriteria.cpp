// Rows of the losses on float targets, of the metrics, and of class numbers with weights.
#include "Rows.h"

namespace nncc::ops {

namespace {

// A loss with its attributes; the gradient's rows have the same.
struct Loss {
  const char *op;
  const char *variant;
  int64_t samples, values;
  Attributes attributes = {};
  Numbers numbers = Numbers::Real;
};

const std::vector<Loss> &losses() {
  static const std::vector<Loss> all = [] {
    std::vector<Loss> list;
    for (const char *op : {"mean_squared_error", "mean_absolute_error", "hinge"})
      for (const Loss &shape :
           {Loss{op, "one_value", 5, 1}, {op, "odd_values", 4, 7}, {op, "vectors", 3, 32},
            {op, "batch_of_one", 1, 65}, {op, "ties", 5, 8, {}, Numbers::Integers}})
        list.push_back(shape);
    const Attributes delta = {{"delta", {0.5}}};
    list.insert(list.end(), {{"huber", "one_value", 5, 1, delta},
                             {"huber", "odd_values", 4, 7, delta},
                             {"huber", "vectors", 3, 32, delta},
                             {"huber", "far", 3, 5, {{"delta", {3}}}, Numbers::Large}});
    list.insert(list.end(), {{"kl_divergence", "one_value", 5, 1, {{"rows", {1}}}},
                             {"kl_divergence", "classes", 4, 10, {{"rows", {1}}}},
                             {"kl_divergence", "two_rows", 3, 34, {{"rows", {2}}}}});
    const char *binary = "sigmoid_cross_entropy";
    list.insert(list.end(),
                {{binary, "one_value", 5, 1},
                 {binary, "odd_values", 4, 7},
                 {binary, "vectors", 3, 32},
                 {binary, "smoothed", 4, 5, {{"label_smoothing", {0.1}}}},
                 {binary, "weighted", 5, 1, {{"class_weights", {1, 3}}}},
                 {binary, "both", 5, 1, {{"class_weights", {0.5, 2}}, {"label_smoothing", {0.2}}}},
                 {binary, "large_logits", 5, 3, {}, Numbers::Large}});
    const char *categorical = "softmax_cross_entropy";
    list.insert(list.end(),
                {{categorical, "two_classes", 5, 2},
                 {categorical, "odd_classes", 4, 17},
                 {categorical, "many_classes", 2, 100},
                 {categorical, "smoothed", 4, 5, {{"label_smoothing", {0.1}}}},
                 {categorical, "weighted", 5, 3, {{"class_weights", {1, 3, 0.5}}}},
                 {categorical, "both", 5, 3, {{"class_weights", {1, 1, 2}}, {"label_smoothing", {0.2}}}},
                 {categorical, "large_logits", 5, 10, {}, Numbers::Large},
                 {categorical, "ties", 5, 8, {}, Numbers::Integers}});
    return list;
  }();
  return all;
}

Value lossOf(Builder &b, const std::string &op, const Attributes &attributes, Value src,
             Value targets) {
  return b.node(op, {src, targets}, attributes, {{b.real, {src.type.shape[0]}, 0}})[0];
}

Value diffOf(Builder &b, const std::string &op, const Attributes &attributes, Value src,
             Value targets, Value diffLoss) {
  return b.node(op + "_bwd", {src, targets, diffLoss}, attributes, {src.type})[0];
}

Value labelsFor(Builder &b, int64_t samples) {
  return b.argument({ElementType::I32, {samples}, 0});
}

void rowsOfLosses(std::vector<Row> &table) {
  const double tolerance = 16;  // exponentials are good to a few units, and so are logarithms
  for (const Loss &l : losses()) {
    table.push_back({l.op, l.variant,
                     [l](Builder &b) {
                       Value src = b.sliced({l.samples, l.values});
                       Value targets = b.sliced({l.samples, l.values});
                       b.result(lossOf(b, l.op, l.attributes, src, targets));
                     },
                     tolerance, l.numbers});
    table.push_back({std::string(l.op) + "_bwd", l.variant,
                     [l](Builder &b) {
                       Value src = b.sliced({l.samples, l.values});
                       Value targets = b.sliced({l.samples, l.values});
                       b.result(diffOf(b, l.op, l.attributes, src, targets, b.whole({})));
                     },
                     tolerance, l.numbers});
  }
  // Class numbers: weighted, smoothed, both.
  const std::string sparse = "sparse_softmax_cross_entropy";
  for (const auto &[variant, attributes] : std::vector<std::pair<std::string, Attributes>>{
           {"smoothed", {{"label_smoothing", {0.1}}}},
           {"weighted", {{"class_weights", {1, 1, 3, 0.5, 0.5}}}},
           {"both", {{"class_weights", {2, 1, 3, 1, 0}}, {"label_smoothing", {0.3}}}}}) {
    table.push_back({sparse, variant,
                     [=](Builder &b) {
                       Value logits = b.sliced({5, 5});
                       b.result(lossOf(b, sparse, attributes, logits, labelsFor(b, 5)));
                     },
                     tolerance});
    table.push_back({sparse + "_bwd", variant,
                     [=](Builder &b) {
                       Value logits = b.sliced({5, 5}), labels = labelsFor(b, 5);
                       b.result(diffOf(b, sparse, attributes, logits, labels, b.whole({})));
                     },
                     tolerance});
  }
}

void rowsOfMetrics(std::vector<Row> &table) {
  struct Classes {
    const char *variant;
    int64_t samples, classes;
    Numbers numbers = Numbers::Real;
  };
  for (const Classes &c : {Classes{"two_classes", 5, 2}, Classes{"odd_classes", 4, 17},
                           Classes{"many_classes", 2, 100},
                           Classes{"ties", 5, 8, Numbers::Integers}}) {
    table.push_back({"argmax", c.variant,
                     [c](Builder &b) {
                       Value src = b.sliced({c.samples, c.classes});
                       b.result(b.node("argmax", {src}, {}, {{ElementType::I32, {c.samples}, 0}})[0]);
                     },
                     0, c.numbers});
    table.push_back({"sparse_top_k_accuracy", c.variant,
                     [c](Builder &b) {
                       Value scores = b.sliced({c.samples, c.classes});
                       b.result(lossOf(b, "sparse_top_k_accuracy", {{"k", {2}}}, scores,
                                       labelsFor(b, c.samples)));
                     },
                     0, c.numbers});
  }
  for (int64_t values : {1, 7, 32})
    for (double threshold : {0., 0.5})
      table.push_back({"binary_accuracy",
                       std::to_string(values) + (threshold == 0 ? "_scores" : "_probabilities"),
                       [=](Builder &b) {
                         Value src = b.sliced({5, values}), targets = b.sliced({5, values});
                         b.result(lossOf(b, "binary_accuracy", {{"threshold", {threshold}}}, src,
                                         targets));
                       }});
  for (const std::vector<double> &weights : {std::vector<double>{1}, {1, 0.25}, {2, 1, 0.5}})
    table.push_back({"total_loss", "of_" + std::to_string(weights.size()), [=](Builder &b) {
                       std::vector<Value> losses;
                       for (size_t i = 0; i < weights.size(); i++)
                         losses.push_back(b.sliced({5}));
                       b.result(b.node("total_loss", losses, {{"weights", weights}},
                                       {losses[0].type})[0]);
                     }});
}

// Losses of samples that count differently, or not at all.
void rowsOfWeighedSamples(std::vector<Row> &table) {
  for (int64_t samples : {1, 5, 40}) {
    table.push_back({"weigh_samples", std::to_string(samples), [=](Builder &b) {
                       Value losses = b.sliced({samples}), weights = b.sliced({samples});
                       b.result(b.node("weigh_samples", {losses, weights}, {}, {losses.type})[0]);
                     }});
    table.push_back({"weigh_samples_bwd", std::to_string(samples), [=](Builder &b) {
                       Value weights = b.sliced({samples});
                       b.result(b.node("weigh_samples_bwd", {weights, b.whole({})}, {}, {weights.type})[0]);
                     }});
  }
  // Gradients with a number for each sample.
  for (const auto &[op, attributes] : std::vector<std::pair<std::string, Attributes>>{
           {"mean_squared_error", {}}, {"mean_absolute_error", {}}, {"huber", {{"delta", {0.5}}}}, {"hinge", {}},
           {"kl_divergence", {{"rows", {1}}}}, {"sigmoid_cross_entropy", {}}, {"softmax_cross_entropy", {}}})
    table.push_back({op + "_bwd", "by_sample",
                     [op = op, attributes = attributes](Builder &b) {
                       Value src = b.sliced({5, 7}), targets = b.sliced({5, 7});
                       b.result(diffOf(b, op, attributes, src, targets, b.sliced({5})));
                     },
                     16});
  table.push_back({"sparse_softmax_cross_entropy_bwd", "by_sample",
                   [](Builder &b) {
                     Value logits = b.sliced({5, 7}), labels = labelsFor(b, 5);
                     b.result(diffOf(b, "sparse_softmax_cross_entropy", {}, logits, labels, b.sliced({5})));
                   },
                   16});
}

// Loss, gradient and metric of one output in one kernel, as fusion makes them.
void rowsOfFusedCriteria(std::vector<Row> &table) {
  table.push_back({"fused", "regression_criteria",
                   [](Builder &b) {
                     Value src = b.sliced({5, 3}), targets = b.sliced({5, 3});
                     Value samples = b.argument({ElementType::I32, {}, -1});
                     Value seed = b.node("loss_seed", {samples}, {{"weight", {1}}}, {{b.real, {}, -1}})[0];
                     seed = b.node("rescale", {seed}, {{"scale", {0.25}}, {"offset", {0}}}, {seed.type})[0];
                     b.result(lossOf(b, "mean_squared_error", {}, src, targets));
                     b.result(lossOf(b, "mean_absolute_error", {}, src, targets));
                     b.result(diffOf(b, "mean_squared_error", {}, src, targets, seed));
                   },
                   16});
  // A loss that some samples have no part in.
  table.push_back({"fused", "weighed_criteria",
                   [](Builder &b) {
                     Value src = b.sliced({5, 3}), targets = b.sliced({5, 3});
                     Value present = b.sliced({5});
                     Value loss = lossOf(b, "mean_squared_error", {}, src, targets);
                     b.result(b.node("weigh_samples", {loss, present}, {}, {loss.type})[0]);
                     Value diff = b.node("weigh_samples_bwd", {present, b.whole({})}, {}, {loss.type})[0];
                     b.result(diffOf(b, "mean_squared_error", {}, src, targets, diff));
                   },
                   16});
  table.push_back({"fused", "classification_criteria",
                   [](Builder &b) {
                     const Attributes weights = {{"class_weights", {1, 2, 3}}};
                     Value src = b.sliced({5, 3}), targets = b.sliced({5, 3});
                     Value samples = b.argument({ElementType::I32, {}, -1});
                     Value seed = b.node("loss_seed", {samples}, {{"weight", {1}}}, {{b.real, {}, -1}})[0];
                     Value labels = b.node("argmax", {targets}, {}, {{ElementType::I32, {5}, 0}})[0];
                     b.result(lossOf(b, "softmax_cross_entropy", weights, src, targets));
                     b.result(lossOf(b, "sparse_categorical_accuracy", {}, src, labels));
                     b.result(diffOf(b, "softmax_cross_entropy", weights, src, targets, seed));
                   },
                   16});
}

}  // namespace

void criteriaRows(std::vector<Row> &table) {
  rowsOfLosses(table);
  rowsOfMetrics(table);
  rowsOfWeighedSamples(table);
  rowsOfFusedCriteria(table);
}

}  // namespace nncc::ops
