// Rows of single ops, then of fused kernels in small odd shapes, then the kernels of
// models/cifar10.yaml. Dimension 0 is a slice of samples; 5 is the largest small one.
#include "Rows.h"

#include <cctype>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace nncc::ops {

uint64_t Row::seed() const { return std::stoull(schedule::hashOf(name()), nullptr, 16); }

KernelSpec Row::spec(ElementType real) const {
  Builder builder(real);
  build(builder);
  return builder.spec;
}

namespace {

using Build = std::function<void(Builder &)>;
using Pair = std::array<int64_t, 2>;

// A convolution's shape; rows of the three directions share the list below.
struct Convolution {
  const char *variant;
  Shape src;      // [N, H, W, ic]
  Pair kernel;    // kh, kw
  int64_t oc;
  Stride stride = {};
  bool bias = true;

  int64_t ic() const { return src[3]; }
  Shape weights() const { return {kernel[0], kernel[1], ic(), oc}; }
  Shape transposed() const { return {kernel[0], kernel[1], oc, ic()}; }
  Shape dst() const {
    const auto &[top, left, bottom, right] = stride.pads;
    return {src[0], windows(src[1], kernel[0], stride.strides[0], top, bottom),
            windows(src[2], kernel[1], stride.strides[1], left, right), oc};
  }
};

const std::vector<Convolution> convolutions = {
    {"odd_sizes", {5, 7, 9, 5}, {3, 3}, 8},
    {"one_by_one", {5, 4, 3, 1}, {1, 1}, 1, {}, false},
    {"stride_above_kernel", {3, 11, 8, 3}, {2, 2}, 5, {{3, 3}}},
    {"strided", {3, 9, 10, 8}, {3, 3}, 17, {{2, 2}, {1, 1, 1, 0}}},
    {"same_padding", {2, 6, 5, 17}, {3, 3}, 32, {{1, 1}, {1, 1, 1, 1}}},
    {"uneven_padding", {2, 5, 6, 3}, {3, 2}, 8, {{1, 1}, {0, 2, 1, 0}}, false},
    {"oblong_kernel", {2, 8, 7, 8}, {5, 1}, 3, {{1, 2}}},
    {"batch_of_one", {1, 6, 17, 32}, {3, 3}, 64},
    {"whole_image", {4, 3, 3, 64}, {3, 3}, 32},
    {"single_channels", {2, 8, 35, 1}, {3, 3}, 1},
};

void conv2dRows(std::vector<Row> &table) {
  for (const Convolution &c : convolutions) {
    table.push_back({"conv2d", c.variant, [c](Builder &b) {
                       Value src = b.sliced(c.src), weights = b.whole(c.weights());
                       std::optional<Value> bias;
                       if (c.bias)
                         bias = b.whole({c.oc});
                       b.result(b.conv2d(src, weights, bias, c.stride));
                     }});
    table.push_back({"conv2d_bwd_data", c.variant, [c](Builder &b) {
                       Value diffDst = b.sliced(c.dst()), weights = b.whole(c.transposed());
                       b.result(b.conv2dBwdData(diffDst, weights, c.src[1], c.src[2], c.stride));
                     }});
    table.push_back({"conv2d_bwd_weights", c.variant, [c](Builder &b) {
                       Value src = b.sliced(c.src), diffDst = b.sliced(c.dst());
                       auto diff = b.conv2dBwdWeights(src, diffDst, c.kernel[0], c.kernel[1],
                                                      c.stride);
                       b.accumulated(diff[0]);
                       if (c.bias)
                         b.accumulated(diff[1]);
                     }});
  }
}

void denseRows(std::vector<Row> &table) {
  struct Dense {
    const char *variant;
    int64_t samples, in, out;
    bool bias = true;
  };
  for (const Dense &d : {Dense{"odd_sizes", 5, 7, 5}, Dense{"one_by_one", 3, 1, 1, false},
                         Dense{"one_output", 5, 64, 1}, Dense{"classes", 5, 64, 10},
                         Dense{"wide", 4, 17, 65}, Dense{"batch_of_one", 1, 33, 32}}) {
    table.push_back({"dense", d.variant, [d](Builder &b) {
                       Value src = b.sliced({d.samples, d.in}), weights = b.whole({d.in, d.out});
                       std::optional<Value> bias;
                       if (d.bias)
                         bias = b.whole({d.out});
                       b.result(b.dense(src, weights, bias));
                     }});
    table.push_back({"dense_bwd_data", d.variant, [d](Builder &b) {
                       Value diffDst = b.sliced({d.samples, d.out});
                       b.result(b.denseBwdData(diffDst, b.whole({d.out, d.in})));
                     }});
    table.push_back({"dense_bwd_weights", d.variant, [d](Builder &b) {
                       Value src = b.sliced({d.samples, d.in});
                       auto diff = b.denseBwdWeights(src, b.sliced({d.samples, d.out}));
                       b.accumulated(diff[0]);
                       if (d.bias)
                         b.accumulated(diff[1]);
                     }});
    table.push_back({"dense_bwd_weights_whole", d.variant, [d](Builder &b) {
                       Value src = b.sliced({d.samples, d.in}, 1), diffDst = b.whole({d.samples, d.out});
                       Value samples = b.argument({ElementType::I32, {}, -1});
                       b.result(b.denseBwdWeightsWhole(src, diffDst, samples, d.samples == 4 ? 2 : 1));
                     }});
  }
}

struct Pool {
  const char *variant;
  Shape src;
  Pair size;
  Stride stride;

  Shape dst() const {
    const auto &[top, left, bottom, right] = stride.pads;
    return {src[0], windows(src[1], size[0], stride.strides[0], top, bottom),
            windows(src[2], size[1], stride.strides[1], left, right), src[3]};
  }
};

void poolingRows(std::vector<Row> &table) {
  for (const Pool &p :
       {Pool{"two_by_two", {5, 6, 8, 8}, {2, 2}, {{2, 2}}},
        Pool{"does_not_divide", {3, 7, 9, 5}, {2, 2}, {{2, 2}}},
        Pool{"overlapping", {2, 7, 6, 17}, {3, 3}, {{2, 2}, {1, 1, 1, 1}}},
        Pool{"stride_one", {2, 5, 5, 3}, {3, 2}, {{1, 1}, {0, 1, 0, 0}}},
        Pool{"stride_above_size", {2, 9, 10, 1}, {2, 2}, {{3, 4}}},
        Pool{"whole_image", {4, 3, 5, 64}, {3, 5}, {{3, 5}}},
        Pool{"batch_of_one", {1, 4, 4, 32}, {2, 2}, {{2, 2}}}}) {
    table.push_back({"max_pool2d", p.variant, [p](Builder &b) {
                       auto pooled = b.maxPool2d(b.sliced(p.src), p.size, p.stride);
                       b.result(pooled[0]);
                       b.result(pooled[1]);
                     }});
    table.push_back({"max_pool2d_bwd", p.variant, [p](Builder &b) {
                       Value diffDst = b.sliced(p.dst());
                       Value workspace = b.argument({ElementType::U8, p.dst(), 0});
                       Value diffSrc = b.maxPool2dBwd(diffDst, workspace, p.src[1], p.src[2],
                                                      p.size, p.stride);
                       b.result(diffSrc);
                     }});
  }
  table.push_back({"max_pool2d", "without_workspace", [](Builder &b) {
                     auto pooled = b.maxPool2d(b.sliced({3, 7, 7, 8}), {2, 2}, {{2, 2}});
                     b.result(pooled[0]);
                   }});
}

void pointwiseRows(std::vector<Row> &table) {
  for (const auto &[variant, shape] :
       {std::pair<const char *, Shape>{"image", {5, 3, 7, 3}}, {"vector", {5, 37}},
        {"single_channel", {5, 1}}, {"channels", {3, 4, 4, 64}}}) {
    table.push_back({"rescale", std::string("bytes_") + variant, [shape = shape](Builder &b) {
                       b.result(b.rescale(b.argument({ElementType::U8, shape, 0}), 1 / 255., 0));
                     }});
    table.push_back({"rescale", std::string("floats_") + variant, [shape = shape](Builder &b) {
                       b.result(b.rescale(b.sliced(shape), 0.7, -0.3));
                     }});
    for (const char *op : {"add", "maximum", "multiply"})
      table.push_back({op, variant, [op, shape = shape](Builder &b) {
                         Value first = b.sliced(shape);
                         b.result(b.node(op, {first, b.sliced(shape)}, {}, {first.type})[0]);
                       }});
    // Small integers: both are often equal.
    for (int operand : {0, 1})
      table.push_back({"maximum_bwd", variant + std::string(operand ? "_rhs" : "_lhs"),
                       [operand, shape = shape](Builder &b) {
                         Value lhs = b.sliced(shape), rhs = b.sliced(shape);
                         b.result(b.node("maximum_bwd", {lhs, rhs, b.sliced(shape)},
                                         {{"operand", {double(operand)}}}, {lhs.type})[0]);
                       },
                       0, Numbers::Integers});
  }
}

void layoutRows(std::vector<Row> &table) {
  table.push_back({"reshape", "flatten", [](Builder &b) {
                     b.result(b.reshape(b.sliced({5, 2, 3, 5}), {5, 30}));
                   }});
  table.push_back({"reshape", "unflatten", [](Builder &b) {
                     b.result(b.reshape(b.sliced({3, 24}), {3, 2, 3, 4}));
                   }});
  table.push_back({"permute", "transpose", [](Builder &b) {
                     b.result(b.permute(b.whole({17, 33}), {1, 0}));
                   }});
  table.push_back({"permute", "convolution_weights", [](Builder &b) {
                     b.result(b.permute(b.whole({3, 3, 5, 32}), {0, 1, 3, 2}));
                   }});
  table.push_back({"permute", "rotate", [](Builder &b) {
                     b.result(b.permute(b.whole({2, 3, 5}), {2, 0, 1}));
                   }});
  table.push_back({"permute", "sliced", [](Builder &b) {
                     b.result(b.permute(b.sliced({4, 3, 5, 8}), {0, 3, 1, 2}));
                   }});
  for (int64_t lanes : {1, 2, 3, 8})
    table.push_back({"sum_lanes", std::to_string(lanes), [lanes](Builder &b) {
                       Value src = b.argument({b.real, {lanes, 37}, 1});
                       b.result(b.node("sum_lanes", {src}, {}, {{b.real, {37}, 0}})[0]);
                     }});
  table.push_back({"sum_lanes", "of_weights", [](Builder &b) {
                     Value src = b.whole({8, 3, 3, 5, 2});
                     b.result(b.node("sum_lanes", {src}, {}, {{b.real, {3, 3, 5, 2}, -1}})[0]);
                   }});
}

Value crossEntropy(Builder &b, Value logits, Value labels) {
  return b.node("sparse_softmax_cross_entropy", {logits, labels}, {},
                {{b.real, {logits.type.shape[0]}, 0}})[0];
}

Value crossEntropyBwd(Builder &b, Value logits, Value labels, Value diffLoss) {
  return b.node("sparse_softmax_cross_entropy_bwd", {logits, labels, diffLoss}, {},
                {logits.type})[0];
}

Value accuracy(Builder &b, Value scores, Value labels) {
  return b.node("sparse_categorical_accuracy", {scores, labels}, {},
                {{b.real, {scores.type.shape[0]}, 0}})[0];
}

Value lossSeed(Builder &b, Value samples, double weight) {
  return b.node("loss_seed", {samples}, {{"weight", {weight}}}, {{b.real, {}, -1}})[0];
}

Value labelsFor(Builder &b, int64_t samples) {
  return b.argument({ElementType::I32, {samples}, 0});
}

void lossRows(std::vector<Row> &table) {
  struct Classes {
    const char *variant;
    int64_t samples, classes;
    Numbers numbers = Numbers::Real;
  };
  for (const Classes &c :
       {Classes{"ten_classes", 5, 10}, Classes{"two_classes", 5, 2},
        Classes{"odd_classes", 4, 17}, Classes{"many_classes", 2, 100},
        Classes{"large_logits", 5, 10, Numbers::Large},
        Classes{"ties", 5, 8, Numbers::Integers}}) {
    const double tolerance = 8;  // exponentials are good to a few units
    table.push_back({"softmax", c.variant,
                     [c](Builder &b) {
                       Value dst = b.sliced({c.samples, c.classes});
                       dst = b.node("softmax", {dst}, {}, {dst.type})[0];
                       b.result(dst);
                     },
                     tolerance, c.numbers});
    table.push_back({"softmax_bwd", c.variant,
                     [c](Builder &b) {
                       Value dst = b.sliced({c.samples, c.classes});
                       Value diffDst = b.sliced({c.samples, c.classes});
                       b.result(b.node("softmax_bwd", {dst, diffDst}, {}, {dst.type})[0]);
                     },
                     tolerance, c.numbers});
    table.push_back({"sparse_softmax_cross_entropy", c.variant,
                     [c](Builder &b) {
                       Value logits = b.sliced({c.samples, c.classes});
                       Value loss = crossEntropy(b, logits, labelsFor(b, c.samples));
                       b.result(loss);
                     },
                     tolerance, c.numbers});
    table.push_back({"sparse_softmax_cross_entropy_bwd", c.variant,
                     [c](Builder &b) {
                       Value logits = b.sliced({c.samples, c.classes});
                       Value labels = labelsFor(b, c.samples);
                       Value diff = crossEntropyBwd(b, logits, labels, b.whole({}));
                       b.result(diff);
                     },
                     tolerance, c.numbers});
    table.push_back({"sparse_categorical_accuracy", c.variant,
                     [c](Builder &b) {
                       Value scores = b.sliced({c.samples, c.classes});
                       Value right = accuracy(b, scores, labelsFor(b, c.samples));
                       b.result(right);
                     },
                     0, c.numbers});
  }
  Row oneClass = {"softmax", "one_class", [](Builder &b) {
                    Value dst = b.sliced({3, 1});
                    b.result(b.node("softmax", {dst}, {}, {dst.type})[0]);
                  }};
  oneClass.constant = true;
  table.push_back(oneClass);
  table.push_back({"loss_seed", "weighted", [](Builder &b) {
                     b.result(lossSeed(b, b.argument({ElementType::I32, {}, -1}), 0.7));
                   }});
}

// The update of a flat parameter from the sum of its lanes, or from one gradient where
// `lanes` is 0, in place.
void adam(Builder &b, int64_t elements, int64_t lanes) {
  Value param = b.sliced({elements});
  Value grad = lanes ? b.argument({b.real, {lanes, elements}, 1}) : b.sliced({elements});
  Value m = b.sliced({elements}), v = b.sliced({elements});
  Value learningRate = b.argument({ElementType::F64, {}, -1});
  Value iteration = b.argument({ElementType::I64, {}, -1});
  Value sum = lanes ? b.node("sum_lanes", {grad}, {}, {param.type})[0] : grad;
  auto updated = b.node("adam_update", {param, sum, m, v, learningRate, iteration},
                        {{"beta_1", {0.9}}, {"beta_2", {0.999}}, {"epsilon", {1e-7}}},
                        {param.type, param.type, param.type});
  b.inPlace(updated[0], param);
  b.inPlace(updated[1], m);
  b.inPlace(updated[2], v);
}

void optimizerRows(std::vector<Row> &table) {
  for (int64_t elements : {1, 10, 650})
    table.push_back({"adam_update", std::to_string(elements),
                     [elements](Builder &b) { adam(b, elements, 0); }});
}

// rescale(u8) -> conv2d + bias -> relu, and the gradient of its weights.
Row imageForward(std::string variant, Convolution c, Size size) {
  return {"fused", std::move(variant),
          [c](Builder &b) {
            Value image = b.argument({ElementType::U8, c.src, 0});
            Value weights = b.whole(c.weights()), bias = b.whole({c.oc});
            b.result(b.relu(b.conv2d(b.rescale(image, 1 / 255., 0), weights, bias, c.stride)));
          },
          4, Numbers::Real, size};
}

Row imageBwdWeights(std::string variant, Convolution c, Size size) {
  return {"fused", std::move(variant),
          [c](Builder &b) {
            Value image = b.argument({ElementType::U8, c.src, 0});
            Value diffDst = b.sliced(c.dst());
            auto diff = b.conv2dBwdWeights(b.rescale(image, 1 / 255., 0), diffDst, c.kernel[0],
                                           c.kernel[1], c.stride);
            b.accumulated(diff[0]);
            b.accumulated(diff[1]);
          },
          8, Numbers::Real, size};
}

Shape pooled(const Convolution &c, Pair pool);

// The same behind a max-pool.
Row imagePooledBwdWeights(std::string variant, Convolution c, Pair pool, Size size) {
  return {"fused", std::move(variant),
          [=](Builder &b) {
            Value diff = b.sliced(pooled(c, pool)), workspace = b.argument({ElementType::U8, pooled(c, pool), 0});
            Value image = b.argument({ElementType::U8, c.src, 0});
            Value diffDst = b.maxPool2dBwd(diff, workspace, c.dst()[1], c.dst()[2], pool, {pool});
            auto sums = b.conv2dBwdWeights(b.rescale(image, 1 / 255., 0), diffDst, c.kernel[0], c.kernel[1], c.stride);
            b.accumulated(sums[0]);
            b.accumulated(sums[1]);
          },
          8, Numbers::Real, size};
}

// How a convolution's result is pooled; strides equal sizes, no padding.
Shape pooled(const Convolution &c, Pair pool) {
  Shape dst = c.dst();
  return {dst[0], dst[1] / pool[0], dst[2] / pool[1], dst[3]};
}

enum class Tail { Plain, Flat };           // what follows a pool
enum class Use { Training, Evaluation };   // with or without workspace

Row convForward(std::string variant, Convolution c, std::optional<Pair> pool, Tail tail, Use use,
                Size size) {
  return {"fused", std::move(variant),
          [=](Builder &b) {
            Value src = b.sliced(c.src), weights = b.whole(c.weights()), bias = b.whole({c.oc});
            Value dst = b.conv2d(src, weights, bias, c.stride);
            std::optional<Value> workspace;
            if (pool) {
              auto pooled = b.maxPool2d(dst, *pool, {*pool});
              dst = pooled[0];
              workspace = pooled[1];
            }
            dst = b.relu(dst);
            if (tail == Tail::Flat)
              dst = b.reshape(dst, {c.src[0], elementsOf(dst.type.shape) / c.src[0]});
            if (workspace && use == Use::Training)
              b.result(*workspace);
            b.result(dst);
          },
          4, Numbers::Real, size};
}

// The gradient of a convolution's result: an argument, or what the pool behind it gets.
Value diffOfDst(Builder &b, const Convolution &c, std::optional<Pair> pool, Tail tail) {
  if (!pool)
    return b.sliced(c.dst());
  const Shape shape = pooled(c, *pool);
  Value diff = tail == Tail::Flat
                   ? b.reshape(b.sliced({shape[0], elementsOf(shape) / shape[0]}), shape)
                   : b.sliced(shape);
  Value workspace = b.argument({ElementType::U8, shape, 0});
  return b.maxPool2dBwd(diff, workspace, c.dst()[1], c.dst()[2], *pool, {*pool});
}

Row convBwdWeights(std::string variant, Convolution c, std::optional<Pair> pool, Tail tail,
                   Size size) {
  return {"fused", std::move(variant),
          [=](Builder &b) {
            // Arguments stand in the order of their first use.
            std::optional<Value> diffDst;
            if (pool)
              diffDst = diffOfDst(b, c, pool, tail);
            Value src = b.sliced(c.src);
            if (!pool)
              diffDst = b.sliced(c.dst());
            auto diff =
                b.conv2dBwdWeights(src, *diffDst, c.kernel[0], c.kernel[1], c.stride);
            b.accumulated(diff[0]);
            b.accumulated(diff[1]);
          },
          8, Numbers::Real, size};
}

Row convBwdData(std::string variant, Convolution c, std::optional<Pair> pool, Tail tail,
                Size size) {
  return {"fused", std::move(variant),
          [=](Builder &b) {
            Value diffDst = diffOfDst(b, c, pool, tail), weights = b.whole(c.transposed());
            Value dstBelow = b.sliced(c.src);
            Value diffSrc = b.conv2dBwdData(diffDst, weights, c.src[1], c.src[2], c.stride);
            b.result(b.reluBwd(dstBelow, diffSrc));
          },
          4, Numbers::Real, size};
}

Row denseForward(std::string variant, Shape sizes, bool relu, Size size) {
  return {"fused", std::move(variant),
          [=](Builder &b) {
            Value src = b.sliced({sizes[0], sizes[1]}), weights = b.whole({sizes[1], sizes[2]});
            Value dst = b.dense(src, weights, b.whole({sizes[2]}));
            b.result(relu ? b.relu(dst) : dst);
          },
          4, Numbers::Real, size};
}

Row denseBwdData(std::string variant, Shape sizes, Size size) {
  return {"fused", std::move(variant),
          [=](Builder &b) {
            Value diffDst = b.sliced({sizes[0], sizes[2]});
            Value weights = b.whole({sizes[2], sizes[1]}), dstBelow = b.sliced({sizes[0], sizes[1]});
            b.result(b.reluBwd(dstBelow, b.denseBwdData(diffDst, weights)));
          },
          4, Numbers::Real, size};
}

// diff_dst = relu_bwd(dst, .) before the weight gradient.
Row denseBwdWeights(std::string variant, Shape sizes, bool relu, Size size) {
  return {"fused", std::move(variant),
          [=](Builder &b) {
            Value src = b.sliced({sizes[0], sizes[1]}), diffDst = b.sliced({sizes[0], sizes[2]});
            if (relu)
              diffDst = b.reluBwd(b.sliced({sizes[0], sizes[2]}), diffDst);
            auto diff = b.denseBwdWeights(src, diffDst);
            b.accumulated(diff[0]);
            b.accumulated(diff[1]);
          },
          4, Numbers::Real, size};
}

enum class LossUse { Training, Evaluation };

Row lossRow(std::string variant, int64_t samples, int64_t classes, LossUse use, Size size) {
  return {"fused", std::move(variant),
          [=](Builder &b) {
            Value logits = b.sliced({samples, classes}), labels = labelsFor(b, samples);
            b.result(crossEntropy(b, logits, labels));
            b.result(accuracy(b, logits, labels));
            if (use == LossUse::Training) {
              Value seed = lossSeed(b, b.argument({ElementType::I32, {}, -1}), 1);
              b.result(crossEntropyBwd(b, logits, labels, seed));
            }
          },
          8, Numbers::Real, size};
}

Row adamRow(std::string variant, int64_t elements, Size size) {
  return {"fused", std::move(variant), [=](Builder &b) { adam(b, elements, 8); }, 4, Numbers::Real, size};
}

Row permuteRow(std::string variant, Shape weights, std::vector<double> perm) {
  return {"fused", std::move(variant),
          [=](Builder &b) { b.result(b.permute(b.whole(weights), perm)); },
          0, Numbers::Real, Size::Large};
}

// The combinations of models/cifar10.yaml in shapes that nothing divides.
void fusedRows(std::vector<Row> &table) {
  const Convolution image = {"", {5, 9, 8, 3}, {3, 3}, 17};
  const Convolution odd = {"", {5, 9, 11, 5}, {3, 3}, 17};
  const Convolution even = {"", {3, 8, 8, 8}, {3, 3}, 32};
  const Convolution padded = {"", {2, 7, 8, 3}, {3, 3}, 8, {{1, 1}, {1, 1, 1, 1}}};
  const Convolution strided = {"", {2, 11, 9, 8}, {3, 3}, 5, {{2, 2}, {0, 1, 0, 1}}};
  const Size small = Size::Small;
  const Pair two = {2, 2};
  table.push_back(imageForward("image_conv_relu", image, small));
  table.push_back(imageForward("image_padded_conv_relu", padded, small));
  table.push_back(imageBwdWeights("image_conv_bwd_weights", image, small));
  table.push_back(imageBwdWeights("image_padded_conv_bwd_weights", padded, small));
  // Few channels whose rows are longer than a vector.
  const Convolution longer{"", {2, 19, 23, 3}, {3, 3}, 16, {{2, 2}, {0, 0, 1, 1}}};
  const Convolution wide{"", {3, 10, 21, 1}, {5, 4}, 12, {{1, 1}, {2, 3, 1, 0}}};
  for (auto &[name, c] : {std::pair("image_strided", longer), std::pair("image_wide", wide)}) {
    table.push_back(imageForward(std::string(name) + "_conv_relu", c, small));
    table.push_back(imageBwdWeights(std::string(name) + "_conv_bwd_weights", c, small));
    table.push_back(imagePooledBwdWeights(std::string(name) + "_pool_bwd_conv_bwd_weights", c, {2, 2}, small));
  }
  table.push_back(imagePooledBwdWeights("image_uneven_pool_bwd_conv_bwd_weights", padded, {3, 2}, small));
  table.push_back(convForward("conv_relu", odd, {}, Tail::Plain, Use::Training, small));
  table.push_back(convForward("conv_pool_relu", even, two, Tail::Plain, Use::Training, small));
  table.push_back(
      convForward("conv_odd_pool_relu", odd, two, Tail::Plain, Use::Training, small));
  table.push_back(
      convForward("conv_uneven_pool_relu", odd, Pair{3, 2}, Tail::Plain, Use::Training, small));
  table.push_back(
      convForward("padded_conv_pool_relu", padded, two, Tail::Plain, Use::Training, small));
  table.push_back(
      convForward("strided_conv_pool_relu", strided, two, Tail::Plain, Use::Training, small));
  table.push_back(
      convForward("conv_pool_relu_flat", even, two, Tail::Flat, Use::Training, small));
  table.push_back(
      convForward("conv_pool_relu_evaluate", odd, two, Tail::Plain, Use::Evaluation, small));
  for (const auto &[name, convolution] :
       {std::pair{"even", even}, {"odd", odd}, {"padded", padded}, {"strided", strided}}) {
    const std::string prefix = name;
    table.push_back(convBwdWeights(prefix + "_conv_bwd_weights_pool", convolution, two,
                                   Tail::Plain, small));
    table.push_back(convBwdData(prefix + "_conv_bwd_data_relu", convolution, {},
                                Tail::Plain, small));
    table.push_back(convBwdData(prefix + "_conv_bwd_data_pool_relu", convolution, two,
                                Tail::Plain, small));
  }
  table.push_back(convBwdWeights("conv_bwd_weights_flat_pool", even, two, Tail::Flat, small));
  table.push_back(convBwdData("conv_bwd_data_flat_pool_relu", even, two, Tail::Flat, small));
  table.push_back(denseForward("dense_relu", {5, 17, 33}, true, small));
  table.push_back(denseBwdData("dense_bwd_data_relu", {5, 17, 33}, small));
  table.push_back(denseBwdWeights("dense_bwd_weights_relu", {5, 17, 33}, true, small));
  table.push_back(lossRow("loss_and_gradient", 5, 10, LossUse::Training, small));
  table.push_back(lossRow("loss_and_gradient_odd", 3, 17, LossUse::Training, small));
  table.push_back(lossRow("loss_and_accuracy", 5, 10, LossUse::Evaluation, small));
  table.push_back(adamRow("lanes_adam", 37, small));

  // Values that a kernel both stores and goes on with.
  table.push_back({"fused", "conv_stored_before_relu", [odd](Builder &b) {
                     Value src = b.sliced(odd.src), weights = b.whole(odd.weights());
                     Value dst = b.conv2d(src, weights, b.whole({odd.oc}));
                     b.result(dst);
                     b.result(b.relu(dst));
                   }});
  // Windows that share rows and see padding: strips at the edges need fewer sums than the others.
  table.push_back({"fused", "conv_overlapping_padded_pool", [](Builder &b) {
                     Value src = b.sliced({2, 16, 9, 5}), weights = b.whole({2, 2, 5, 7});
                     Value sums = b.conv2d(src, weights, b.whole({7}));
                     auto pooled = b.maxPool2d(sums, {3, 3}, {{2, 2}, {1, 1, 1, 1}});
                     b.result(pooled[0]);
                     b.result(pooled[1]);
                   }});
  table.push_back({"fused", "pointwise_chain", [](Builder &b) {
                     Value src = b.argument({ElementType::U8, {4, 5, 3}, 0});
                     Value dst = b.relu(b.rescale(src, 1 / 127.5, -1));
                     b.result(b.rescale(dst, 3, 0.5));
                   }});
}

}  // namespace

std::vector<Row> cifar10Rows() {
  const int64_t batch = 32;
  const Convolution conv1 = {"", {batch, 32, 32, 3}, {3, 3}, 32};
  const Convolution conv2 = {"", {batch, 30, 30, 32}, {3, 3}, 32};
  const Convolution conv3 = {"", {batch, 14, 14, 32}, {3, 3}, 32};
  const Convolution conv4 = {"", {batch, 6, 6, 32}, {3, 3}, 64};
  const Convolution conv5 = {"", {batch, 4, 4, 64}, {3, 3}, 64};
  const Size large = Size::Large;
  const Pair two = {2, 2};
  const Tail plain = Tail::Plain;
  const Use train = Use::Training, evaluate = Use::Evaluation;
  std::vector<Row> table = {
      imageForward("cifar10_conv1", conv1, large),
      convForward("cifar10_conv2", conv2, two, plain, train, large),
      convForward("cifar10_conv3", conv3, two, plain, train, large),
      convForward("cifar10_conv4", conv4, {}, plain, train, large),
      convForward("cifar10_conv5", conv5, two, plain, train, large),
      convForward("cifar10_conv2_evaluate", conv2, two, plain, evaluate, large),
      convForward("cifar10_conv3_evaluate", conv3, two, plain, evaluate, large),
      convForward("cifar10_conv5_evaluate", conv5, two, plain, evaluate, large),
      denseForward("cifar10_dense1", {batch, 64, 64}, true, large),
      denseForward("cifar10_dense2", {batch, 64, 10}, false, large),
      lossRow("cifar10_loss", batch, 10, LossUse::Training, large),
      lossRow("cifar10_loss_evaluate", batch, 10, LossUse::Evaluation, large),
      denseBwdWeights("cifar10_dense2_bwd_weights", {batch, 64, 10}, false, large),
      denseBwdData("cifar10_dense2_bwd_data", {batch, 64, 10}, large),
      denseBwdWeights("cifar10_dense1_bwd_weights", {batch, 64, 64}, false, large),
      denseBwdData("cifar10_dense1_bwd_data", {batch, 64, 64}, large),
      convBwdWeights("cifar10_conv5_bwd_weights", conv5, two, plain, large),
      convBwdData("cifar10_conv5_bwd_data", conv5, two, plain, large),
      convBwdWeights("cifar10_conv4_bwd_weights", conv4, {}, plain, large),
      convBwdData("cifar10_conv4_bwd_data", conv4, {}, plain, large),
      convBwdWeights("cifar10_conv3_bwd_weights", conv3, two, plain, large),
      convBwdData("cifar10_conv3_bwd_data", conv3, two, plain, large),
      convBwdWeights("cifar10_conv2_bwd_weights", conv2, two, plain, large),
      convBwdData("cifar10_conv2_bwd_data", conv2, two, plain, large),
      imageBwdWeights("cifar10_conv1_bwd_weights", conv1, large),
  };
  for (Row &row : table)
    row.slice = 9;  // a step's slices have 8 samples at most, evaluation's more
  table.push_back({"fused", "cifar10_softmax",
                   [](Builder &b) {
                     Value src = b.sliced({batch, 10});
                     b.result(b.node("softmax", {src}, {}, {src.type})[0]);
                   },
                   8, Numbers::Real, large});
  table.push_back(permuteRow("cifar10_transpose_conv2", {3, 3, 32, 32}, {0, 1, 3, 2}));
  table.push_back(permuteRow("cifar10_transpose_conv4", {3, 3, 32, 64}, {0, 1, 3, 2}));
  table.push_back(permuteRow("cifar10_transpose_conv5", {3, 3, 64, 64}, {0, 1, 3, 2}));
  table.push_back(permuteRow("cifar10_transpose_dense1", {64, 64}, {1, 0}));
  table.push_back(permuteRow("cifar10_transpose_dense2", {64, 10}, {1, 0}));
  // Weights and biases; the last bias has 10 numbers and is padded as the plan does.
  for (int64_t elements : {864, 9216, 18432, 36864, 4096, 640, 32, 64, 16})
    table.push_back(adamRow("cifar10_update_" + std::to_string(elements), elements, large));
  return table;
}

static std::vector<Row> &rowsFromFiles() {
  static std::vector<Row> added;
  return added;
}

void addRowsFrom(const std::vector<std::string> &paths) {
  for (const std::string &path : paths) {
    std::ifstream stream(path);
    if (!stream)
      throw std::runtime_error("cannot read " + path);
    const KernelSpec spec = KernelSpec::fromJson({std::istreambuf_iterator<char>(stream), {}});
    std::string variant = std::filesystem::path(path).stem();
    for (char &letter : variant)
      if (!std::isalnum(static_cast<unsigned char>(letter)))
        letter = '_';
    Row row = {"file", variant, [spec](Builder &b) { b.spec = spec; }, 8};
    for (const TensorType &argument : spec.arguments) {
      if (argument.elements() > 1 << 16)
        row.size = Size::Large;
      if (argument.sliced == 0 && argument.shape.size() > 1)
        row.slice = std::min<int64_t>(9, argument.shape[0]);
    }
    rowsFromFiles().push_back(std::move(row));
  }
}

const std::vector<Row> &rows() {
  static const std::vector<Row> table = [] {
    std::vector<Row> all;
    pointwiseRows(all);
    activationRows(all);
    partRows(all);
    recurrentRows(all);
    layoutRows(all);
    conv2dRows(all);
    denseRows(all);
    poolingRows(all);
    lossRows(all);
    criteriaRows(all);
    metricRows(all);
    embeddingRows(all);
    sequenceRows(all);
    optimizerRows(all);
    normalizationRows(all);
    addOptimizerRows(all);
    fusedRows(all);
    for (auto family : {convolutionRows})
      for (Row &row : family())
        all.push_back(std::move(row));
    for (Row &row : cifar10Rows())
      all.push_back(std::move(row));
    for (const Row &row : rowsFromFiles())
      all.push_back(row);
    return all;
  }();
  return table;
}

}  // namespace nncc::ops
