// Slices, borders, concatenations, repeated elements, and means over windows.
#include "Rows.h"

namespace nncc::ops {

namespace {

std::vector<double> numbersOf(const Shape &shape) { return {shape.begin(), shape.end()}; }

Value slice(Builder &b, Value src, Shape begin, Shape size) {
  return b.node("slice", {src}, {{"begin", numbersOf(begin)}, {"size", numbersOf(size)}},
                {{b.real, size, 0}})[0];
}

Value pad(Builder &b, Value src, Shape before, Shape after) {
  Shape shape = src.type.shape;
  for (size_t d = 0; d < shape.size(); d++)
    shape[d] += before[d] + after[d];
  return b.node("pad", {src}, {{"before", numbersOf(before)}, {"after", numbersOf(after)}},
                {{b.real, shape, 0}})[0];
}

Value concatenate(Builder &b, std::vector<Value> srcs, size_t axis) {
  Shape shape = srcs[0].type.shape;
  shape[axis] = 0;
  for (const Value &src : srcs)
    shape[axis] += src.type.shape[axis];
  return b.node("concatenate", srcs, {{"axis", {double(axis)}}}, {{b.real, shape, 0}})[0];
}

Value upsample(Builder &b, Value src, int64_t down, int64_t right) {
  Shape shape = src.type.shape;
  shape[1] *= down;
  shape[2] *= right;
  return b.node("upsample", {src}, {{"size", {double(down), double(right)}}}, {{b.real, shape, 0}})[0];
}

struct Pool {
  const char *variant;
  Shape src;
  std::array<int64_t, 2> size;
  Stride stride;

  Shape dst() const {
    const auto &[top, left, bottom, right] = stride.pads;
    return {src[0], windows(src[1], size[0], stride.strides[0], top, bottom),
            windows(src[2], size[1], stride.strides[1], left, right), src[3]};
  }
  Attributes attributes() const {
    return {{"pool_size", {size.begin(), size.end()}},
            {"strides", {stride.strides.begin(), stride.strides.end()}},
            {"pads", {stride.pads.begin(), stride.pads.end()}}};
  }
};

Value avgPool2d(Builder &b, Value src, const Pool &p) {
  return b.node("avg_pool2d", {src}, p.attributes(), {{b.real, p.dst(), 0}})[0];
}

Value avgPool2dBwd(Builder &b, Value diffDst, const Pool &p) {
  Attributes attributes = p.attributes();
  attributes["src_size"] = {double(p.src[1]), double(p.src[2])};
  return b.node("avg_pool2d_bwd", {diffDst}, attributes, {{b.real, p.src, 0}})[0];
}

void meanRows(std::vector<Row> &table) {
  for (const Pool &p :
       {Pool{"two_by_two", {5, 6, 8, 8}, {2, 2}, {{2, 2}}},
        Pool{"does_not_divide", {3, 7, 9, 5}, {2, 2}, {{2, 2}}},
        Pool{"overlapping", {2, 7, 6, 17}, {3, 3}, {{2, 2}, {1, 1, 1, 1}}},
        Pool{"uneven_padding", {2, 5, 5, 3}, {3, 2}, {{1, 1}, {0, 1, 2, 0}}},
        Pool{"stride_above_size", {2, 9, 10, 1}, {2, 2}, {{3, 4}}},
        Pool{"small_image", {4, 3, 5, 64}, {3, 5}, {{3, 5}}},
        Pool{"global", {3, 7, 6, 40}, {7, 6}, {{7, 6}}},
        Pool{"global_odd_channels", {5, 5, 9, 5}, {5, 9}, {{5, 9}}},
        Pool{"global_wide", {2, 9, 9, 130}, {9, 9}, {{9, 9}}},
        Pool{"global_of_one_channel", {2, 8, 8, 1}, {8, 8}, {{8, 8}}},
        Pool{"large_overlapping", {2, 11, 9, 17}, {5, 6}, {{1, 1}, {2, 3, 2, 2}}},
        Pool{"large_strided", {2, 12, 11, 8}, {6, 5}, {{4, 3}, {1, 0, 0, 2}}},
        Pool{"column", {3, 33, 1, 20}, {33, 1}, {{33, 1}}},
        Pool{"batch_of_one", {1, 4, 4, 32}, {2, 2}, {{2, 2}}}}) {
    table.push_back({"avg_pool2d", p.variant, [p](Builder &b) {
                       b.result(avgPool2d(b, b.sliced(p.src), p));
                     }});
    table.push_back({"avg_pool2d_bwd", p.variant, [p](Builder &b) {
                       b.result(avgPool2dBwd(b, b.sliced(p.dst()), p));
                     }});
  }
  const Pool twoByTwo = {"", {3, 6, 6, 17}, {2, 2}, {{2, 2}}};
  const Pool overlapping = {"", {3, 6, 7, 16}, {3, 3}, {{2, 2}, {1, 1, 1, 1}}};
  const Pool global = {"", {3, 6, 7, 16}, {6, 7}, {{6, 7}}};
  auto forward = [&](const char *variant, Pool p) {
    table.push_back({"fused", variant,
                     [p](Builder &b) {
                       Value src = b.sliced({p.src[0], p.src[1] + 2, p.src[2] + 2, 5});
                       Value weights = b.whole({3, 3, 5, p.src[3]});
                       Value dst = b.conv2d(src, weights, b.whole({p.src[3]}));
                       b.result(avgPool2d(b, b.relu(dst), p));
                     },
                     8});
  };
  forward("conv2d_relu_avg_pool2d", twoByTwo);
  forward("conv2d_relu_avg_pool2d_overlapping", overlapping);
  auto backward = [&](const char *variant, Pool p) {
    table.push_back({"fused", std::string(variant) + "_conv2d_bwd_data",
                     [p](Builder &b) {
                       Value diff = b.sliced(p.dst()), dst = b.sliced(p.src);
                       diff = b.reluBwd(dst, avgPool2dBwd(b, diff, p));
                       Value weights = b.whole({3, 3, p.src[3], 8});
                       b.result(b.conv2dBwdData(diff, weights, p.src[1] + 2, p.src[2] + 2));
                     },
                     8});
    table.push_back({"fused", std::string(variant) + "_conv2d_bwd_weights",
                     [p](Builder &b) {
                       Value diff = b.sliced(p.dst()), dst = b.sliced(p.src);
                       Value src = b.sliced({p.src[0], p.src[1] + 2, p.src[2] + 2, 5});
                       diff = b.reluBwd(dst, avgPool2dBwd(b, diff, p));
                       auto sums = b.conv2dBwdWeights(src, diff, 3, 3);
                       b.accumulated(sums[0]);
                       b.accumulated(sums[1]);
                     },
                     8});
  };
  backward("avg_pool2d_bwd", twoByTwo);
  backward("avg_pool2d_bwd_overlapping", overlapping);
  backward("global_avg_pool2d_bwd", global);
  table.push_back({"fused", "relu_global_avg_pool2d",
                   [global](Builder &b) { b.result(avgPool2d(b, b.relu(b.sliced(global.src)), global)); }});
}

void movingRows(std::vector<Row> &table) {
  table.push_back({"slice", "image", [](Builder &b) {
                     b.result(slice(b, b.sliced({3, 5, 6, 7}), {0, 1, 2, 0}, {3, 3, 3, 7}));
                   }});
  table.push_back({"slice", "channels", [](Builder &b) {
                     b.result(slice(b, b.sliced({3, 2, 3, 40}), {0, 0, 0, 5}, {3, 2, 3, 33}));
                   }});
  table.push_back({"slice", "features", [](Builder &b) {
                     b.result(slice(b, b.sliced({5, 9}), {0, 8}, {5, 1}));
                   }});
  table.push_back({"pad", "image", [](Builder &b) {
                     b.result(pad(b, b.sliced({3, 2, 3, 17}), {0, 1, 0, 0}, {0, 2, 3, 0}));
                   }});
  table.push_back({"pad", "channels", [](Builder &b) {
                     b.result(pad(b, b.sliced({3, 2, 2, 5}), {0, 0, 0, 3}, {0, 0, 0, 32}));
                   }});
  table.push_back({"pad", "sequence", [](Builder &b) {
                     b.result(pad(b, b.sliced({5, 1, 8}), {0, 2, 0}, {0, 1, 0}));
                   }});
  table.push_back({"upsample", "image", [](Builder &b) {
                     b.result(upsample(b, b.sliced({3, 2, 3, 17}), 2, 3));
                   }});
  table.push_back({"upsample", "one_column", [](Builder &b) {
                     b.result(upsample(b, b.sliced({5, 4, 1, 1}), 5, 1));
                   }});
  table.push_back({"concatenate", "channels", [](Builder &b) {
                     Value first = b.sliced({3, 2, 3, 16});
                     Value second = b.sliced({3, 2, 3, 5}), third = b.sliced({3, 2, 3, 40});
                     b.result(concatenate(b, {first, second, third}, 3));
                   }});
  table.push_back({"concatenate", "rows", [](Builder &b) {
                     Value first = b.sliced({3, 1, 3, 17});
                     b.result(concatenate(b, {first, b.sliced({3, 4, 3, 17})}, 1));
                   }});
  table.push_back({"concatenate", "columns", [](Builder &b) {
                     Value first = b.sliced({1, 3, 2, 1});
                     b.result(concatenate(b, {first, b.sliced({1, 3, 5, 1})}, 2));
                   }});
  table.push_back({"concatenate", "features", [](Builder &b) {
                     Value a = b.sliced({5, 1}), c = b.sliced({5, 9});
                     Value d = b.sliced({5, 1}), e = b.sliced({5, 64});
                     b.result(concatenate(b, {a, c, d, e}, 1));
                   }});
  table.push_back({"fused", "relu_upsample_concatenate", [](Builder &b) {
                     Value small = b.sliced({3, 2, 2, 8}), large = b.sliced({3, 4, 4, 5});
                     b.result(concatenate(b, {upsample(b, b.relu(small), 2, 2), large}, 3));
                   }});
  table.push_back({"fused", "pad_conv2d",
                   [](Builder &b) {
                     Value src = pad(b, b.sliced({3, 5, 4, 6}), {0, 1, 1, 0}, {0, 1, 2, 0});
                     b.result(b.conv2d(src, b.whole({3, 3, 6, 17}), {}));
                   },
                   8});
  table.push_back({"fused", "upsample_conv2d",
                   [](Builder &b) {
                     Value src = upsample(b, b.sliced({3, 3, 4, 8}), 2, 2);
                     b.result(b.conv2d(src, b.whole({3, 3, 8, 16}), {}));
                   },
                   8});
  table.push_back({"fused", "slice_conv2d_bwd_weights",
                   [](Builder &b) {
                     Value src = b.sliced({3, 6, 6, 5});
                     Value diff = slice(b, b.sliced({3, 4, 4, 20}), {0, 0, 0, 3}, {3, 4, 4, 17});
                     auto sums = b.conv2dBwdWeights(src, diff, 3, 3);
                     b.accumulated(sums[0]);
                     b.accumulated(sums[1]);
                   },
                   8});
}

}  // namespace

void partRows(std::vector<Row> &table) {
  meanRows(table);
  movingRows(table);
}

}  // namespace nncc::ops
