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
  auto unpooled = unpooledType(loc, op.getDiffDst(), op.getSrcSize(), op.getPoolSize(), op.getStrides(), op.getPads());
  if (failed(unpooled)) return failure();
  types.push_back(*unpooled);
  return success();
}

FusionRole AvgPool2DBwdOp::getFusionRole() {
  int64_t terms = 1; // windows over one element
  for (int i : {0, 1}) terms *= llvm::divideCeil(getPoolSize()[i], getStrides()[i]);
  return terms <= kMostTermsWrittenOut ? FusionRole::Scatter : FusionRole::Standalone;
}

} // namespace nncc::nn
