//===- Losses.cpp - softmax, losses and metrics ----------------------------===//
#include "nn/Definitions.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

void SoftmaxOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), SoftmaxBwdOp::create(builder, getLoc(), getDst(), diffResults[0]));
}

// scores [N,K] and labels [N] give one number a sample.
static LogicalResult inferPerSample(std::optional<Location> loc, Value scores, Value labels,
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
  return inferPerSample(loc, op.getLogits(), op.getLabels(), types);
}

LogicalResult SparseCrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                     Adaptor op, SmallVectorImpl<Type> &types) {
  return inferPerSample(loc, op.getProbabilities(), op.getLabels(), types);
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
                                   builder, getLoc(), getLogits(), getLabels(), diffResults[0]));
}

LogicalResult SparseSoftmaxCrossEntropyBwdOp::inferReturnTypes(MLIRContext *,
                                                               std::optional<Location> loc,
                                                               Adaptor op,
                                                               SmallVectorImpl<Type> &types) {
  SmallVector<Type> loss;
  if (failed(checkRank(loc, "diff_loss", op.getDiffLoss(), 0, "a scalar")) ||
      failed(inferPerSample(loc, op.getLogits(), op.getLabels(), loss)))
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
    rewriter.replaceOpWithNewOp<SparseSoftmaxCrossEntropyOp>(op, softmax.getSrc(), op.getLabels());
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

static Value buildSparseCrossEntropy(LayerBuilder &loss, const Options &options, Value output,
                                     Value target) {
  bool softmax = output.getDefiningOp<SoftmaxOp>() != nullptr;
  bool fromLogits = options.boolean("from_logits");
  if (fromLogits && softmax) {
    loss.error(options.location("from_logits"))
        << "from_logits: true, but the last layer already has a softmax; leave one of them out";
    return {};
  }
  if (!fromLogits && !softmax) {
    loss.error(loss.loc) << "the loss expects probabilities, but the last layer has no softmax; "
                            "give it activation: softmax, or the loss from_logits: true";
    return {};
  }
  if (fromLogits) return loss.create<SparseSoftmaxCrossEntropyOp>(output, target);
  return loss.create<SparseCrossEntropyOp>(output, target);
}

CriterionSpec sparseCategoricalCrossentropyLoss() {
  return {"sparse_categorical_crossentropy",
          "Cross-entropy of class probabilities against class numbers.",
          {{"from_logits", OptionKind::Boolean, "false", "the output has no softmax: apply it here"}},
          classNumbers,
          buildSparseCrossEntropy};
}

CriterionSpec accuracyMetric() {
  return {"accuracy", "Share of samples whose most probable class is right.", {}, nullptr,
          [](LayerBuilder &metric, const Options &, Value output, Value target) -> Value {
            return metric.create<SparseCategoricalAccuracyOp>(output, target);
          }};
}

} // namespace nncc::nn
