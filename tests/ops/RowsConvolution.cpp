// Convolutions beyond those of Rows.cpp: dilated, in groups, depthwise, transposed, over
// sequences; and the layers of residual and mobile networks in their real sizes.
#include "Rows.h"

namespace nncc::ops {

namespace {

struct Kernel {
  const char *variant;
  Shape src;                      // [N, H, W, ic]
  std::array<int64_t, 2> kernel;  // kh, kw
  int64_t oc;
  Stride stride = {};

  int64_t groups() const { return stride.groups; }
  Shape weights() const { return {kernel[0], kernel[1], src[3] / groups(), oc}; }
  Shape transposed() const { return {kernel[0], kernel[1], oc / groups(), src[3]}; }
  Shape dst() const {
    const auto &[top, left, bottom, right] = stride.pads;
    return {src[0],
            windows(src[1], kernel[0], stride.strides[0], top, bottom, stride.dilations[0]),
            windows(src[2], kernel[1], stride.strides[1], left, right, stride.dilations[1]), oc};
  }
};

const std::vector<Kernel> &kernels() {
  static const std::vector<Kernel> all = {
      {"dilated_same_padding", {2, 7, 9, 3}, {3, 3}, 17, {{1, 1}, {2, 2, 2, 2}, {2, 2}}},
      {"dilated_unevenly", {2, 9, 7, 8}, {2, 3}, 5, {{2, 1}, {0, 1, 1, 2}, {3, 2}}},
      {"dilated_strided", {2, 11, 10, 3}, {3, 2}, 8, {{2, 2}, {1, 1, 0, 1}, {2, 3}}},
      {"groups", {3, 6, 7, 8}, {3, 3}, 16, {{1, 1}, {0, 0, 0, 0}, {1, 1}, 2}},
      {"groups_strided", {2, 9, 8, 12}, {3, 3}, 6, {{2, 2}, {1, 0, 1, 1}, {1, 1}, 3}},
      {"groups_wide", {2, 5, 6, 64}, {1, 3}, 32, {{1, 1}, {0, 1, 0, 1}, {1, 1}, 2}},
      {"depthwise", {3, 7, 9, 17}, {3, 3}, 17, {{1, 1}, {0, 0, 0, 0}, {1, 1}, 17}},
      {"depthwise_same", {2, 6, 7, 64}, {3, 3}, 64, {{1, 1}, {1, 1, 1, 1}, {1, 1}, 64}},
      {"depthwise_few", {2, 6, 7, 3}, {3, 3}, 3, {{1, 1}, {1, 1, 1, 1}, {1, 1}, 3}},
      {"depthwise_strided", {2, 9, 8, 32}, {3, 3}, 32, {{2, 2}, {0, 0, 1, 1}, {1, 1}, 32}},
      {"depthwise_multiplier", {2, 6, 7, 5}, {3, 3}, 10, {{1, 1}, {1, 1, 1, 1}, {1, 1}, 5}},
      {"depthwise_multiplier_strided", {2, 9, 7, 16}, {3, 2}, 32, {{2, 1}, {1, 0, 1, 1}, {1, 1}, 16}},
      {"depthwise_dilated", {2, 9, 9, 8}, {3, 3}, 8, {{1, 1}, {2, 2, 2, 2}, {2, 2}, 8}},
      {"depthwise_large_window", {1, 11, 13, 16}, {7, 9}, 16, {{1, 1}, {3, 4, 3, 4}, {1, 1}, 16}},
      {"one_by_one_strided", {3, 7, 6, 8}, {1, 1}, 16, {{2, 2}}},
      {"even_kernel_strided", {2, 8, 10, 8}, {4, 4}, 5, {{2, 2}, {1, 1, 1, 1}}},
      {"strided_by_three", {2, 10, 8, 4}, {5, 2}, 8, {{3, 3}, {1, 0, 2, 1}}},
      {"sequence", {3, 37, 1, 3}, {5, 1}, 8, {{1, 1}, {4, 0, 0, 0}}},
      {"sequence_strided", {2, 41, 1, 16}, {4, 1}, 17, {{3, 1}, {1, 0, 1, 0}}},
  };
  return all;
}

// Large ones are run on one sample, and nothing is differentiated through them.
void add(std::vector<Row> &table, const Kernel &k, Size size) {
  auto row = [&](const std::string &op, const std::function<void(Builder &)> &build) {
    Row made = {op, k.variant, build, op == "conv2d_bwd_weights" ? 8. : 4., Numbers::Real, size};
    if (size == Size::Large) {
      made.op = "fused";
      made.variant = op + "_" + k.variant;
      made.slice = 1;
    }
    table.push_back(made);
  };
  row("conv2d", [k](Builder &b) {
    Value src = b.sliced(k.src), weights = b.whole(k.weights());
    b.result(b.conv2d(src, weights, b.whole({k.oc}), k.stride));
  });
  row("conv2d_bwd_data", [k](Builder &b) {
    Value diffDst = b.sliced(k.dst()), weights = b.whole(k.transposed());
    b.result(b.conv2dBwdData(diffDst, weights, k.src[1], k.src[2], k.stride));
  });
  row("conv2d_bwd_weights", [k](Builder &b) {
    Value src = b.sliced(k.src), diffDst = b.sliced(k.dst());
    auto diff = b.conv2dBwdWeights(src, diffDst, k.kernel[0], k.kernel[1], k.stride);
    b.accumulated(diff[0]);
    b.accumulated(diff[1]);
  });
}

// A layer's kernels as fusion makes them: a relu behind, a relu's gradient before.
void addFused(std::vector<Row> &table, const Kernel &k) {
  const std::string name = k.variant;
  table.push_back({"fused", name + "_relu", [k](Builder &b) {
                     Value src = b.sliced(k.src), weights = b.whole(k.weights());
                     b.result(b.relu(b.conv2d(src, weights, b.whole({k.oc}), k.stride)));
                   }});
  table.push_back({"fused", name + "_bwd_data_relu", [k](Builder &b) {
                     Value dst = b.sliced(k.dst()), diffDst = b.reluBwd(dst, b.sliced(k.dst()));
                     Value weights = b.whole(k.transposed()), below = b.sliced(k.src);
                     Value diffSrc = b.conv2dBwdData(diffDst, weights, k.src[1], k.src[2], k.stride);
                     b.result(b.reluBwd(below, diffSrc));
                   }});
  table.push_back({"fused", name + "_bwd_weights_relu",
                   [k](Builder &b) {
                     Value src = b.sliced(k.src), dst = b.sliced(k.dst());
                     Value diffDst = b.reluBwd(dst, b.sliced(k.dst()));
                     auto diff = b.conv2dBwdWeights(src, diffDst, k.kernel[0], k.kernel[1], k.stride);
                     b.accumulated(diff[0]);
                     b.accumulated(diff[1]);
                   },
                   8});
  const Shape dst = k.dst();
  if (dst[1] < 2 || dst[2] < 2)
    return;
  table.push_back({"fused", name + "_pool", [k](Builder &b) {
                     Value src = b.sliced(k.src), weights = b.whole(k.weights());
                     Value sums = b.conv2d(src, weights, b.whole({k.oc}), k.stride);
                     auto pooled = b.maxPool2d(sums, {2, 2}, {{2, 2}});
                     b.result(pooled[0]);
                     b.result(pooled[1]);
                   }});
}

}  // namespace

std::vector<Row> convolutionRows() {
  std::vector<Row> table;
  for (const Kernel &k : kernels())
    add(table, k, Size::Small);
  for (const Kernel &k : kernels())
    for (const char *variant : {"dilated_same_padding", "groups_strided", "depthwise_strided"})
      if (k.variant == std::string(variant))
        addFused(table, k);

  // Transposed convolutions: with a bias, and with a pool behind.
  for (const Kernel &k : {Kernel{"transposed", {3, 8, 10, 17}, {3, 3}, 5, {{2, 2}, {0, 0, 1, 1}}},
                          Kernel{"transposed_gaps", {2, 9, 6, 8}, {2, 2}, 3, {{3, 3}}},
                          Kernel{"transposed_sequence", {2, 22, 1, 8}, {4, 1}, 16, {{2, 1}}}}) {
    table.push_back({"conv2d_bwd_data", k.variant, [k](Builder &b) {
                       Value src = b.sliced(k.dst()), weights = b.whole(k.transposed());
                       Value bias = b.whole({k.src[3]});
                       b.result(b.conv2dBwdData(src, weights, k.src[1], k.src[2], k.stride, bias));
                     }});
  }
  const Kernel pooled = {"", {2, 8, 10, 8}, {3, 3}, 5, {{2, 2}, {0, 0, 1, 1}}};
  table.push_back({"fused", "transposed_pool_relu", [pooled](Builder &b) {
                     Value src = b.sliced(pooled.dst()), weights = b.whole(pooled.transposed());
                     Value sums = b.conv2dBwdData(src, weights, pooled.src[1], pooled.src[2],
                                                  pooled.stride, b.whole({pooled.src[3]}));
                     auto result = b.maxPool2d(sums, {2, 2}, {{2, 2}});
                     b.result(b.relu(result[0]));
                     b.result(result[1]);
                   }});

  for (const auto &[variant, shape] :
       {std::pair<const char *, Shape>{"odd_sizes", {5, 3, 7, 5}}, {"one_channel", {3, 4, 5, 1}},
        {"vectors", {3, 4, 4, 64}}, {"one_point", {4, 1, 1, 17}}}) {
    table.push_back({"bias_bwd", variant, [shape = shape](Builder &b) {
                       b.accumulated(b.biasBwd(b.sliced(shape)));
                     }});
  }
  table.push_back({"fused", "bias_bwd_relu", [](Builder &b) {
                     Value dst = b.sliced({3, 5, 4, 17});
                     b.accumulated(b.biasBwd(b.reluBwd(dst, b.sliced({3, 5, 4, 17}))));
                   }});

  // Residual and mobile networks over images of 224 x 224, and wide layers whose rows no stack holds.
  for (const Kernel &k :
       {Kernel{"resnet_stem", {2, 224, 224, 3}, {7, 7}, 64, {{2, 2}, {2, 2, 3, 3}}},
        Kernel{"resnet_projection", {2, 56, 56, 64}, {1, 1}, 128, {{2, 2}}},
        Kernel{"resnet_wide", {2, 28, 28, 512}, {3, 3}, 64, {{1, 1}, {1, 1, 1, 1}}},
        Kernel{"mobilenet_depthwise", {2, 56, 56, 128}, {3, 3}, 128, {{1, 1}, {1, 1, 1, 1}, {1, 1}, 128}},
        Kernel{"mobilenet_strided", {2, 28, 28, 256}, {3, 3}, 256, {{2, 2}, {0, 0, 1, 1}, {1, 1}, 256}}})
    add(table, k, Size::Large);
  return table;
}

}  // namespace nncc::ops
