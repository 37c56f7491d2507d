//===- Pointwise.cpp - rescaling and sums ----------------------------------===//
#include "nn/Dialect.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

LogicalResult RescaleOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op,
                                          SmallVectorImpl<Type> &types) {
  types.push_back(RankedTensorType::get(shapeOf(op.getSrc()), op.getType()));
  return success();
}

void RescaleOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), RescaleOp::create(builder, getLoc(), diffResults[0], getScaleAttr(),
                                              builder.getF64FloatAttr(0), getTypeAttr()));
}

void AddOp::vjp(OpBuilder &, ArrayRef<Value> diffResults, Gradients &gradients) {
  for (Value operand : {getLhs(), getRhs()})
    if (gradients.wants(operand)) gradients.add(operand, diffResults[0]);
}

} // namespace nncc::nn
