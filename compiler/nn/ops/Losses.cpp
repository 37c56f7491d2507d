//===- Losses.cpp - softmax, losses and metrics ----------------------------===//
#include "nn/Criteria.h"
#include "nn/Definitions.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

void SoftmaxOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), SoftmaxBwdOp::create(builder, getLoc(), getDst(), diffResults[0]));
}

LogicalResult inferPerSample(std::optional<Location> loc, Value scores, Value labels,
                             SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "scores", scores, 2, "[N,classes]")) ||
      failed(checkRank(loc, "labels", labels, 1, "[N]")))
    return failure();
  if (shapeOf(scores)[0] != shapeOf(labels)[0])
    return emitOptionalError(loc, "scores have ", shapeOf(scores)[0], " samples, labels ",
                             shapeOf(labels)[0]);
  if (shapeOf(scores)[1] < 2)
    return emitOptionalError(loc, "scores of at least 2 classes are needed, found ",
                             shapeOf(scores)[1]);
  types.push_back(
      RankedTensorType::get(shapeOf(labels), tensorType(scores).getElementType()));
  return success();
}

LogicalResult SparseSoftmaxCrossEntropyOp::inferReturnTypes(MLIRContext *,
                                                            std::optional<Location> loc, Adaptor op,
                                                            SmallVectorImpl<Type> &types) {
  if (failed(inferPerSample(loc, op.getLogits(), op.getLabels(), types))) return failure();
  return checkClassification(loc, op.getLabelSmoothingAttr(), op.getClassWeightsAttr(),
                             shapeOf(op.getLogits())[1]);
}

LogicalResult SparseCrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                     Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(inferPerSample(loc, op.getProbabilities(), op.getLabels(), types))) return failure();
  return checkClassification(loc, op.getLabelSmoothingAttr(), op.getClassWeightsAttr(),
                             shapeOf(op.getProbabilities())[1]);
}

LogicalResult SparseCategoricalAccuracyOp::inferReturnTypes(MLIRContext *,
                                                            std::optional<Location> loc, Adaptor op,
                                                            SmallVectorImpl<Type> &types) {
  return inferPerSample(loc, op.getScores(), op.getLabels(), types);
}

void SparseSoftmaxCrossEntropyOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults,
                                      Gradients &gradients) {
  if (gradients.wants(getLogits()))
    gradients.add(getLogits(), SparseSoftmaxCrossEntropyBwdOp::create(
                                   builder, getLoc(), getLogits(), getLabels(), diffResults[0],
                                   getLabelSmoothingAttr(), getClassWeightsAttr()));
}

LogicalResult SparseSoftmaxCrossEntropyBwdOp::inferReturnTypes(MLIRContext *,
                                                               std::optional<Location> loc,
                                                               Adaptor op,
                                                               SmallVectorImpl<Type> &types) {
  SmallVector<Type> loss;
  if (failed(inferPerSample(loc, op.getLogits(), op.getLabels(), loss)) ||
      failed(checkDiffLoss(loc, op.getDiffLoss(), shapeOf(op.getLogits())[0])) ||
      failed(checkClassification(loc, op.getLabelSmoothingAttr(), op.getClassWeightsAttr(),
                                 shapeOf(op.getLogits())[1])))
    return failure();
  types.push_back(op.getLogits().getType());
  return success();
}

LogicalResult LossSeedOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                           SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "samples", op.getSamples(), 0, "a scalar"))) return failure();
  types.push_back(RankedTensorType::get({}, op.getType()));
  return success();
}

namespace {
struct CrossEntropyOfSoftmax : OpRewritePattern<SparseCrossEntropyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SparseCrossEntropyOp op, PatternRewriter &rewriter) const override {
    auto softmax = op.getProbabilities().getDefiningOp<SoftmaxOp>();
    if (!softmax) return failure();
    rewriter.replaceOpWithNewOp<SparseSoftmaxCrossEntropyOp>(
        op, softmax.getSrc(), op.getLabels(), op.getLabelSmoothingAttr(), op.getClassWeightsAttr());
    return success();
  }
};

// Softmax keeps the order, so the largest logit is the largest probability.
struct AccuracyOfSoftmax : OpRewritePattern<SparseCategoricalAccuracyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SparseCategoricalAccuracyOp op,
                                PatternRewriter &rewriter) const override {
    auto softmax = op.getScores().getDefiningOp<SoftmaxOp>();
    if (!softmax) return failure();
    rewriter.replaceOpWithNewOp<SparseCategoricalAccuracyOp>(op, softmax.getSrc(), op.getLabels());
    return success();
  }
};
} // namespace

void SparseCrossEntropyOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                       MLIRContext *context) {
  patterns.add<CrossEntropyOfSoftmax>(context);
}

void SparseCategoricalAccuracyOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                              MLIRContext *context) {
  patterns.add<AccuracyOfSoftmax>(context);
}

ActivationSpec softmaxActivation() {
  return {"softmax", "exp(x) over its sum, along the last dimension",
          [](LayerBuilder &layer, Value value) -> Value { return layer.create<SoftmaxOp>(value); }};
}

static RankedTensorType classNumbers(Location loc, RankedTensorType output) {
  if (output.getRank() != 2 || output.getDimSize(1) < 2) {
    emitError(loc) << "sparse_categorical_crossentropy expects an output [classes] of at least 2 "
                      "classes, found "
                   << sampleShape(output) << "; end the model with dense: {units: CLASSES, activation: softmax}";
    return {};
  }
  return RankedTensorType::get({output.getDimSize(0)}, IntegerType::get(output.getContext(), 32));
}

static Value buildSparseCrossEntropy(LayerBuilder &loss, const Options &options, const Judged &judged) {
  if (!checkLogits(loss, options, "softmax", judged.output.getDefiningOp<SoftmaxOp>() != nullptr)) return {};
  auto weights = classWeightsOf(loss, judged.classWeights, shapeOf(judged.output)[1]);
  if (failed(weights)) return {};
  FloatAttr smoothing = smoothingOf(loss, options);
  if (options.boolean("from_logits"))
    return loss.create<SparseSoftmaxCrossEntropyOp>(judged.output, judged.target, smoothing, *weights);
  return loss.create<SparseCrossEntropyOp>(judged.output, judged.target, smoothing, *weights);
}

CriterionSpec sparseCategoricalCrossentropyLoss() {
  CriterionSpec spec{"sparse_categorical_crossentropy",
                     "Cross-entropy of class probabilities against class numbers.",
                     {fromLogitsOption("softmax"), labelSmoothingOption()},
                     classNumbers,
                     buildSparseCrossEntropy};
  spec.weighsClasses = true;
  spec.threshold = [](const Options &options) { return options.boolean("from_logits") ? 0 : 0.5; };
  return spec;
}

} // namespace nncc::nn
