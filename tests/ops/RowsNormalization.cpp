// Rows of batch and layer normalization and of dropout.
#include "Rows.h"

namespace nncc::ops {

static TensorType channels(Builder &b, const Shape &shape) { return {b.real, {shape.back()}, -1}; }

static Attributes affine(bool scale, bool shift) {
  return {{"has_scale", {double(scale)}}, {"has_shift", {double(shift)}}};
}

static void add(Attributes &attributes, const Attributes &more) {
  attributes.insert(more.begin(), more.end());
}

static void channelRows(std::vector<Row> &table) {
  struct Source {
    const char *variant;
    Shape shape;
  };
  for (const auto &[variant, shape] :
       {Source{"image", {5, 3, 7, 3}}, Source{"features", {5, 37}}, Source{"single_channel", {5, 4, 1}},
        Source{"channels", {3, 4, 4, 64}}, Source{"odd_channels", {2, 5, 3, 17}},
        Source{"many_channels", {2, 3, 160}}, Source{"batch_of_one", {1, 6, 6, 32}}}) {
    for (bool center : {false, true}) {
      std::string name = std::string(variant) + (center ? "_centered" : "");
      table.push_back({"channel_affine", name, [=, shape = shape](Builder &b) {
                         std::vector<Value> operands = {b.sliced(shape)};
                         for (int i = 0; i < (center ? 3 : 2); i++)
                           operands.push_back(b.whole({shape.back()}));
                         b.result(b.node("channel_affine", operands, {}, {operands[0].type})[0]);
                       }});
      table.push_back({"channel_affine_bwd_weights", name, [=, shape = shape](Builder &b) {
                         std::vector<Value> operands = {b.sliced(shape), b.sliced(shape)};
                         if (center)
                           operands.push_back(b.whole({shape.back()}));
                         auto sums = b.node("channel_affine_bwd_weights", operands, {},
                                            {channels(b, shape), channels(b, shape)});
                         b.anchor();
                         b.accumulated(sums[0]);
                         b.accumulated(sums[1]);
                       }});
    }
    table.push_back({"channel_scale", variant, [shape = shape](Builder &b) {
                       Value src = b.sliced(shape);
                       b.result(b.node("channel_scale", {src, b.whole({shape.back()})}, {}, {src.type})[0]);
                     }});
    table.push_back({"batch_norm_statistics", variant, [shape = shape](Builder &b) {
                       Value src = b.sliced(shape);
                       auto sums = b.node("batch_norm_statistics", {src, b.whole({shape.back()})}, {},
                                          {channels(b, shape), channels(b, shape)});
                       b.anchor();
                       b.accumulated(sums[0]);
                       b.accumulated(sums[1]);
                     }});
    table.push_back({"batch_norm_statistics_bwd", variant, [shape = shape](Builder &b) {
                       Value src = b.sliced(shape), pivot = b.whole({shape.back()});
                       Value sum = b.whole({shape.back()}), squares = b.whole({shape.back()});
                       b.result(b.node("batch_norm_statistics_bwd", {src, pivot, sum, squares}, {},
                                       {src.type})[0]);
                     }});
    if (shape.back() > 1) {  // a row of one is its own mean
      table.push_back({"row_normalize", variant,
                       [shape = shape](Builder &b) {
                         Value src = b.sliced(shape);
                         b.result(b.node("row_normalize", {src}, {{"epsilon", {1e-3}}}, {src.type})[0]);
                       },
                       8});
      table.push_back({"row_normalize_bwd", variant,
                       [shape = shape](Builder &b) {
                         Value src = b.sliced(shape), diffDst = b.sliced(shape);
                         b.result(b.node("row_normalize_bwd", {src, diffDst}, {{"epsilon", {1e-3}}}, {src.type})[0]);
                       },
                       8});
    }
    for (double rate : {0.0, 0.3, 0.5})
      table.push_back({"random_dropout", std::string(variant) + "_" + std::to_string(int(rate * 10)),
                       [=, shape = shape](Builder &b) {
                         Value src = b.sliced(shape);
                         Value ids = b.argument({ElementType::I32, {shape[0]}, 0});
                         Value seed = b.argument({ElementType::I64, {}, -1});
                         Value iteration = b.argument({ElementType::I64, {}, -1});
                         b.result(b.node("random_dropout", {src, ids, seed, iteration},
                                         {{"rate", {rate}}, {"stream", {12345678}}}, {src.type})[0]);
                       }});
  }
}

// Coefficients are cut over elements as updates are.
static void coefficientRows(std::vector<Row> &table) {
  for (int64_t count : {1, 3, 64})
    for (bool scale : {false, true})
      for (bool shift : {false, true}) {
        std::string name = std::to_string(count) + (scale ? "_scaled" : "") + (shift ? "_shifted" : "");
        table.push_back({"batch_norm_coefficients", name,
                         [=](Builder &b) {
                           Value sum = b.sliced({count}), squares = b.sliced({count}), pivot = b.sliced({count});
                           std::vector<Value> operands = {sum, squares, pivot,
                                                          b.argument({ElementType::I32, {}, -1})};
                           for (int i = 0; i < scale + shift; i++)
                             operands.push_back(b.sliced({count}));
                           Attributes attributes = affine(scale, shift);
                           add(attributes, {{"positions", {9}}, {"epsilon", {1e-3}}});
                           for (Value result : b.node("batch_norm_coefficients", operands, attributes,
                                                      {sum.type, sum.type, sum.type, sum.type}))
                             b.result(result);
                         },
                         8});
        for (bool invert : {false, true})
          if (!invert || (!scale && !shift))
            table.push_back({"stored_coefficients", name + (invert ? "_inverted" : ""),
                             [=](Builder &b) {
                               Value mean = b.whole({count}), variance = b.whole({count});
                               std::vector<Value> operands = {mean, variance};
                               for (int i = 0; i < scale + shift; i++)
                                 operands.push_back(b.whole({count}));
                               Attributes attributes = affine(scale, shift);
                               add(attributes, {{"epsilon", {1e-3}}, {"least", {0.2}}, {"invert", {double(invert)}}});
                               for (Value result : b.node("stored_coefficients", operands, attributes,
                                                          {mean.type, mean.type, mean.type}))
                                 b.result(result);
                             },
                             8});
        if (shift) continue;
        table.push_back({"batch_norm_coefficients_bwd", name,
                         [=](Builder &b) {
                           Value sum = b.sliced({count}), squares = b.sliced({count});
                           std::vector<Value> operands = {sum, squares, b.sliced({count}), b.sliced({count}),
                                                          b.argument({ElementType::I32, {}, -1})};
                           if (scale)
                             operands.push_back(b.sliced({count}));
                           for (Value result : b.node("batch_norm_coefficients_bwd", operands,
                                                      {{"positions", {9}}, {"epsilon", {1e-3}}},
                                                      {sum.type, sum.type, sum.type}))
                             b.result(result);
                         },
                         16});
      }
  table.push_back({"moving_average", "in_place", [](Builder &b) {
                     Value average = b.sliced({37});
                     b.inPlace(b.node("moving_average", {average, b.sliced({37})}, {{"momentum", {0.99}}},
                                      {average.type})[0],
                               average);
                   }});
}

void normalizationRows(std::vector<Row> &table) {
  channelRows(table);
  coefficientRows(table);
}

}  // namespace nncc::ops
