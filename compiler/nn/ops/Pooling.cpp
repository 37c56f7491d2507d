//===- Pooling.cpp - shape rules and gradients of pooling -------------------===//
#include "nn/Dialect.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

FailureOr<RankedTensorType> pooledType(std::optional<Location> loc, Value src,
                                       ArrayRef<int64_t> pool, ArrayRef<int64_t> strides,
                                       ArrayRef<int64_t> pads) {
  if (failed(checkRank(loc, "src", src, 4, "[N,H,W,C]")) ||
      failed(checkWindow(loc, "pool size", pool, strides, pads)))
    return failure();
  auto shape = shapeOf(src);
  if (pads[0] >= pool[0] || pads[2] >= pool[0] || pads[1] >= pool[1] || pads[3] >= pool[1]) {
    (void)emitOptionalError(loc, "pads must be smaller than the pool, or a window sees no element");
    return failure();
  }
  int64_t ph = windowsAlong(shape[1], pads[0], pads[2], pool[0], strides[0]);
  int64_t pw = windowsAlong(shape[2], pads[1], pads[3], pool[1], strides[1]);
  if (ph < 1 || pw < 1) {
    (void)emitOptionalError(loc, "a pool of ", pool[0], "x", pool[1], " does not fit into ", shape[1],
                            "x", shape[2]);
    return failure();
  }
  return tensorType(src).clone({shape[0], ph, pw, shape[3]});
}

FailureOr<RankedTensorType> unpooledType(std::optional<Location> loc, Value diffDst, ArrayRef<int64_t> size,
                                         ArrayRef<int64_t> pool, ArrayRef<int64_t> strides,
                                         ArrayRef<int64_t> pads) {
  if (failed(checkRank(loc, "diff_dst", diffDst, 4, "[N,ph,pw,C]")) ||
      failed(checkWindow(loc, "pool size", pool, strides, pads)))
    return failure();
  auto diff = shapeOf(diffDst);
  if (size.size() != 2 || diff[1] != windowsAlong(size[0], pads[0], pads[2], pool[0], strides[0]) ||
      diff[2] != windowsAlong(size[1], pads[1], pads[3], pool[1], strides[1])) {
    (void)emitOptionalError(loc, "diff_dst ", diffDst.getType(), " is not the result of such a pool");
    return failure();
  }
  return tensorType(diffDst).clone({diff[0], size[0], size[1], diff[3]});
}

LogicalResult MaxPool2DOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                            Adaptor op, SmallVectorImpl<Type> &types) {
  auto pool = op.getPoolSize();
  auto pooled = pooledType(loc, op.getSrc(), pool, op.getStrides(), op.getPads());
  if (failed(pooled)) return failure();
  if (pool[0] * pool[1] > 256)
    return emitOptionalError(loc, "pool_size has ", pool[0] * pool[1],
                             " positions; the workspace's byte tells 256 apart");
  types.push_back(*pooled);
  types.push_back(RankedTensorType::get(pooled->getShape(),
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
  auto unpooled = unpooledType(loc, op.getDiffDst(), op.getSrcSize(), op.getPoolSize(), op.getStrides(), op.getPads());
  if (failed(unpooled)) return failure();
  if (shapeOf(op.getWorkspace()) != shapeOf(op.getDiffDst()))
    return emitOptionalError(loc, "workspace ", op.getWorkspace().getType(), " must have the shape of diff_dst ",
                             op.getDiffDst().getType());
  types.push_back(*unpooled);
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

} // namespace nncc::nn
