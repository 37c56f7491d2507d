//===- Pooling.cpp - shape rules, gradients and layers of pooling ----------===//
#include "nn/Definitions.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

LogicalResult MaxPool2DOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                            Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 4, "[N,H,W,C]"))) return failure();
  auto src = shapeOf(op.getSrc());
  auto pool = op.getPoolSize(), strides = op.getStrides(), pads = op.getPads();
  if (failed(checkWindow(loc, "pool size", pool, strides, pads))) return failure();
  if (pool[0] * pool[1] > 256)
    return emitOptionalError(loc, "pool_size has ", pool[0] * pool[1],
                             " positions; the workspace's byte tells 256 apart");
  if (pads[0] >= pool[0] || pads[2] >= pool[0] || pads[1] >= pool[1] || pads[3] >= pool[1])
    return emitOptionalError(loc, "pads must be smaller than the pool, or a window sees no element");
  int64_t ph = windowsAlong(src[1], pads[0], pads[2], pool[0], strides[0]);
  int64_t pw = windowsAlong(src[2], pads[1], pads[3], pool[1], strides[1]);
  if (ph < 1 || pw < 1)
    return emitOptionalError(loc, "a pool of ", pool[0], "x", pool[1], " does not fit into ",
                             src[1], "x", src[2]);
  types.push_back(
      RankedTensorType::get({src[0], ph, pw, src[3]}, tensorType(op.getSrc()).getElementType()));
  types.push_back(RankedTensorType::get({src[0], ph, pw, src[3]},
                                        IntegerType::get(context, 8, IntegerType::Unsigned)));
  return success();
}

void MaxPool2DOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (!gradients.wants(getSrc())) return;
  gradients.add(getSrc(), MaxPool2DBwdOp::create(builder, getLoc(), diffResults[0], getWorkspace(),
                                                 shapeOf(getSrc()).slice(1, 2), getPoolSize(),
                                                 getStrides(), getPads()));
}

LogicalResult MaxPool2DBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                               Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "diff_dst", op.getDiffDst(), 4, "[N,ph,pw,C]"))) return failure();
  auto diff = shapeOf(op.getDiffDst());
  auto size = op.getSrcSize(), pool = op.getPoolSize(), strides = op.getStrides(),
       pads = op.getPads();
  if (failed(checkWindow(loc, "pool size", pool, strides, pads))) return failure();
  if (shapeOf(op.getWorkspace()) != diff || size.size() != 2 ||
      diff[1] != windowsAlong(size[0], pads[0], pads[2], pool[0], strides[0]) ||
      diff[2] != windowsAlong(size[1], pads[1], pads[3], pool[1], strides[1]))
    return emitOptionalError(loc, "diff_dst ", op.getDiffDst().getType(), " and workspace ",
                             op.getWorkspace().getType(), " are not the results of such a pool");
  types.push_back(RankedTensorType::get({diff[0], size[0], size[1], diff[3]},
                                        tensorType(op.getDiffDst()).getElementType()));
  return success();
}

namespace {
// max_pool2d(relu(x)) = relu(max_pool2d(x)): the same values, and the relu then works on the
// pooled map, the only one that is stored. Where a window's maximum is below 0 the gradient
// is 0 either way.
struct PoolBeforeRelu : OpRewritePattern<MaxPool2DOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MaxPool2DOp pool, PatternRewriter &rewriter) const override {
    auto relu = pool.getSrc().getDefiningOp<ReluOp>();
    if (!relu || !relu->hasOneUse()) return failure();
    auto moved = MaxPool2DOp::create(rewriter, pool.getLoc(), relu.getSrc(), pool.getPoolSizeAttr(),
                                     pool.getStridesAttr(), pool.getPadsAttr());
    Value dst = ReluOp::create(rewriter, relu.getLoc(), moved.getDst());
    rewriter.replaceOp(pool, {dst, moved.getWorkspace()});
    return success();
  }
};
} // namespace

void MaxPool2DOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<PoolBeforeRelu>(context);
}

static Value buildMaxPool2D(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  Value src = inputs[0];
  if (tensorType(src).getRank() != 4) {
    layer.error(layer.loc) << "max_pool2d expects an input [height, width, channels], found "
                           << sampleShape(src.getType());
    return {};
  }
  auto size = shapeOf(src).slice(1, 2);
  auto pool = options.integers("pool_size");
  auto strides = options.integers("strides");
  if (strides.empty()) strides = pool;
  if (pool[0] * pool[1] > 256) {
    layer.error(options.location("pool_size")) << "pool_size of at most 256 positions expected, found "
                                               << pool[0] << "x" << pool[1];
    return {};
  }
  auto pads = explicitPads(options.text("padding"), size, pool, strides);
  for (int i : {0, 1})
    if (windowsAlong(size[i], pads[i], pads[i + 2], pool[i], strides[i]) < 1) {
      layer.error(options.location("pool_size"))
          << "a pool of " << pool[0] << "x" << pool[1] << " does not fit into the input "
          << sampleShape(src.getType()) << "; make it smaller or leave the layer out";
      return {};
    }
  return layer.create<MaxPool2DOp>(src, pool, strides, pads).getDst();
}

LayerSpec maxPool2dLayer() {
  return {"max_pool2d",
          "The largest value of each window.",
          {{"pool_size", OptionKind::Integers, "2", "height and width of the window", 2, {}, 1, 256},
           {"strides", OptionKind::Integers, "", "steps down and to the right; pool_size if absent", 2, {}, 1, 4096},
           {"padding", OptionKind::Choice, "valid", "valid: whole windows only; same: ceil(size / stride) windows",
            1, {"valid", "same"}}},
          1,
          1,
          buildMaxPool2D};
}

} // namespace nncc::nn
