//===- PoolingLayers.cpp - max_pool2d, global_avg_pool1d and the others ----===//
//
// All by max_pool2d and avg_pool2d: sequences are images one column wide, and a global pool has
// a window as large as the image.
//
//===----------------------------------------------------------------------===//
#include "nn/Definitions.h"
#include "nn/Shapes.h"
#include "nn/ops/Sequence.h"

#include <limits>

using namespace mlir;

namespace nncc::nn {

namespace {

using Sizes = ArrayRef<int64_t>;

// The two ways to make one value of many.
struct Pool {
  const char *word;       // in the layer's name
  const char *what;       // for people
  int64_t mostPositions;  // in a window
  Value (*create)(LayerBuilder &, Value src, Sizes size, Sizes strides, Sizes pads);
  Value (*global)(LayerBuilder &, Value src);
  double padding;         // what steps behind a sample's last one become: nothing comes of it
  bool shares;            // do all steps have a share in the result, those behind the last one too?
};

// A dimension that only a pool sees: [steps, channels] as [steps, 1, channels], and back.
Value asImage(LayerBuilder &layer, Value src) {
  auto shape = shapeOf(src);
  return layer.create<ReshapeOp>(tensorType(src).clone({shape[0], shape[1], 1, shape[2]}), src);
}
Value asSequence(LayerBuilder &layer, Value src) {
  auto shape = shapeOf(src);
  return layer.create<ReshapeOp>(tensorType(src).clone({shape[0], shape[1], shape[3]}), src);
}

bool refusesRank(LayerBuilder &layer, StringRef name, Value src, bool sequence) {
  if (tensorType(src).getRank() == (sequence ? 3 : 4)) return false;
  layer.error(layer.loc) << name << " expects an input "
                         << (sequence ? "[steps, channels]" : "[height, width, channels]")
                         << ", found " << sampleShape(src.getType());
  return true;
}

// What windows make of sequences by the steps that count. Windows that see none have become what padding is: they
// become zeros, of which nothing can overflow.
Value withoutPadding(LayerBuilder &layer, Value dst, const Pool &kind, int64_t steps, int64_t window, int64_t stride,
                     int64_t pad) {
  Builder &builder = layer.builder;
  if (!layer.lengths) return dst;
  if (kind.shares)
    return layer.create<RescaleWindowsOp>(dst, layer.lengths, builder.getI64IntegerAttr(steps),
                                          builder.getI64IntegerAttr(window), builder.getI64IntegerAttr(stride),
                                          builder.getI64IntegerAttr(pad));
  if (!layer.resultLengths) return dst;
  return layer.create<MaskStepsOp>(dst, layer.resultLengths, Value(), builder.getF64FloatAttr(0));
}

Value buildPool(LayerBuilder &layer, const Options &options, Value src, const Pool &kind,
                StringRef name, bool sequence) {
  if (refusesRank(layer, name, src, sequence)) return {};
  std::vector<int64_t> pool, strides;
  if (sequence) {
    pool = {options.integer("pool_size"), 1};
    strides = {pool[0], 1};
    if (options.has("strides")) strides[0] = options.integer("strides");
  } else {
    pool = options.integers("pool_size");
    strides = options.integers("strides");
    if (strides.empty()) strides = pool;
  }
  std::string text = std::to_string(pool[0]);
  if (!sequence) text.append("x").append(std::to_string(pool[1]));
  if (pool[0] * pool[1] > kind.mostPositions) {
    layer.error(options.location("pool_size"))
        << "pool_size of at most " << kind.mostPositions << " positions expected, found " << text;
    return {};
  }
  int64_t size[] = {shapeOf(src)[1], sequence ? 1 : shapeOf(src)[2]};
  auto pads = explicitPads(options.text("padding"), size, pool, strides);
  for (int i : {0, 1})
    if (windowsAlong(size[i], pads[i], pads[i + 2], pool[i], strides[i]) < 1) {
      layer.error(options.location("pool_size"))
          << "a pool of " << text << " does not fit into the input " << sampleShape(src.getType())
          << "; make it smaller or leave the layer out";
      return {};
    }
  if (!sequence) return kind.create(layer, src, pool, strides, pads);
  src = maskSteps(layer, src, kind.padding);
  Value dst = asSequence(layer, kind.create(layer, asImage(layer, src), pool, strides, pads));
  countWindows(layer, options.text("padding") == "valid" ? pool[0] : 1, strides[0]);
  return withoutPadding(layer, dst, kind, size[0], pool[0], strides[0], pads[0]);
}

Value buildGlobalPool(LayerBuilder &layer, const Options &options, Value src, const Pool &kind,
                      StringRef name, bool sequence) {
  if (refusesRank(layer, name, src, sequence)) return {};
  int64_t steps = shapeOf(src)[1];
  if (sequence) src = maskSteps(layer, src, kind.padding);
  Value dst = kind.global(layer, sequence ? asImage(layer, src) : src);
  if (sequence) dst = withoutPadding(layer, dst, kind, steps, steps, steps, 0);
  auto shape = shapeOf(dst); // [N, 1, 1, C]
  if (options.boolean("keepdims")) return sequence ? asSequence(layer, dst) : dst;
  return layer.create<ReshapeOp>(tensorType(dst).clone({shape[0], shape[3]}), dst);
}

Value createMax(LayerBuilder &layer, Value src, Sizes size, Sizes strides, Sizes pads) {
  return layer.create<MaxPool2DOp>(src, size, strides, pads).getDst();
}

// How much of a row or column one pool takes: all of it, a divisor, or parts the last of which
// is padded.
int64_t partOf(int64_t size) {
  constexpr int64_t most = 64;
  if (size <= most) return size;
  for (int64_t part = most; part >= 8; --part)
    if (size % part == 0) return part;
  return most;
}

// Along rows and then down columns, in parts: a workspace's byte tells no more positions apart,
// and the code of a kernel grows with its window. The first of equal maxima in row order wins,
// as in one pool: it is the first of its row, and its row the first.
Value globalMax(LayerBuilder &layer, Value src) {
  for (int i : {1, 0})
    while (int64_t size = shapeOf(src)[i + 1]) {
      if (size == 1) break;
      int64_t pool[] = {1, 1}, pads[] = {0, 0, 0, 0};
      pool[i] = partOf(size);
      pads[i + 2] = llvm::alignTo(size, pool[i]) - size;
      src = createMax(layer, src, pool, pool, pads);
    }
  return src;
}

Value createAvg(LayerBuilder &layer, Value src, Sizes size, Sizes strides, Sizes pads) {
  return layer.create<AvgPool2DOp>(src, size, strides, pads);
}

Value globalAvg(LayerBuilder &layer, Value src) {
  Sizes size = shapeOf(src).slice(1, 2);
  return createAvg(layer, src, size, size, {0, 0, 0, 0});
}

const Pool kMax = {"max", "largest value", 256, createMax, globalMax, -std::numeric_limits<float>::max(), false};
const Pool kAvg = {"avg", "mean", int64_t(1) << 24, createAvg, globalAvg, 0, true};

LayerSpec poolLayer(const Pool &kind, bool sequence) {
  std::string name = std::string(kind.word) + (sequence ? "_pool1d" : "_pool2d");
  std::string doc = std::string("The ") + kind.what + " of each window" +
                    (kind.word == kMax.word ? "" : "; padding does not count") +
                    (sequence ? "; of a sequence with lengths, over its own steps." : ".");
  OptionKind size = sequence ? OptionKind::Integer : OptionKind::Integers;
  double most = kind.word == kMax.word ? 256 : 4096;
  return {name,
          doc,
          {{"pool_size", size, "2", sequence ? "steps in a window" : "height and width of the window", 2, {}, 1, most},
           {"strides", size, "", sequence ? "steps from window to window; pool_size if absent"
                                          : "steps down and to the right; pool_size if absent", 2, {}, 1, 4096},
           {"padding", OptionKind::Choice, "valid", "valid: whole windows only; same: ceil(size / stride) windows",
            1, {"valid", "same"}}},
          1,
          1,
          [=](LayerBuilder &layer, const Options &options, ValueRange inputs) {
            return buildPool(layer, options, inputs[0], kind, name, sequence);
          }};
}

LayerSpec globalPoolLayer(const Pool &kind, bool sequence) {
  std::string name = std::string("global_") + kind.word + (sequence ? "_pool1d" : "_pool2d");
  return {name,
          std::string("The ") + kind.what + " of each channel: [channels]" +
              (sequence ? "; of a sequence with lengths, over its own steps." : "."),
          {{"keepdims", OptionKind::Boolean, "false",
            sequence ? "true: [1, channels]" : "true: [1, 1, channels]"}},
          1,
          1,
          [=](LayerBuilder &layer, const Options &options, ValueRange inputs) {
            return buildGlobalPool(layer, options, inputs[0], kind, name, sequence);
          }};
}

} // namespace

std::vector<LayerSpec> poolingLayers() {
  std::vector<LayerSpec> layers;
  for (const Pool *kind : {&kMax, &kAvg})
    for (bool sequence : {false, true}) {
      layers.push_back(poolLayer(*kind, sequence));
      layers.push_back(globalPoolLayer(*kind, sequence));
    }
  return layers;
}

} // namespace nncc::nn
