//===- AveragePooling.cpp - shape rules, gradient and roles of means -------===//
#include "nn/Dialect.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

// A few terms are written out where they are read; a sum of more is a kernel of its own, which
// computes it once. The algorithms (schedule/algorithms/AveragePooling.cpp) draw the same line.
static constexpr int64_t kMostTermsWrittenOut = 16;

LogicalResult AvgPool2DOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  auto pooled = pooledType(loc, op.getSrc(), op.getPoolSize(), op.getStrides(), op.getPads());
  if (failed(pooled)) return failure();
  types.push_back(*pooled);
  return success();
}

FusionRole AvgPool2DOp::getFusionRole() {
  auto pool = getPoolSize();
  return pool[0] * pool[1] <= kMostTermsWrittenOut ? FusionRole::Window : FusionRole::Standalone;
}

void AvgPool2DOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), AvgPool2DBwdOp::create(builder, getLoc(), diffResults[0],
                                                   shapeOf(getSrc()).slice(1, 2), getPoolSize(),
                                                   getStrides(), getPads()));
}

LogicalResult AvgPool2DBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                               Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "diff_dst", op.getDiffDst(), 4, "[N,ph,pw,C]"))) return failure();
  auto diff = shapeOf(op.getDiffDst());
  auto size = op.getSrcSize(), pool = op.getPoolSize(), strides = op.getStrides(),
       pads = op.getPads();
  if (failed(checkWindow(loc, "pool size", pool, strides, pads))) return failure();
  if (size.size() != 2 ||
      diff[1] != windowsAlong(size[0], pads[0], pads[2], pool[0], strides[0]) ||
      diff[2] != windowsAlong(size[1], pads[1], pads[3], pool[1], strides[1]))
    return emitOptionalError(loc, "diff_dst ", op.getDiffDst().getType(),
                             " is not the result of such a pool");
  types.push_back(tensorType(op.getDiffDst()).clone({diff[0], size[0], size[1], diff[3]}));
  return success();
}

FusionRole AvgPool2DBwdOp::getFusionRole() {
  int64_t terms = 1; // windows over one element
  for (int i : {0, 1}) terms *= llvm::divideCeil(getPoolSize()[i], getStrides()[i]);
  return terms <= kMostTermsWrittenOut ? FusionRole::Scatter : FusionRole::Standalone;
}

} // namespace nncc::nn
