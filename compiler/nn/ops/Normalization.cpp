//===- Normalization.cpp - batch and layer normalization, stored statistics -===//
#include "nn/Definitions.h"
#include "nn/Folding.h"
#include "nn/ops/Metric.h"
#include "nn/ops/Sequence.h"

using namespace mlir;

namespace nncc::nn {

// [C] of the channels of `src`.
static RankedTensorType channelsOf(Value src) {
  auto type = tensorType(src);
  return RankedTensorType::get(type.getShape().take_back(), type.getElementType());
}

static LogicalResult checkChannels(std::optional<Location> loc, Value src, StringRef operand,
                                   Value channels) {
  if (tensorType(src).getRank() < 1)
    return emitOptionalError(loc, "src must have a dimension of channels, found ", src.getType());
  if (channels.getType() == channelsOf(src)) return success();
  return emitOptionalError(loc, operand, " must have one value for each channel, ", channelsOf(src),
                           ", found ", channels.getType());
}

// `affine` holds gamma and beta, each if its flag says so; all of type `channels`.
static LogicalResult checkAffine(std::optional<Location> loc, ValueRange affine, int expected,
                                 Type channels) {
  if (int(affine.size()) != expected)
    return emitOptionalError(loc, "affine must have ", expected, " values as has_scale and has_shift say, found ",
                             affine.size());
  for (Value value : affine)
    if (value.getType() != channels)
      return emitOptionalError(loc, "affine must be ", channels, ", found ", value.getType());
  return success();
}

static LogicalResult checkScalar(std::optional<Location> loc, StringRef operand, Value value) {
  return checkRank(loc, operand, value, 0, "a scalar");
}

//===--- batch normalization --------------------------------------------------===//

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  if (failed(checkChannels(loc, op.getSrc(), "moving_mean", op.getMovingMean())) ||
      failed(checkChannels(loc, op.getSrc(), "moving_variance", op.getMovingVariance())) ||
      failed(checkAffine(loc, op.getAffine(), op.getHasScale() + op.getHasShift(),
                         channelsOf(op.getSrc()))))
    return failure();
  if (Value lengths = op.getLengths()) {
    auto type = tensorType(op.getSrc());
    int64_t sequences = tensorType(lengths).getRank() == 1 ? shapeOf(lengths)[0] : 0;
    bool fits = sequences > 0 && (type.getDimSize(0) == sequences ? type.getRank() > 2
                                                                  : type.getDimSize(0) % sequences == 0);
    if (!fits)
      return emitOptionalError(loc, "lengths must have one number for each sequence of src ", type,
                               ", found ", lengths.getType());
  }
  types.push_back(op.getSrc().getType());
  return success();
}

LogicalResult BatchNormOp::verify() {
  for (Value moving : {getMovingMean(), getMovingVariance()})
    if (!moving.getDefiningOp<ReadOp>())
      return emitOpError("moving statistics must be read from parameters, which training replaces");
  return success();
}

void BatchNormOp::toTraining(OpBuilder &builder, StepValues &step) {
  Location loc = getLoc();
  Value src = getSrc(), pivot = getMovingMean(), counted = src, samples = step.samples();
  int64_t channels = shapeOf(src).back();
  // Of each sample: steps that are folded into the samples count too.
  auto program = getOperation()->getParentOfType<ProgramOp>();
  int64_t batch = program ? int64_t(program.getBatch()) : shapeOf(src).front();
  int64_t positions = tensorType(src).getNumElements() / batch / channels;
  if (Value lengths = getLengths()) {
    SmallVector<int64_t> shape(shapeOf(src)), sequences(shapeOf(lengths));
    if (shape[0] != sequences[0]) { // steps as samples
      shape[0] /= sequences[0];
      shape.insert(shape.begin(), sequences[0]);
      counted = ReshapeOp::create(builder, loc, tensorType(src).clone(shape), src);
    }
    // A step at the pivot adds nothing to the sums.
    counted = MaskStepsOp::create(builder, loc, counted, lengths, pivot, builder.getF64FloatAttr(0));
    samples = CountStepsOp::create(builder, loc, WholeBatchOp::create(builder, loc, lengths), samples);
    positions /= shape[1];
  }
  auto sums = BatchNormStatisticsOp::create(builder, loc, counted, pivot);
  auto coefficients = BatchNormCoefficientsOp::create(
      builder, loc, sums.getSum(), sums.getSumOfSquares(), pivot, samples, getAffine(),
      getHasScaleAttr(), getHasShiftAttr(), builder.getI64IntegerAttr(positions), getEpsilonAttr());
  Value dst = ChannelAffineOp::create(builder, loc, src, coefficients.getScale(),
                                      coefficients.getShift(), coefficients.getMean());
  if (step.writes())
    for (auto [moving, value] : {std::pair(getMovingMean(), coefficients.getMean()),
                                 std::pair(getMovingVariance(), coefficients.getVariance())})
      step.write(loc, moving.getDefiningOp<ReadOp>().getSymbol(),
                 MovingAverageOp::create(builder, loc, moving.getType(), moving, value, getMomentumAttr()));
  getResult().replaceAllUsesWith(dst);
  erase();
}

void BatchNormOp::toInference(OpBuilder &builder) {
  auto coefficients = StoredCoefficientsOp::create(
      builder, getLoc(), getMovingMean(), getMovingVariance(), getAffine(), getHasScaleAttr(),
      getHasShiftAttr(), getEpsilonAttr(), builder.getF64FloatAttr(0), builder.getBoolAttr(false));
  Value dst = ChannelAffineOp::create(builder, getLoc(), getSrc(), coefficients.getScale(),
                                      coefficients.getShift(), coefficients.getCenter());
  getResult().replaceAllUsesWith(dst);
  erase();
}

LogicalResult BatchNormStatisticsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                      Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkChannels(loc, op.getSrc(), "pivot", op.getPivot()))) return failure();
  types.assign(2, channelsOf(op.getSrc()));
  return success();
}

void BatchNormStatisticsOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), BatchNormStatisticsBwdOp::create(builder, getLoc(), getSrc(), getPivot(),
                                                             diffResults[0], diffResults[1]));
}

LogicalResult BatchNormStatisticsBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                         Adaptor op, SmallVectorImpl<Type> &types) {
  for (auto [name, value] : {std::pair("pivot", op.getPivot()), std::pair("diff_sum", op.getDiffSum()),
                             std::pair("diff_sum_of_squares", op.getDiffSumOfSquares())})
    if (failed(checkChannels(loc, op.getSrc(), name, value))) return failure();
  types.push_back(op.getSrc().getType());
  return success();
}

static LogicalResult checkPositions(std::optional<Location> loc, int64_t positions) {
  if (positions > 0) return success();
  return emitOptionalError(loc, "positions must be positive, found ", positions);
}

LogicalResult BatchNormCoefficientsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                        Adaptor op, SmallVectorImpl<Type> &types) {
  Type channels = op.getSum().getType();
  if (failed(checkRank(loc, "sum", op.getSum(), 1, "[C]")) ||
      failed(checkScalar(loc, "samples", op.getSamples())) ||
      failed(checkPositions(loc, op.getPositions())) ||
      failed(checkAffine(loc, op.getAffine(), op.getHasScale() + op.getHasShift(), channels)))
    return failure();
  types.assign(4, channels);
  return success();
}

void BatchNormCoefficientsOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  Value diffMean = diffResults[0], diffScale = diffResults[1], diffShift = diffResults[2];
  assert(diffMean && diffScale && !diffResults[3] && "the variance only moves the stored one");
  Value gamma = getHasScale() ? getAffine()[0] : Value();
  auto bwd = BatchNormCoefficientsBwdOp::create(
      builder, getLoc(), getSum(), getSumOfSquares(), diffMean, diffScale, getSamples(),
      gamma ? ValueRange(gamma) : ValueRange(), getPositionsAttr(), getEpsilonAttr());
  if (gradients.wants(getSum())) {
    gradients.add(getSum(), bwd.getDiffSum());
    gradients.add(getSumOfSquares(), bwd.getDiffSumOfSquares());
  }
  if (gamma && gradients.wants(gamma)) gradients.add(gamma, bwd.getDiffGamma());
  if (getHasShift() && gradients.wants(getAffine().back())) gradients.add(getAffine().back(), diffShift);
}

LogicalResult BatchNormCoefficientsBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                           Adaptor op, SmallVectorImpl<Type> &types) {
  Type channels = op.getSum().getType();
  if (failed(checkRank(loc, "sum", op.getSum(), 1, "[C]")) ||
      failed(checkScalar(loc, "samples", op.getSamples())) ||
      failed(checkPositions(loc, op.getPositions())))
    return failure();
  if (op.getAffine().size() > 1 || (!op.getAffine().empty() && op.getAffine()[0].getType() != channels))
    return emitOptionalError(loc, "affine must be gamma or nothing");
  types.assign(3, channels);
  return success();
}

LogicalResult StoredCoefficientsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                     Adaptor op, SmallVectorImpl<Type> &types) {
  Type channels = op.getMean().getType();
  if (failed(checkRank(loc, "mean", op.getMean(), 1, "[C]")) ||
      failed(checkAffine(loc, op.getAffine(), op.getHasScale() + op.getHasShift(), channels)))
    return failure();
  types.assign(3, channels);
  return success();
}

//===--- by channel -----------------------------------------------------------===//

LogicalResult ChannelAffineOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                SmallVectorImpl<Type> &types) {
  if (failed(checkChannels(loc, op.getSrc(), "scale", op.getScale())) ||
      failed(checkChannels(loc, op.getSrc(), "shift", op.getShift())) ||
      (op.getCenter() && failed(checkChannels(loc, op.getSrc(), "center", op.getCenter()))))
    return failure();
  types.push_back(op.getSrc().getType());
  return success();
}

void ChannelAffineOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  Location loc = getLoc();
  Value diffDst = diffResults[0];
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), ChannelScaleOp::create(builder, loc, diffDst, getScale()));
  bool wantsCenter = getCenter() && gradients.wants(getCenter());
  if (!gradients.wants(getScale()) && !gradients.wants(getShift()) && !wantsCenter) return;
  auto sums = ChannelAffineBwdWeightsOp::create(builder, loc, getSrc(), diffDst, getCenter());
  if (gradients.wants(getScale())) gradients.add(getScale(), sums.getDiffScale());
  if (gradients.wants(getShift())) gradients.add(getShift(), sums.getDiffShift());
  if (wantsCenter) {
    Value scaled = ChannelScaleOp::create(builder, loc, sums.getDiffShift(), getScale());
    Value negated = RescaleOp::create(builder, loc, scaled, builder.getF64FloatAttr(-1.0),
                                      builder.getF64FloatAttr(0.0),
                                      TypeAttr::get(tensorType(scaled).getElementType()));
    gradients.add(getCenter(), negated);
  }
}

LogicalResult ChannelScaleOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                               SmallVectorImpl<Type> &types) {
  if (failed(checkChannels(loc, op.getSrc(), "scale", op.getScale()))) return failure();
  types.push_back(op.getSrc().getType());
  return success();
}

LogicalResult ChannelAffineBwdWeightsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                          Adaptor op, SmallVectorImpl<Type> &types) {
  if (tensorType(op.getSrc()).getRank() < 2)
    return emitOptionalError(loc, "src must be [N,...,C], found ", op.getSrc().getType());
  if (op.getCenter() && failed(checkChannels(loc, op.getSrc(), "center", op.getCenter()))) return failure();
  types.assign(2, channelsOf(op.getSrc()));
  return success();
}

void RowNormalizeOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), RowNormalizeBwdOp::create(builder, getLoc(), getSrc().getType(), getSrc(),
                                                      diffResults[0], getEpsilonAttr()));
}

//===--- layers ---------------------------------------------------------------===//

static Value channelWeight(LayerBuilder &layer, const Options &options, Value src, StringRef name,
                           StringRef initializer) {
  int64_t channels = shapeOf(src).back();
  return layer.weight(name, {channels}, options.component(initializer), channels, channels);
}

static Value buildBatchNormalization(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  Value src = inputs[0];
  SmallVector<Value> affine;
  if (options.boolean("scale"))
    affine.push_back(channelWeight(layer, options, src, "gamma", "gamma_initializer"));
  if (options.boolean("center"))
    affine.push_back(channelWeight(layer, options, src, "beta", "beta_initializer"));
  // Training moves them, but no gradient does.
  LayerBuilder fixed(layer.builder, layer.program, layer.loc, layer.layer, layer.elementType,
                     /*trainable=*/false);
  Value mean = channelWeight(fixed, options, src, "moving_mean", "moving_mean_initializer");
  Value variance = channelWeight(fixed, options, src, "moving_variance", "moving_variance_initializer");
  Builder &builder = layer.builder;
  // A frozen layer keeps its statistics too: it computes the same in training as elsewhere.
  if (!layer.trainable) {
    auto coefficients = layer.create<StoredCoefficientsOp>(
        mean, variance, affine, builder.getBoolAttr(options.boolean("scale")),
        builder.getBoolAttr(options.boolean("center")), builder.getF64FloatAttr(options.number("epsilon")),
        builder.getF64FloatAttr(0), builder.getBoolAttr(false));
    return layer.create<ChannelAffineOp>(src, coefficients.getScale(), coefficients.getShift(),
                                         coefficients.getCenter());
  }
  Value lengths = layer.foldedLengths;
  if (tensorType(src).getRank() > 2 && layer.lengths) lengths = layer.lengths;
  return layer.create<BatchNormOp>(src, mean, variance, affine, lengths,
                                   builder.getBoolAttr(options.boolean("scale")),
                                   builder.getBoolAttr(options.boolean("center")),
                                   builder.getF64FloatAttr(options.number("momentum")),
                                   builder.getF64FloatAttr(options.number("epsilon")));
}

LayerSpec batchNormalizationLayer() {
  return {"batch_normalization",
          "Normalizes each channel by the batch in training, by moving statistics else. With `trainable: "
          "false` by moving statistics always. Of sequences with lengths their own steps count.",
          {{"momentum", OptionKind::Number, "0.99", "of the moving statistics", 1, {}, 0, 1},
           {"epsilon", OptionKind::Number, "0.001", "added to the variance", 1, {}, 0},
           {"center", OptionKind::Boolean, "true", "adds a trained beta to each channel"},
           {"scale", OptionKind::Boolean, "true", "multiplies each channel by a trained gamma"},
           {"beta_initializer", OptionKind::Initializer, "zeros", "of beta"},
           {"gamma_initializer", OptionKind::Initializer, "ones", "of gamma"},
           {"moving_mean_initializer", OptionKind::Initializer, "zeros", "of the moving mean"},
           {"moving_variance_initializer", OptionKind::Initializer, "ones", "of the moving variance"}},
          1,
          1,
          buildBatchNormalization,
          keepsSteps};
}

LayerSpec layerNormalizationLayer() {
  return {"layer_normalization",
          "Normalizes the values of the last dimension, each sample and position by itself.",
          {{"epsilon", OptionKind::Number, "0.001", "added to the variance", 1, {}, 0},
           {"beta_initializer", OptionKind::Initializer, "zeros", "of the trained shift"},
           {"gamma_initializer", OptionKind::Initializer, "ones", "of the trained scale"}},
          1,
          1,
          [](LayerBuilder &layer, const Options &options, ValueRange inputs) -> Value {
            Value src = inputs[0];
            Value gamma = channelWeight(layer, options, src, "gamma", "gamma_initializer");
            Value beta = channelWeight(layer, options, src, "beta", "beta_initializer");
            Value rows = layer.create<RowNormalizeOp>(
                src.getType(), src, layer.builder.getF64FloatAttr(options.number("epsilon")));
            return layer.create<ChannelAffineOp>(rows, gamma, beta, Value());
          },
          keepsSteps};
}

// The statistics of a column of the data, which the runtime fills in before the first step:
// an initializer called `adapt` with what to compute and from where.
static Value adaptedWeight(LayerBuilder &layer, StringRef name, int64_t channels, int64_t column,
                           bool variance, double scale, double offset) {
  Component adapt{"adapt",
                  {{"column", double(column)},
                   {"variance", double(variance)},
                   {"scale", scale},
                   {"offset", offset}}};
  return layer.weight(name, {channels}, adapt, channels, channels);
}

static Value buildNormalization(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  Value src = inputs[0];
  bool invert = options.boolean("invert");
  // Number of the data's column: the inputs, then the targets.
  int64_t column = layer.builder.getInsertionBlock()->getNumArguments();
  double scale = 1, offset = 0;
  if (!invert) {
    Value raw = src;
    if (auto rescale = src.getDefiningOp<RescaleOp>()) {
      raw = rescale.getSrc();
      scale = rescale.getScale().convertToDouble();
      offset = rescale.getOffset().convertToDouble();
    }
    auto input = dyn_cast<BlockArgument>(raw);
    if (!input) {
      layer.error(layer.loc) << "normalization takes the statistics of the training data, so it must read an "
                                "input; inside of a network use batch_normalization";
      return {};
    }
    column = input.getArgNumber();
  }
  int64_t channels = shapeOf(src).back();
  LayerBuilder fixed(layer.builder, layer.program, layer.loc, layer.layer, layer.elementType,
                     /*trainable=*/false);
  Value mean = adaptedWeight(fixed, "mean", channels, column, false, scale, offset);
  Value variance = adaptedWeight(fixed, "variance", channels, column, true, scale, offset);
  Builder &builder = layer.builder;
  auto coefficients = layer.create<StoredCoefficientsOp>(
      mean, variance, ValueRange(), builder.getBoolAttr(false), builder.getBoolAttr(false),
      builder.getF64FloatAttr(0), builder.getF64FloatAttr(1e-7), builder.getBoolAttr(invert));
  return layer.create<ChannelAffineOp>(src, coefficients.getScale(), coefficients.getShift(),
                                       coefficients.getCenter());
}

LayerSpec normalizationLayer() {
  return {"normalization",
          "Normalizes each channel of an input by its mean and variance over the training data. They are "
          "taken before training, of sequences with lengths over their own steps, and saved with the weights.",
          {{"invert", OptionKind::Boolean, "false",
            "takes a normalized output back to the scale of the target, by the target's statistics"}},
          1,
          1,
          buildNormalization,
          keepsSteps};
}

} // namespace nncc::nn
