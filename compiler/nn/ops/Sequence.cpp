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
  auto type = tensorType(op.getSrc());
  if (op.getFill() && op.getFill().getType() != type.clone(type.getShape().take_back()))
    return emitOptionalError(loc, "fill must have one value for each channel of src ", type, ", found ",
                             op.getFill().getType());
  types.push_back(type);
  return success();
}

void MaskStepsOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), MaskStepsOp::create(builder, getLoc(), diffResults[0], getLengths(), Value(),
                                                builder.getF64FloatAttr(0)));
}

LogicalResult ScaleLengthsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                               SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "lengths", op.getLengths(), 1, "[N]"))) return failure();
  if (int64_t(op.getMultiply()) < 1 || int64_t(op.getDivide()) < 1)
    return emitOptionalError(loc, "multiply and divide must be positive, found ", int64_t(op.getMultiply()), " and ",
                             int64_t(op.getDivide()));
  types.push_back(op.getLengths().getType());
  return success();
}

LogicalResult CountStepsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                             SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "lengths", op.getLengths(), 1, "[N]")) ||
      failed(checkRank(loc, "samples", op.getSamples(), 0, "a scalar")))
    return failure();
  types.push_back(op.getSamples().getType());
  return success();
}

LogicalResult RescaleWindowsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                 SmallVectorImpl<Type> &types) {
  if (failed(checkSteps(loc, op.getSrc(), op.getLengths()))) return failure();
  if (int64_t(op.getSteps()) < 1 || int64_t(op.getWindow()) < 1 || int64_t(op.getStride()) < 1)
    return emitOptionalError(loc, "steps, window and stride must be positive, found ", int64_t(op.getSteps()), ", ",
                             int64_t(op.getWindow()), " and ", int64_t(op.getStride()));
  types.push_back(op.getSrc().getType());
  return success();
}

void RescaleWindowsOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), RescaleWindowsOp::create(builder, getLoc(), diffResults[0], getLengths(), getStepsAttr(),
                                                     getWindowAttr(), getStrideAttr(), getPadAttr()));
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

Value maskSteps(LayerBuilder &layer, Value src, double value) {
  if (!layer.lengths || (value == 0 && isa<BlockArgument>(src))) return src; // an input has zeros there
  return layer.create<MaskStepsOp>(src, layer.lengths, Value(), layer.builder.getF64FloatAttr(value));
}

void scaleLengths(LayerBuilder &layer, int64_t multiply, int64_t add, int64_t divide) {
  if (!layer.lengths) return;
  layer.resultLengths = layer.lengths;
  if (multiply == 1 && add == 0 && divide == 1) return;
  Builder &builder = layer.builder;
  layer.resultLengths = layer.create<ScaleLengthsOp>(layer.lengths, builder.getI64IntegerAttr(multiply),
                                                     builder.getI64IntegerAttr(add), builder.getI64IntegerAttr(divide));
}

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
    if (unsigned number = counts[nested.spec->name]++) name.append("_").append(std::to_string(number));
    LayerBuilder inner(layer.builder, layer.program, nested.location, name, layer.elementType, layer.trainable);
    if (type.getDimSize(1) > 1) inner.foldedLengths = layer.lengths;
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
