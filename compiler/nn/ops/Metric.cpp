//===- Metric.cpp - distances between embeddings and the losses on them ----===//
#include "nn/ops/Metric.h"
#include "nn/Criteria.h"
#include "nn/Folding.h"
#include "nn/Shapes.h"
#include "nn/ops/MetricSpecs.h"

using namespace mlir;

#include "nn/ops/MetricEnums.cpp.inc"

namespace nncc::nn {

//===--- vectors ---===//

void L2NormalizeOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), L2NormalizeBwdOp::create(builder, getLoc(), getSrc().getType(), getSrc(),
                                                     diffResults[0], getEpsilonAttr()));
}

LogicalResult DistanceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                           SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "lhs", op.getLhs(), 2, "[N,values]"))) return failure();
  types.push_back(RankedTensorType::get({shapeOf(op.getLhs())[0]}, tensorType(op.getLhs()).getElementType()));
  return success();
}

LogicalResult DistanceBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                              SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "lhs", op.getLhs(), 2, "[N,values]")) ||
      failed(checkRank(loc, "diff_dst", op.getDiffDst(), 1, "[N]")))
    return failure();
  if (shapeOf(op.getDiffDst())[0] != shapeOf(op.getLhs())[0])
    return emitOptionalError(loc, "lhs has ", shapeOf(op.getLhs())[0], " samples, diff_dst ",
                             shapeOf(op.getDiffDst())[0]);
  types.assign(2, op.getLhs().getType());
  return success();
}

void DistanceOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  bool left = gradients.wants(getLhs()), right = gradients.wants(getRhs());
  if (!left && !right) return;
  auto diffs = DistanceBwdOp::create(builder, getLoc(), getMetric(), getLhs(), getRhs(), diffResults[0]);
  if (left) gradients.add(getLhs(), diffs.getDiffLhs());
  if (right) gradients.add(getRhs(), diffs.getDiffRhs());
}

//===--- losses of a distance ---===//

static LogicalResult inferDistanceLoss(std::optional<Location> loc, Value src, FloatAttr margin,
                                       SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", src, 2, "[N,values]"))) return failure();
  if (!(margin.getValueAsDouble() >= 0)) return emitOptionalError(loc, "margin must be at least 0");
  types.push_back(RankedTensorType::get({shapeOf(src)[0]}, tensorType(src).getElementType()));
  return success();
}

static LogicalResult inferDistanceLossBwd(std::optional<Location> loc, Value src, Value diffLoss, FloatAttr margin,
                                          SmallVectorImpl<Type> &types) {
  SmallVector<Type> loss;
  if (failed(inferDistanceLoss(loc, src, margin, loss)) ||
      failed(checkDiffLoss(loc, diffLoss, shapeOf(src)[0])))
    return failure();
  types.push_back(src.getType());
  return success();
}

#define NNCC_DISTANCE_LOSS(OP)                                                                                     \
  LogicalResult OP##Op::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,                   \
                                         SmallVectorImpl<Type> &types) {                                           \
    return inferDistanceLoss(loc, op.getSrc(), op.getMarginAttr(), types);                                         \
  }                                                                                                                \
  LogicalResult OP##BwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,                \
                                            SmallVectorImpl<Type> &types) {                                        \
    return inferDistanceLossBwd(loc, op.getSrc(), op.getDiffLoss(), op.getMarginAttr(), types);                    \
  }                                                                                                                \
  void OP##Op::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {                        \
    if (gradients.wants(getSrc()))                                                                                 \
      gradients.add(getSrc(), OP##BwdOp::create(builder, getLoc(), getSrc().getType(), getSrc(), getTargets(),     \
                                                diffResults[0], getMarginAttr()));                                 \
  }

NNCC_DISTANCE_LOSS(Contrastive)
NNCC_DISTANCE_LOSS(CosineEmbedding)
#undef NNCC_DISTANCE_LOSS

//===--- losses of a batch ---===//

// Operands of an op that compares some samples, [n,values], with a batch, [N,values].
static LogicalResult checkAgainstBatch(std::optional<Location> loc, Value src, Value batch, Value samples,
                                       Value position) {
  if (failed(checkRank(loc, "src", src, 2, "[N,values]")) ||
      failed(checkRank(loc, "samples", samples, 0, "a scalar")) ||
      failed(checkRank(loc, "position", position, 0, "a scalar")))
    return failure();
  if (src.getType() != batch.getType())
    return emitOptionalError(loc, "src and batch must have one type, found ", src.getType(), " and ", batch.getType());
  return success();
}

static LogicalResult checkShape(std::optional<Location> loc, StringRef operand, Value value, ArrayRef<int64_t> shape) {
  if (shapeOf(value) == shape) return success();
  auto expected = RankedTensorType::get(shape, tensorType(value).getElementType());
  return emitOptionalError(loc, operand, " must be ", expected, ", found ", value.getType());
}

LogicalResult TripletMiningOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                SmallVectorImpl<Type> &types) {
  if (failed(checkAgainstBatch(loc, op.getSrc(), op.getBatch(), op.getSamples(), op.getPosition()))) return failure();
  int64_t samples = shapeOf(op.getSrc())[0];
  if (failed(checkShape(loc, "classes", op.getClasses(), {samples})) ||
      failed(checkShape(loc, "batch_classes", op.getBatchClasses(), {samples})))
    return failure();
  if (op.getMetric() != DistanceMetric::Euclidean && op.getMetric() != DistanceMetric::Squared)
    return emitOptionalError(loc, "the distance must be euclidean or squared, found ", stringifyEnum(op.getMetric()));
  if (!(op.getMarginAttr().getValueAsDouble() >= 0)) return emitOptionalError(loc, "margin must be at least 0");
  Type element = tensorType(op.getSrc()).getElementType();
  types.assign(2, RankedTensorType::get({samples}, element));
  types.push_back(RankedTensorType::get({samples, samples}, element));
  return success();
}

LogicalResult TripletMiningBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                   SmallVectorImpl<Type> &types) {
  if (failed(checkAgainstBatch(loc, op.getSrc(), op.getBatch(), op.getSamples(), op.getPosition()))) return failure();
  int64_t samples = shapeOf(op.getSrc())[0];
  if (failed(checkShape(loc, "pulls", op.getPulls(), {samples, samples})) ||
      failed(checkShape(loc, "batch_pulls", op.getBatchPulls(), {samples, samples})) ||
      failed(checkRank(loc, "diff_sums", op.getDiffSums(), 0, "a scalar")))
    return failure();
  types.push_back(op.getSrc().getType());
  return success();
}

// The gradient for the samples as anchors and as what anchors are compared with at once: `batch` must
// show `src`, and gets none of its own.
void TripletMiningOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  auto view = getBatch().getDefiningOp<WholeBatchOp>();
  if (!view || view.getSrc() != getSrc() || diffResults[1] || diffResults[2] || !diffResults[0])
    return gradients.refuse(*this, "batch, which is not that of its src");
  if (!gradients.wants(getSrc())) return;
  Value allPulls = WholeBatchOp::create(builder, getLoc(), getPulls());
  gradients.add(getSrc(), TripletMiningBwdOp::create(builder, getLoc(), getSrc(), getBatch(), getPulls(), allPulls,
                                                     diffResults[0], getSamples(), getPosition()));
}

LogicalResult BatchMeanOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "sums", op.getSums(), 1, "[N]")) ||
      failed(checkRank(loc, "samples", op.getSamples(), 0, "a scalar")))
    return failure();
  types.push_back(op.getSums().getType());
  return success();
}

LogicalResult BatchMeanBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                               SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "counts", op.getCounts(), 1, "[N]")) ||
      failed(checkRank(loc, "samples", op.getSamples(), 0, "a scalar")) ||
      failed(checkRank(loc, "diff_loss", op.getDiffLoss(), 0, "a scalar")))
    return failure();
  types.push_back(op.getDiffLoss().getType());
  return success();
}

// The counts change by jumps: they have no gradient.
void BatchMeanOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSums()))
    gradients.add(getSums(), BatchMeanBwdOp::create(builder, getLoc(), getCounts(), getSamples(), diffResults[0]));
}

//===--- what users name ---===//

static LayerSpec unitNormalizationLayer() {
  return {"unit_normalization",
          "Each row (the last dimension) over its length, so that all have length 1; a row of length 0 stays.",
          {},
          1,
          1,
          [](LayerBuilder &layer, const Options &, ValueRange inputs) -> Value {
            return layer.create<L2NormalizeOp>(inputs[0], layer.builder.getF64FloatAttr(1e-12));
          },
          keepsSteps};
}

static DistanceMetric metricOf(const Options &options, StringRef name) {
  return *symbolizeDistanceMetric(options.text(name));
}

static LayerSpec distanceLayer() {
  OptionSpec metric{"metric", OptionKind::Choice, "euclidean",
                    "with the difference d: sqrt(sum d^2), sum d^2, sum |d|, or 1 - the cosine of the angle"};
  metric.choices = {"euclidean", "squared", "manhattan", "cosine"};
  return {"distance",
          "How far its two inputs, [features] each, are apart: [1].",
          {metric},
          2,
          2,
          [](LayerBuilder &layer, const Options &options, ValueRange inputs) -> Value {
            Type left = inputs[0].getType(), right = inputs[1].getType();
            if (left != right || tensorType(inputs[0]).getRank() != 2) {
              layer.error(layer.loc) << "distance expects two inputs [features] of one size, found "
                                     << sampleShape(left) << " and " << sampleShape(right)
                                     << (left == right ? "; put a flatten or a dense layer before it" : "");
              return {};
            }
            Value distance = layer.create<DistanceOp>(metricOf(options, "metric"), inputs[0], inputs[1]);
            return layer.create<ReshapeOp>(
                RankedTensorType::get({shapeOf(distance)[0], 1}, layer.elementType), distance);
          }};
}

std::vector<LayerSpec> metricLayers() { return {distanceLayer(), unitNormalizationLayer()}; }

// The distance that a loss looks at, or null with an error.
static DistanceOp distanceOf(LayerBuilder &loss, const Judged &judged) {
  Operation *producer = judged.output.getDefiningOp();
  if (auto view = dyn_cast_or_null<ReshapeOp>(producer)) producer = view.getSrc().getDefiningOp();
  auto distance = dyn_cast_or_null<DistanceOp>(producer);
  if (!distance)
    loss.error(loss.loc) << loss.layer << " expects the output of a distance layer; end the model with distance: "
                         << "{inputs: [LEFT, RIGHT]}";
  return distance;
}

// One distance a sample.
static RankedTensorType sameOrNot(Location loc, RankedTensorType output) {
  if (output.getRank() == 2 && output.getDimSize(1) == 1) return output;
  emitError(loc) << "the loss expects one distance, an output [1], found " << sampleShape(output)
                 << "; end the model with distance: {inputs: [LEFT, RIGHT]}";
  return {};
}

static OptionSpec marginOption(const char *value, const char *doc, double most = 1e300) {
  return {"margin", OptionKind::Number, value, doc, 1, {}, 0, most};
}

static CriterionSpec contrastiveLoss() {
  return {"contrastive",
          "Of distances between two samples, with a target of 1 for the same class and 0 for different ones: half the "
          "square of the distance, or of what it lacks to the margin (Hadsell, Chopra, LeCun 2006).",
          {marginOption("1", "how far apart samples of different classes shall be")},
          sameOrNot,
          [](LayerBuilder &loss, const Options &options, const Judged &judged) -> Value {
            DistanceOp distance = distanceOf(loss, judged);
            if (!distance) return {};
            return loss.create<ContrastiveOp>(judged.output, judged.target,
                                              loss.builder.getF64FloatAttr(options.number("margin")));
          }};
}

static CriterionSpec cosineEmbeddingLoss() {
  return {"cosine_embedding",
          "Of cosine distances between two samples, with a target of 1 for the same class and 0 for different ones: "
          "1 - cosine, or what the cosine is above the margin.",
          {marginOption("0", "cosines up to which samples of different classes are far enough apart", 1)},
          sameOrNot,
          [](LayerBuilder &loss, const Options &options, const Judged &judged) -> Value {
            DistanceOp distance = distanceOf(loss, judged);
            if (!distance) return {};
            if (distance.getMetric() != DistanceMetric::Cosine) {
              loss.error(loss.loc) << "cosine_embedding expects a distance of metric cosine, found "
                                   << stringifyEnum(distance.getMetric()) << "; choose the loss contrastive, or metric: cosine";
              return {};
            }
            return loss.create<CosineEmbeddingOp>(judged.output, judged.target,
                                                  loss.builder.getF64FloatAttr(options.number("margin")));
          }};
}

static RankedTensorType classesOfEmbeddings(Location loc, RankedTensorType output) {
  if (output.getRank() == 2)
    return RankedTensorType::get({output.getDimSize(0)}, IntegerType::get(output.getContext(), 32));
  emitError(loc) << "triplet expects an output [features], an embedding of the sample, found " << sampleShape(output)
                 << "; end the model with a dense layer, or flatten it";
  return {};
}

static CriterionSpec tripletLoss() {
  OptionSpec mining{"mining", OptionKind::Choice, "semi_hard",
                    "all triplets of the batch that violate the margin; of each sample the farthest of its class and the "
                    "nearest of others (hard); of each pair of a class the nearest of others that is farther (semi_hard)"};
  mining.choices = {"all", "hard", "semi_hard"};
  OptionSpec distance{"distance", OptionKind::Choice, "euclidean", "between embeddings"};
  distance.choices = {"euclidean", "squared"};
  CriterionSpec spec{"triplet",
          "Of embeddings and class numbers: max(0, margin + D(a,p) - D(a,n)) for samples a and p of one class and n of "
          "another in the batch, the mean of those that `mining` takes (Schroff et al. 2015, Hermans et al. 2017). "
          "A batch needs several samples of several classes.",
          {marginOption("0.2", "by how much other classes shall be farther"), mining, distance},
          classesOfEmbeddings,
          [](LayerBuilder &loss, const Options &options, const Judged &judged) -> Value {
            Value samples = entryScalar(loss, role::kSamples), position = entryScalar(loss, role::kPosition);
            Value batch = loss.create<WholeBatchOp>(judged.output);
            Value classes = loss.create<WholeBatchOp>(judged.target);
            MLIRContext *context = loss.builder.getContext();
            auto mined = loss.create<TripletMiningOp>(
                MiningAttr::get(context, *symbolizeMining(options.text("mining"))), judged.output, batch, judged.target,
                classes, samples, position, DistanceMetricAttr::get(context, metricOf(options, "distance")),
                loss.builder.getF64FloatAttr(options.number("margin")));
            Value counts = loss.create<WholeBatchOp>(mined.getCounts());
            return loss.create<BatchMeanOp>(mined.getSums(), counts, samples);
          }};
  spec.ofBatch = true;
  return spec;
}

std::vector<CriterionSpec> metricLosses() { return {contrastiveLoss(), cosineEmbeddingLoss(), tripletLoss()}; }

//===--- metrics, which the trainer computes (runtime/train/Metrics.cpp) ---===//

static bool isPair(Location loc, RankedTensorType output, RankedTensorType target) {
  if (output.getRank() == 2 && output.getDimSize(1) == 1 && isa<FloatType>(target.getElementType())) return true;
  emitError(loc) << "the metric is of pairs: it expects one distance, an output [1], and targets of 0 or 1, found "
                 << sampleShape(output);
  return false;
}

static bool isEmbedding(Location loc, RankedTensorType output, RankedTensorType target) {
  if (output.getRank() == 2 && target.getElementType().isInteger(32)) return true;
  emitError(loc) << "the metric is of embeddings: it expects an output [features] and class numbers as targets, as "
                    "the loss triplet has them";
  return false;
}

std::vector<CriterionSpec> distanceMetrics() {
  auto metric = [](const char *name, std::string doc, auto suits, std::vector<OptionSpec> options = {}) {
    CriterionSpec spec{name, std::move(doc), std::move(options), nullptr, nullptr};
    spec.suits = suits;
    return spec;
  };
  std::vector<OptionSpec> episodes = {
      {"ways", OptionKind::Integer, "5", "classes of an episode", 1, {}, 2, 1000},
      {"shots", OptionKind::Integer, "1", "examples of each class", 1, {}, 1, 1000},
      {"episodes", OptionKind::Integer, "1000", "how many", 1, {}, 1, 1000000}};
  return {metric("pair_accuracy",
                 "Share of pairs that a limit of the distance tells right: the same class up to it, different ones beyond. "
                 "In a test the limit is the best one of the validation pairs, or without these of the training's, "
                 "and fixed; in validation that of the pairs themselves.",
                 isPair),
          metric("raw_pair_accuracy",
                 "The same with the euclidean distance between the model's two inputs as they are: what a model has to "
                 "be better than.",
                 isPair),
          metric("one_shot_accuracy",
                 "Share of samples that get their own class as that of the nearest example, in episodes of `ways` "
                 "classes with `shots` examples and one sample to be named of each; validation and test only.",
                 isEmbedding, episodes),
          metric("raw_one_shot_accuracy",
                 "The same with the model's input as it is in the place of the embedding: what a model has to be better "
                 "than.",
                 isEmbedding, episodes)};
}

} // namespace nncc::nn
