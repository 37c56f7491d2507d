//===- Sequence.cpp - steps and lengths of sequences: rules and layers -----===//
#include "nn/ops/Sequence.h"
#include "nn/Definitions.h"
#include "nn/Folding.h"

using namespace mlir;

namespace nncc::nn {

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

static LogicalResult checkLengths(std::optional<Location> loc, StringRef operand, Value src, Value lengths) {
  auto type = tensorType(src);
  if (type.getRank() >= 1 && shapeOf(lengths) == type.getShape().take_front()) return success();
  return emitOptionalError(loc, "lengths must have one number for each of the samples of ", operand, " ", type,
                           ", found ", lengths.getType());
}

static LogicalResult checkSteps(std::optional<Location> loc, Value src, Value lengths) {
  if (tensorType(src).getRank() < 2) return emitOptionalError(loc, "src must be [N,T,...], found ", src.getType());
  return checkLengths(loc, "src", src, lengths);
}

LogicalResult MaskStepsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  if (failed(checkSteps(loc, op.getSrc(), op.getLengths()))) return failure();
  types.push_back(op.getSrc().getType());
  return success();
}

void MaskStepsOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), MaskStepsOp::create(builder, getLoc(), diffResults[0], getLengths(),
                                                builder.getF64FloatAttr(0)));
}

LogicalResult DivideByLengthsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                  SmallVectorImpl<Type> &types) {
  if (failed(checkLengths(loc, "src", op.getSrc(), op.getLengths()))) return failure();
  types.push_back(op.getSrc().getType());
  return success();
}

void DivideByLengthsOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), DivideByLengthsOp::create(builder, getLoc(), diffResults[0], getLengths(), getFactorAttr()));
}

LogicalResult LastStepOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                           SmallVectorImpl<Type> &types) {
  if (failed(checkSteps(loc, op.getSrc(), op.getLengths()))) return failure();
  SmallVector<int64_t> shape(shapeOf(op.getSrc()));
  shape.erase(shape.begin() + 1);
  types.push_back(tensorType(op.getSrc()).clone(shape));
  return success();
}

void LastStepOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), LastStepBwdOp::create(builder, getLoc(), diffResults[0], getLengths(),
                                                  builder.getI64IntegerAttr(shapeOf(getSrc())[1])));
}

LogicalResult LastStepBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                              SmallVectorImpl<Type> &types) {
  int64_t steps = op.getSteps();
  if (failed(checkLengths(loc, "diff_dst", op.getDiffDst(), op.getLengths()))) return failure();
  if (steps < 1) return emitOptionalError(loc, "at least one step expected, found ", steps);
  SmallVector<int64_t> shape(shapeOf(op.getDiffDst()));
  shape.insert(shape.begin() + 1, steps);
  types.push_back(tensorType(op.getDiffDst()).clone(shape));
  return success();
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

static Value buildLastStep(LayerBuilder &layer, const Options &, ValueRange inputs) {
  Value src = inputs[0];
  auto type = tensorType(src);
  if (type.getRank() < 3) {
    layer.error(layer.loc) << "last_step expects an input [steps, ...], found " << sampleShape(type);
    return {};
  }
  if (layer.lengths) return layer.create<LastStepOp>(src, layer.lengths);
  SmallVector<int64_t> begin(type.getRank(), 0), size(type.getShape());
  begin[1] = size[1] - 1;
  size[1] = 1;
  Value step = layer.create<SliceOp>(src, begin, size);
  size.erase(size.begin() + 1);
  return layer.create<ReshapeOp>(type.clone(size), step);
}

// Steps as samples: the layers see no difference. Their weights are named like those of layers that stand alone,
// behind this one's name: time_distributed.conv2d.kernel.
static Value buildTimeDistributed(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  Value src = inputs[0];
  auto type = tensorType(src);
  if (type.getRank() < 3) {
    layer.error(layer.loc) << "time_distributed expects an input [steps, ...], found " << sampleShape(type);
    return {};
  }
  Value value = foldSteps(layer, src, type.getRank() - 2);
  llvm::StringMap<unsigned> counts;
  for (const NestedLayer &nested : options.layers("layer")) {
    std::string name = layer.layer + "." + nested.spec->name;
    if (unsigned number = counts[nested.spec->name]++) name += "_" + std::to_string(number);
    LayerBuilder inner(layer.builder, layer.program, nested.location, name, layer.elementType, layer.trainable);
    value = nested.spec->build(inner, nested.options, value);
    layer.failed |= inner.failed;
    if (!value) return {};
  }
  SmallVector<int64_t> shape(type.getShape().take_front(2));
  llvm::append_range(shape, shapeOf(value).drop_front());
  return layer.create<ReshapeOp>(tensorType(value).clone(shape), value);
}

std::vector<LayerSpec> sequenceLayers() {
  return {{"time_distributed",
           "One layer, or several in a row, for each step of [steps, ...] by itself: the same convolutions on each frame "
           "of a clip. Weights are called NAME.KIND.WEIGHT, as in time_distributed.conv2d.kernel.",
           {{"layer", OptionKind::Layers, std::nullopt, "without name and inputs: each reads the one before it"}},
           1,
           1,
           buildTimeDistributed,
           keepsSteps},
          {"last_step",
           "The last step of a sequence, without that dimension; where samples have lengths, of each sample its own last one.",
           {},
           1,
           1,
           buildLastStep}};
}

} // namespace nncc::nn
