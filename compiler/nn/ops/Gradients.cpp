//===- Gradients.cpp - shape rules of what happens to gradients ------------===//
#include "nn/Dialect.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

static RankedTensorType scalarF64(MLIRContext *context) {
  return RankedTensorType::get({}, Float64Type::get(context));
}

LogicalResult SumOfSquaresOp::inferReturnTypes(MLIRContext *context, std::optional<Location>, Adaptor,
                                               SmallVectorImpl<Type> &types) {
  types.push_back(scalarF64(context));
  return success();
}

LogicalResult ClipScaleOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                            Adaptor op, SmallVectorImpl<Type> &types) {
  for (Value square : op.getSquares())
    if (failed(checkRank(loc, "squares", square, 0, "scalars"))) return failure();
  if (op.getSquares().empty()) return emitOptionalError(loc, "at least one sum of squares expected");
  types.push_back(scalarF64(context));
  return success();
}

LogicalResult ScaleByOp::verify() {
  if (tensorType(getScale()).getRank() != 0) return emitOpError("scale must be a scalar");
  return success();
}

LogicalResult AccumulateOp::verify() {
  if (tensorType(getIteration()).getRank() != 0) return emitOpError("iteration must be a scalar");
  if (getSteps() < 2) return emitOpError("steps must be at least 2, found ") << getSteps();
  return success();
}

} // namespace nncc::nn
