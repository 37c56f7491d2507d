//===- Dense.cpp - shape rules, gradients and layer of matrix products -----===//
#include "nn/Definitions.h"
#include "nn/Folding.h"
#include "nn/KernelOptions.h"

using namespace mlir;

namespace nncc::nn {

LogicalResult DenseOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                        SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 2, "[N,in]")) ||
      failed(checkRank(loc, "weights", op.getWeights(), 2, "[in,out]")))
    return failure();
  auto src = shapeOf(op.getSrc()), weights = shapeOf(op.getWeights());
  if (src[1] != weights[0])
    return emitOptionalError(loc, "weights want ", weights[0], " inputs, src has ", src[1]);
  if (op.getBias() && op.getBias().getType() !=
                          tensorType(op.getWeights()).clone(weights.drop_front(1)))
    return emitOptionalError(loc, "bias must have one value for each of the ", weights[1],
                             " units, found ", op.getBias().getType());
  types.push_back(
      RankedTensorType::get({src[0], weights[1]}, tensorType(op.getSrc()).getElementType()));
  return success();
}

void DenseOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  Value diffDst = diffResults[0];
  if (gradients.wants(getSrc())) {
    Value transposed = PermuteOp::create(builder, getLoc(), getWeights(),
                                         builder.getDenseI64ArrayAttr({1, 0}));
    gradients.add(getSrc(), DenseBwdDataOp::create(builder, getLoc(), diffDst, transposed));
  }
  bool wantsBias = getBias() && gradients.wants(getBias());
  if (gradients.wants(getWeights()) || wantsBias) {
    auto sums = DenseBwdWeightsOp::create(builder, getLoc(), getSrc(), diffDst);
    if (gradients.wants(getWeights())) gradients.add(getWeights(), sums.getDiffWeights());
    if (wantsBias) gradients.add(getBias(), sums.getDiffBias());
  }
}

LogicalResult DenseBwdDataOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                               Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "diff_dst", op.getDiffDst(), 2, "[N,out]")) ||
      failed(checkRank(loc, "weights", op.getWeights(), 2, "[out,in]")))
    return failure();
  auto diff = shapeOf(op.getDiffDst()), weights = shapeOf(op.getWeights());
  if (diff[1] != weights[0])
    return emitOptionalError(loc, "weights have ", weights[0], " outputs, diff_dst has ", diff[1]);
  types.push_back(
      RankedTensorType::get({diff[0], weights[1]}, tensorType(op.getDiffDst()).getElementType()));
  return success();
}

LogicalResult DenseBwdWeightsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                  Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 2, "[N,in]")) ||
      failed(checkRank(loc, "diff_dst", op.getDiffDst(), 2, "[N,out]")))
    return failure();
  auto src = shapeOf(op.getSrc()), diff = shapeOf(op.getDiffDst());
  if (src[0] != diff[0])
    return emitOptionalError(loc, "src has ", src[0], " samples, diff_dst has ", diff[0]);
  Type element = tensorType(op.getSrc()).getElementType();
  types.push_back(RankedTensorType::get({src[1], diff[1]}, element));
  types.push_back(RankedTensorType::get({diff[1]}, element));
  return success();
}

LogicalResult DenseBwdWeightsWholeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                       SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 2, "[N,in]")) ||
      failed(checkRank(loc, "diff_dst", op.getDiffDst(), 2, "[N,out]")) ||
      failed(checkRank(loc, "samples", op.getSamples(), 0, "a scalar")))
    return failure();
  auto src = shapeOf(op.getSrc()), diff = shapeOf(op.getDiffDst());
  if (src[0] != diff[0])
    return emitOptionalError(loc, "src has ", src[0], " rows, diff_dst has ", diff[0]);
  if (op.getRows() < 1 || src[0] % op.getRows() != 0)
    return emitOptionalError(loc, "rows must divide the ", src[0], " rows of src, found ", op.getRows());
  types.push_back(RankedTensorType::get({src[1], diff[1]}, tensorType(op.getSrc()).getElementType()));
  return success();
}

static Value buildDense(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  Value src = inputs[0];
  if (tensorType(src).getRank() < 2) {
    layer.error(layer.loc) << "dense expects an input [features] or [..., features], found "
                           << sampleShape(src.getType()) << "; give it a dimension of features with reshape";
    return {};
  }
  int64_t features = shapeOf(src).back(), units = options.integer("units");
  Value weights = kernelWeight(layer, options, {features, units});
  Value bias = biasWeight(layer, options, units);
  Value dst = layer.create<DenseOp>(foldSteps(layer, src, 1), weights, bias);
  return unfoldSteps(layer, layer.activate(options.text("activation"), dst), src, 1);
}

LayerSpec denseLayer() {
  return {"dense",
          "Fully connected layer over the last dimension: [features], or each step of [steps, features].",
          withKernelOptions({{"units", OptionKind::Integer, std::nullopt, "number of outputs", 1, {}, 1, 1 << 20}}),
          1,
          1,
          buildDense,
          keepsSteps};
}

} // namespace nncc::nn
