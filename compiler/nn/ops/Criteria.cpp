//===- Criteria.cpp - losses on float targets, metrics ---------------------===//
#include "nn/Criteria.h"
#include "nn/Definitions.h"
#include "nn/Shapes.h"
#include "nn/ops/Metric.h"

using namespace mlir;

namespace nncc::nn {

//===--- shape rules ---===//

// src [N,values] gives one number a sample.
static LogicalResult inferLoss(std::optional<Location> loc, Value src, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", src, 2, "[N,values]"))) return failure();
  types.push_back(RankedTensorType::get({shapeOf(src)[0]}, tensorType(src).getElementType()));
  return success();
}

static LogicalResult inferLossBwd(std::optional<Location> loc, Value src, Value diffLoss,
                                  SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", src, 2, "[N,values]")) ||
      failed(checkDiffLoss(loc, diffLoss, shapeOf(src)[0])))
    return failure();
  types.push_back(src.getType());
  return success();
}

LogicalResult checkDiffLoss(std::optional<Location> loc, Value diffLoss, int64_t samples) {
  if (shapeOf(diffLoss).empty() || shapeOf(diffLoss) == ArrayRef(samples)) return success();
  return emitOptionalError(loc, "diff_loss must be a scalar, or a number for each of ", samples,
                           " samples, found ", diffLoss.getType());
}

LogicalResult checkClassification(std::optional<Location> loc, FloatAttr labelSmoothing,
                                  DenseF64ArrayAttr classWeights, int64_t classes) {
  double smoothing = labelSmoothing ? labelSmoothing.getValueAsDouble() : 0;
  if (!(smoothing >= 0 && smoothing <= 1))
    return emitOptionalError(loc, "label_smoothing must be within 0 and 1, found ", smoothing);
  if (classWeights && classWeights.size() != classes)
    return emitOptionalError(loc, "class_weights must be ", classes, " numbers, one a class, found ",
                             classWeights.size());
  return success();
}

// Values between two classes each: weights of classes need one value a sample.
static LogicalResult checkBinary(std::optional<Location> loc, Value src, FloatAttr labelSmoothing,
                                 DenseF64ArrayAttr classWeights) {
  if (classWeights && shapeOf(src).back() != 1)
    return emitOptionalError(loc, "class_weights need one value a sample, found ", shapeOf(src).back());
  return checkClassification(loc, labelSmoothing, classWeights, 2);
}

static LogicalResult checkClasses(std::optional<Location> loc, Value src, FloatAttr labelSmoothing,
                                  DenseF64ArrayAttr classWeights) {
  if (shapeOf(src).back() < 2)
    return emitOptionalError(loc, "src of at least 2 classes is needed, found ", shapeOf(src).back());
  return checkClassification(loc, labelSmoothing, classWeights, shapeOf(src).back());
}

static LogicalResult checkDelta(std::optional<Location> loc, FloatAttr delta) {
  if (!(delta.getValueAsDouble() > 0)) return emitOptionalError(loc, "delta must be above 0");
  return success();
}

static LogicalResult checkRows(std::optional<Location> loc, Value src, int64_t rows) {
  if (rows < 1 || shapeOf(src).back() % rows)
    return emitOptionalError(loc, shapeOf(src).back(), " values are no ", rows, " rows of one length");
  return success();
}

//===--- losses and their gradients ---===//

// A loss and its gradient have the same attributes.
template <typename BwdOp, typename Op>
static void lossVjp(Op op, OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(op.getSrc()))
    gradients.add(op.getSrc(), BwdOp::create(builder, op.getLoc(),
                                             ValueRange{op.getSrc(), op.getTargets(), diffResults[0]},
                                             op->getAttrs()));
}

// CHECK says what else must hold of a loss and of its gradient.
#define NNCC_LOSS(OP, CHECK)                                                                       \
  LogicalResult OP##Op::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,   \
                                         SmallVectorImpl<Type> &types) {                           \
    if (failed(inferLoss(loc, op.getSrc(), types))) return failure();                              \
    return CHECK;                                                                                  \
  }                                                                                                \
  LogicalResult OP##BwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,            \
                                            Adaptor op, SmallVectorImpl<Type> &types) {            \
    if (failed(inferLossBwd(loc, op.getSrc(), op.getDiffLoss(), types))) return failure();         \
    return CHECK;                                                                                  \
  }                                                                                                \
  void OP##Op::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {        \
    lossVjp<OP##BwdOp>(*this, builder, diffResults, gradients);                                    \
  }

NNCC_LOSS(MeanSquaredError, success())
NNCC_LOSS(MeanAbsoluteError, success())
NNCC_LOSS(Hinge, success())
NNCC_LOSS(Huber, checkDelta(loc, op.getDeltaAttr()))
NNCC_LOSS(KLDivergence, checkRows(loc, op.getSrc(), op.getRows()))
NNCC_LOSS(SigmoidCrossEntropy,
          checkBinary(loc, op.getSrc(), op.getLabelSmoothingAttr(), op.getClassWeightsAttr()))
NNCC_LOSS(SoftmaxCrossEntropy,
          checkClasses(loc, op.getSrc(), op.getLabelSmoothingAttr(), op.getClassWeightsAttr()))
#undef NNCC_LOSS

LogicalResult BinaryCrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                     Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(inferLoss(loc, op.getProbabilities(), types))) return failure();
  return checkBinary(loc, op.getProbabilities(), op.getLabelSmoothingAttr(), op.getClassWeightsAttr());
}

LogicalResult CrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                               SmallVectorImpl<Type> &types) {
  if (failed(inferLoss(loc, op.getProbabilities(), types))) return failure();
  return checkClasses(loc, op.getProbabilities(), op.getLabelSmoothingAttr(), op.getClassWeightsAttr());
}

// The op that `value` shows, seen through a reshape: losses look at flat values.
static Operation *producerOf(Value value) {
  Operation *producer = value.getDefiningOp();
  if (auto view = dyn_cast_or_null<ReshapeOp>(producer)) return view.getSrc().getDefiningOp();
  return producer;
}

namespace {
struct BinaryCrossEntropyOfSigmoid : OpRewritePattern<BinaryCrossEntropyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryCrossEntropyOp op, PatternRewriter &rewriter) const override {
    auto sigmoid = dyn_cast_or_null<SigmoidOp>(producerOf(op.getProbabilities()));
    if (!sigmoid) return failure();
    Value logits = sigmoid.getSrc();
    if (logits.getType() != op.getProbabilities().getType())
      logits = ReshapeOp::create(rewriter, op.getLoc(), op.getProbabilities().getType(), logits);
    rewriter.replaceOpWithNewOp<SigmoidCrossEntropyOp>(op, ValueRange{logits, op.getTargets()},
                                                       op->getAttrs());
    return success();
  }
};

struct CrossEntropyOfSoftmax : OpRewritePattern<CrossEntropyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CrossEntropyOp op, PatternRewriter &rewriter) const override {
    auto softmax = op.getProbabilities().getDefiningOp<SoftmaxOp>();
    if (!softmax) return failure();
    rewriter.replaceOpWithNewOp<SoftmaxCrossEntropyOp>(
        op, ValueRange{softmax.getSrc(), op.getTargets()}, op->getAttrs());
    return success();
  }
};
} // namespace

void BinaryCrossEntropyOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<BinaryCrossEntropyOfSigmoid>(context);
}

void CrossEntropyOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<CrossEntropyOfSoftmax>(context);
}

static LogicalResult checkWeights(std::optional<Location> loc, Value weights) {
  return checkRank(loc, "weights", weights, 1, "[N]");
}

LogicalResult WeighSamplesOp::verify() { return checkWeights(getLoc(), getWeights()); }

void WeighSamplesOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getLosses()))
    gradients.add(getLosses(), WeighSamplesBwdOp::create(builder, getLoc(), getWeights(), diffResults[0]));
}

LogicalResult WeighSamplesBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                  SmallVectorImpl<Type> &types) {
  if (failed(checkWeights(loc, op.getWeights())) ||
      failed(checkRank(loc, "diff_dst", op.getDiffDst(), 0, "a scalar")))
    return failure();
  types.push_back(op.getWeights().getType());
  return success();
}

LogicalResult TotalLossOp::verify() {
  if (getLosses().empty()) return emitOpError("needs a loss");
  if (getWeights().size() != getLosses().size())
    return emitOpError("has ") << getLosses().size() << " losses and " << getWeights().size() << " weights";
  if (tensorType(getTotal()).getRank() != 1) return emitOpError("adds numbers by sample, [N]");
  return success();
}

void TotalLossOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  Value seed = diffResults[0]; // a scalar, as every loss's gradient
  Type element = tensorType(seed).getElementType();
  for (auto [loss, weight] : llvm::zip_equal(getLosses(), getWeights())) {
    if (!gradients.wants(loss)) continue;
    Value diff = weight == 1 ? seed
                             : RescaleOp::create(builder, getLoc(), seed, builder.getF64FloatAttr(weight),
                                                 builder.getF64FloatAttr(0), TypeAttr::get(element));
    gradients.add(loss, diff);
  }
}

//===--- metrics ---===//

LogicalResult ArgmaxOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op,
                                         SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 2, "[N,classes]"))) return failure();
  types.push_back(RankedTensorType::get({shapeOf(op.getSrc())[0]}, IntegerType::get(context, 32)));
  return success();
}

LogicalResult SparseTopKAccuracyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                     Adaptor op, SmallVectorImpl<Type> &types) {
  if (op.getK() < 1) return emitOptionalError(loc, "k must be at least 1, found ", op.getK());
  return inferPerSample(loc, op.getScores(), op.getLabels(), types);
}

LogicalResult BinaryAccuracyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                 SmallVectorImpl<Type> &types) {
  return inferLoss(loc, op.getSrc(), types);
}

//===--- what users name ---===//

// [N,values] of any shape.
static Value flat(LayerBuilder &builder, Value value) {
  auto type = tensorType(value);
  if (type.getRank() == 2) return value;
  int64_t samples = type.getDimSize(0);
  return builder.create<ReshapeOp>(
      RankedTensorType::get({samples, type.getNumElements() / samples}, type.getElementType()), value);
}

static RankedTensorType sameAsOutput(Location, RankedTensorType output) { return output; }

static RankedTensorType shares(Location loc, RankedTensorType output) {
  if (output.getRank() == 2 && output.getDimSize(1) >= 2) return output;
  emitError(loc) << "categorical_crossentropy expects an output [classes] of at least 2 classes, found "
                 << sampleShape(output) << "; end the model with dense: {units: CLASSES, activation: softmax}";
  return {};
}

Value entryScalar(LayerBuilder &loss, StringRef role) {
  auto function = cast<func::FuncOp>(loss.builder.getInsertionBlock()->getParentOp());
  StringAttr wanted = loss.builder.getStringAttr(role);
  for (BlockArgument argument : function.getArguments())
    if (function.getArgAttr(argument.getArgNumber(), kRoleAttr) == wanted) return argument;
  unsigned index = function.getNumArguments();
  auto attributes = loss.builder.getDictionaryAttr(loss.builder.getNamedAttr(kRoleAttr, wanted));
  (void)function.insertArgument(index, RankedTensorType::get({}, loss.builder.getI32Type()), attributes, loss.loc);
  return function.getArgument(index);
}

Value overPresent(LayerBuilder &loss, Value losses, Value present) {
  Value weighed = loss.create<WeighSamplesOp>(losses, present);
  return loss.create<BatchMeanOp>(weighed, loss.create<WholeBatchOp>(present), entryScalar(loss, role::kSamples));
}

FloatAttr smoothingOf(LayerBuilder &loss, const Options &options) {
  double share = options.number("label_smoothing");
  return share == 0 ? FloatAttr() : loss.builder.getF64FloatAttr(share);
}

FailureOr<DenseF64ArrayAttr> classWeightsOf(LayerBuilder &loss, ArrayRef<double> weights, int64_t classes) {
  if (int64_t(weights.size()) > classes) {
    loss.error(loss.loc) << "class_weight has a weight for class " << weights.size() - 1
                         << ", but the loss tells " << classes << " classes apart";
    return failure();
  }
  SmallVector<double> all(weights);
  all.resize(classes, 1.0);
  if (llvm::all_equal(all) && all[0] == 1) return DenseF64ArrayAttr();
  return loss.builder.getDenseF64ArrayAttr(all);
}

bool checkLogits(LayerBuilder &loss, const Options &options, StringRef activation, bool activated) {
  bool fromLogits = options.boolean("from_logits");
  if (fromLogits && activated)
    loss.error(options.location("from_logits"))
        << "from_logits: true, but the last layer already has a " << activation << "; leave one of them out";
  else if (!fromLogits && !activated)
    loss.error(loss.loc) << "the loss expects probabilities, but the last layer has no " << activation
                         << "; give it activation: " << activation << ", or the loss from_logits: true";
  return fromLogits != activated;
}

OptionSpec fromLogitsOption(const char *activation) {
  return {"from_logits", OptionKind::Boolean, "false",
          std::string("the output has no ") + activation + ": apply it here"};
}

OptionSpec labelSmoothingOption() {
  return {"label_smoothing", OptionKind::Number, "0", "share of each target that goes to all classes alike", 1, {}, 0, 1};
}

template <typename Op>
static Value buildElementLoss(LayerBuilder &loss, const Options &, const Judged &judged) {
  return loss.create<Op>(flat(loss, judged.output), flat(loss, judged.target));
}

CriterionSpec meanSquaredErrorLoss() {
  CriterionSpec spec{"mean_squared_error", "Mean of the squared differences.", {}, sameAsOutput,
                     buildElementLoss<MeanSquaredErrorOp>};
  spec.aliases = {"mse"};
  return spec;
}

CriterionSpec meanAbsoluteErrorLoss() {
  CriterionSpec spec{"mean_absolute_error", "Mean of the absolute differences.", {}, sameAsOutput,
                     buildElementLoss<MeanAbsoluteErrorOp>};
  spec.aliases = {"mae"};
  return spec;
}

CriterionSpec hingeLoss() {
  CriterionSpec spec{"hinge", "Mean of max(1 - target * output, 0); targets are -1 or 1, and 0 means -1.",
                     {}, sameAsOutput, buildElementLoss<HingeOp>};
  spec.threshold = [](const Options &) { return 0.0; };
  return spec;
}

CriterionSpec huberLoss() {
  return {"huber",
          "Half the square of the difference, linear where it is larger than delta.",
          {{"delta", OptionKind::Number, "1", "where it becomes linear", 1, {}, 1e-30}},
          sameAsOutput,
          [](LayerBuilder &loss, const Options &options, const Judged &judged) -> Value {
            return loss.create<HuberOp>(flat(loss, judged.output), flat(loss, judged.target),
                                        loss.builder.getF64FloatAttr(options.number("delta")));
          }};
}

CriterionSpec klDivergenceLoss() {
  return {"kl_divergence",
          "Sum of target * log(target / output) over the last dimension, both clipped to [1e-7, 1].",
          {},
          sameAsOutput,
          [](LayerBuilder &loss, const Options &, const Judged &judged) -> Value {
            auto shape = shapeOf(judged.output);
            int64_t rows = tensorType(judged.output).getNumElements() / (shape.front() * shape.back());
            return loss.create<KLDivergenceOp>(flat(loss, judged.output), flat(loss, judged.target),
                                               loss.builder.getI64IntegerAttr(rows));
          }};
}

// Scores decide at 0, probabilities at a half.
static double thresholdOf(const Options &options) { return options.boolean("from_logits") ? 0 : 0.5; }

CriterionSpec binaryCrossentropyLoss() {
  CriterionSpec spec{
      "binary_crossentropy",
      "Cross-entropy of the probabilities of two classes against targets from 0 to 1.",
      {fromLogitsOption("sigmoid"), labelSmoothingOption()},
      sameAsOutput,
      [](LayerBuilder &loss, const Options &options, const Judged &judged) -> Value {
        if (!checkLogits(loss, options, "sigmoid", isa_and_nonnull<SigmoidOp>(producerOf(judged.output)))) return {};
        Value output = flat(loss, judged.output), target = flat(loss, judged.target);
        if (!judged.classWeights.empty() && shapeOf(output)[1] != 1) {
          loss.error(loss.loc) << "class_weight wants one class a sample, but the output is "
                               << sampleShape(judged.output.getType());
          return {};
        }
        auto weights = classWeightsOf(loss, judged.classWeights, 2);
        if (failed(weights)) return {};
        FloatAttr smoothing = smoothingOf(loss, options);
        if (options.boolean("from_logits"))
          return loss.create<SigmoidCrossEntropyOp>(output, target, smoothing, *weights);
        return loss.create<BinaryCrossEntropyOp>(output, target, smoothing, *weights);
      }};
  spec.weighsClasses = true;
  spec.threshold = thresholdOf;
  return spec;
}

CriterionSpec categoricalCrossentropyLoss() {
  CriterionSpec spec{
      "categorical_crossentropy",
      "Cross-entropy of class probabilities against a distribution (one-hot, where the data has classes).",
      {fromLogitsOption("softmax"), labelSmoothingOption()},
      shares,
      [](LayerBuilder &loss, const Options &options, const Judged &judged) -> Value {
        if (!checkLogits(loss, options, "softmax", judged.output.getDefiningOp<SoftmaxOp>() != nullptr))
          return {};
        auto weights = classWeightsOf(loss, judged.classWeights, shapeOf(judged.output)[1]);
        if (failed(weights)) return {};
        FloatAttr smoothing = smoothingOf(loss, options);
        if (options.boolean("from_logits"))
          return loss.create<SoftmaxCrossEntropyOp>(judged.output, judged.target, smoothing, *weights);
        return loss.create<CrossEntropyOp>(judged.output, judged.target, smoothing, *weights);
      }};
  spec.weighsClasses = true;
  spec.threshold = thresholdOf;
  return spec;
}

// One score or one number for each class.
static bool holdsClasses(RankedTensorType type) {
  return type.getRank() == 2 && isa<FloatType>(type.getElementType());
}

// Is the output a distance, or an embedding that the loss compares with others? Says so: it is no score.
static bool isCompared(LayerBuilder &metric, const Judged &judged) {
  bool distance = isa_and_nonnull<DistanceOp>(producerOf(judged.output));
  bool embedding = llvm::any_of(judged.target.getUsers(), [](Operation *user) { return isa<WholeBatchOp>(user); });
  if (distance || embedding)
    metric.error(metric.loc) << "the metric compares scores of classes, but the output is "
                             << (distance ? "a distance; expected pair_accuracy" : "an embedding; expected one_shot_accuracy");
  return distance || embedding;
}

// The classes of a target, as numbers; null after an error.
static Value labelsOf(LayerBuilder &metric, const Judged &judged) {
  if (isCompared(metric, judged)) return {};
  auto type = tensorType(judged.target);
  if (type.getElementType().isInteger(32)) return judged.target;
  if (holdsClasses(type) && type.getDimSize(1) > 1) return metric.create<ArgmaxOp>(judged.target);
  metric.error(metric.loc) << "the metric compares classes, but the output is "
                           << sampleShape(judged.output.getType());
  return {};
}

static Value buildBinaryAccuracy(LayerBuilder &metric, const Options &, const Judged &judged) {
  if (isCompared(metric, judged)) return {};
  if (!isa<FloatType>(tensorType(judged.target).getElementType())) {
    metric.error(metric.loc) << "binary_accuracy is of single units and several labels; expected accuracy, "
                                "for classes of which a sample has one";
    return {};
  }
  return metric.create<BinaryAccuracyOp>(flat(metric, judged.output), flat(metric, judged.target),
                                         metric.builder.getF64FloatAttr(judged.threshold));
}

CriterionSpec accuracyMetric() {
  return {"accuracy",
          "Share of samples whose most probable class is right; of single units: that are on the right side.",
          {},
          nullptr,
          [](LayerBuilder &metric, const Options &options, const Judged &judged) -> Value {
            auto type = tensorType(judged.target);
            if (isa<FloatType>(type.getElementType()) && type.getShape().back() == 1)
              return buildBinaryAccuracy(metric, options, judged);
            Value labels = labelsOf(metric, judged);
            if (!labels) return {};
            return metric.create<SparseCategoricalAccuracyOp>(judged.output, labels);
          }};
}

CriterionSpec binaryAccuracyMetric() {
  return {"binary_accuracy", "Share of the output's values that are on the right side: for several labels a sample.",
          {}, nullptr, buildBinaryAccuracy};
}

CriterionSpec topKAccuracyMetric() {
  return {"top_k_categorical_accuracy",
          "Share of samples whose class is among the k most probable ones.",
          {{"k", OptionKind::Integer, "5", "how many", 1, {}, 1}},
          nullptr,
          [](LayerBuilder &metric, const Options &options, const Judged &judged) -> Value {
            Value labels = labelsOf(metric, judged);
            if (!labels) return {};
            return metric.create<SparseTopKAccuracyOp>(
                judged.output, labels, metric.builder.getI64IntegerAttr(options.integer("k")));
          }};
}

static bool comparesNumbers(Location loc, RankedTensorType output, RankedTensorType target) {
  if (isa<FloatType>(target.getElementType())) return true;
  emitError(loc) << "the metric compares numbers, but the target is the number of a class";
  return false;
}

// A loss that is a metric too.
template <typename Op>
static CriterionSpec errorMetric(const char *name, const char *alias, const char *doc) {
  CriterionSpec spec{name, doc, {}, nullptr,
                     [](LayerBuilder &metric, const Options &options, const Judged &judged) -> Value {
                       if (!comparesNumbers(metric.loc, tensorType(judged.output), tensorType(judged.target)))
                         return {};
                       return buildElementLoss<Op>(metric, options, judged);
                     }};
  spec.aliases = {alias};
  return spec;
}

CriterionSpec meanAbsoluteErrorMetric() {
  return errorMetric<MeanAbsoluteErrorOp>("mean_absolute_error", "mae", "Mean of the absolute differences.");
}

CriterionSpec meanSquaredErrorMetric() {
  return errorMetric<MeanSquaredErrorOp>("mean_squared_error", "mse", "Mean of the squared differences.");
}

// Two classes: a single unit, several labels, or a softmax over two.
static bool tellsTwoClasses(Location loc, RankedTensorType output, RankedTensorType target) {
  if (isa<FloatType>(target.getElementType()) || output.getShape().back() == 2) return true;
  emitError(loc) << "the metric is of two classes, but the output is " << sampleShape(output);
  return false;
}

static bool tellsClasses(Location loc, RankedTensorType output, RankedTensorType target) {
  if (!isa<FloatType>(target.getElementType()) || holdsClasses(target)) return true;
  emitError(loc) << "the metric compares classes, but the output is " << sampleShape(output);
  return false;
}

// Metrics that are no mean over samples. The trainer computes them (runtime/train/Metrics.cpp).
std::vector<CriterionSpec> overallMetrics() {
  auto metric = [](const char *name, const char *doc, auto suits, std::vector<std::string> aliases = {}) {
    CriterionSpec spec{name, doc, {}, nullptr, nullptr};
    spec.suits = suits;
    spec.aliases = std::move(aliases);
    spec.isTable = spec.name == "confusion_matrix" || spec.name == "forecast_plot";
    return spec;
  };
  auto comparesBoxes = [](Location loc, RankedTensorType output, RankedTensorType target) {
    if (isa<FloatType>(target.getElementType()) && output.getRank() >= 2 && output.getShape().back() == 4) return true;
    emitError(loc) << "the metric is of boxes: it expects an output of rows of 4 numbers (x, y, width, height) and "
                      "such targets, found "
                   << sampleShape(output);
    return false;
  };
  return {
      metric("auc", "Area under the ROC curve, exact; validation and test only.", tellsTwoClasses),
      metric("confusion_matrix", "Samples by class and predicted class, as a table; validation and test only.",
             tellsClasses),
      metric("f1_score", "Harmonic mean of precision and recall; validation and test only.", tellsTwoClasses),
      metric("forecast_plot",
             "Forecast beside what came, sample after sample, as a picture of the first place of the output and of the "
             "last; validation and test only.",
             comparesNumbers),
      metric("iou",
             "Intersection over union of boxes, rows of x, y, width and height with x and y at the upper left: the mean "
             "over all boxes; validation and test only.",
             comparesBoxes),
      metric("median_relative_error",
             "Median of |output - target| / |target| over all values whose target is not 0; validation and test only.",
             comparesNumbers),
      metric("precision", "Share of the positive predictions that are right; validation and test only.",
             tellsTwoClasses),
      metric("r2_score", "1 - squared error / variance, the mean over the output's values; validation and test only.",
             comparesNumbers),
      metric("recall", "Share of the positive samples that are found; validation and test only.", tellsTwoClasses),
      metric("root_mean_squared_error", "Root of the mean squared difference; validation and test only.",
             comparesNumbers, {"rmse"}),
  };
}

} // namespace nncc::nn
