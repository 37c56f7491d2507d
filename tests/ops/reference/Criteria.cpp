// Losses on float targets and metrics. Rows [N, values].
#include "reference/Classes.h"

namespace nncc::ops {

// Of one value and its target.
using ElementLoss = Number (*)(const Attributes &attributes, Number x, Number t);

static Number squared(const Attributes &, Number x, Number t) { return (x - t) * (x - t); }
static Number squaredSlope(const Attributes &, Number x, Number t) { return Number(2) * (x - t); }

static Number distance(const Attributes &, Number x, Number t) { return absolute(x - t); }
static Number distanceSlope(const Attributes &, Number x, Number t) {
  return x.value > t.value ? 1 : x.value < t.value ? -1 : 0;
}

static Number huber(const Attributes &attributes, Number x, Number t) {
  const double delta = numberOf(attributes, "delta");
  const Number d = absolute(x - t);
  return d.value <= delta ? Number(0.5) * d * d : Number(delta) * (d - Number(delta / 2));
}
static Number huberSlope(const Attributes &attributes, Number x, Number t) {
  const double delta = numberOf(attributes, "delta");
  const Number d = x - t;
  return d.value > delta ? Number(delta) : d.value < -delta ? Number(-delta) : d;
}

static Number sideOf(Number t) { return t.value == 0 ? Number(-1) : t; }
static Number hinge(const Attributes &, Number x, Number t) {
  return maximum(Number(1) - x * sideOf(t), 0);
}
static Number hingeSlope(const Attributes &, Number x, Number t) {
  return x.value * sideOf(t).value < 1 ? Number(0) - sideOf(t) : Number(0);
}

static Number clippedOf(Number p) {
  return p.value < 1e-7 ? Number(1e-7) : p.value > 1 ? Number(1) : p;
}
static Number divergence(const Attributes &, Number x, Number t) {
  return clippedOf(t) * logarithm(clippedOf(t) / clippedOf(x));
}
static Number divergenceSlope(const Attributes &, Number x, Number t) {
  if (x.value < 1e-7 || x.value > 1)
    return 0;
  return Number(0) - clippedOf(t) / x;
}

static Number smoothedOf(const Attributes &attributes, Number t, int64_t classes) {
  const double share = numberOr(attributes, "label_smoothing", 0);
  return t * Number(1 - share) + Number(share / classes);
}

// -t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x)).
static Number binaryCrossEntropy(const Attributes &attributes, Number x, Number t) {
  const Number smoothed = smoothedOf(attributes, t, 2);
  const Number rest = logarithm(Number(1) + exponential(Number(0) - absolute(x)));
  return (maximum(x, 0) - x * smoothed + rest) * classWeightOf(attributes, t.value > 0.5);
}
static Number binaryCrossEntropySlope(const Attributes &attributes, Number x, Number t) {
  const Number sigmoid = Number(1) / (Number(1) + exponential(Number(0) - x));
  return (sigmoid - smoothedOf(attributes, t, 2)) * classWeightOf(attributes, t.value > 0.5);
}

// Of distances: a target of 1 means the same class, 0 different ones.
static Number lackOf(Number d, double limit) { return maximum(Number(limit) - d, 0); }
static Number contrastive(const Attributes &attributes, Number d, Number t) {
  const Number lack = lackOf(d, numberOf(attributes, "margin"));
  return Number(0.5) * (t * d * d + (Number(1) - t) * lack * lack);
}
static Number contrastiveSlope(const Attributes &attributes, Number d, Number t) {
  return t * d - (Number(1) - t) * lackOf(d, numberOf(attributes, "margin"));
}
static Number cosineEmbedding(const Attributes &attributes, Number d, Number t) {
  return t * d + (Number(1) - t) * lackOf(d, 1 - numberOf(attributes, "margin"));
}
static Number cosineEmbeddingSlope(const Attributes &attributes, Number d, Number t) {
  return d.value < 1 - numberOf(attributes, "margin") ? t - (Number(1) - t) : t;
}

static void requireRows(const Tensor &src, const Tensor &targets) {
  require(src.shape.size() == 2 && src.shape == targets.shape, "shapes differ");
}

// How many values share the sum: all, or one for each distribution.
static double countOf(const Attributes &attributes, const Tensor &src) {
  return numberOr(attributes, "rows", static_cast<double>(src.shape[1]));
}

template <ElementLoss element>
static void meanLoss(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &targets = operands[1];
  requireRows(src, targets);
  for (int64_t n = 0; n < src.shape[0]; n++) {
    Number sum = 0;
    for (int64_t k = 0; k < src.shape[1]; k++)
      sum += element(attributes, src(n, k), targets(n, k));
    results[0](n) = sum / Number(countOf(attributes, src));
  }
}

template <ElementLoss slope>
static void meanLossBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &targets = operands[1], &diffLoss = operands[2];
  requireRows(src, targets);
  require(results[0].shape == src.shape, "shapes differ");
  for (int64_t n = 0; n < src.shape[0]; n++)
    for (int64_t k = 0; k < src.shape[1]; k++)
      results[0](n, k) = slope(attributes, src(n, k), targets(n, k)) * diffLossOf(diffLoss, n) /
                         Number(countOf(attributes, src));
}

// -sum(t log(softmax(x))).
static void softmaxCrossEntropy(const Attributes &attributes, const Tensors &operands,
                                Tensors &results) {
  const Tensor &src = operands[0], &targets = operands[1];
  requireRows(src, targets);
  for (int64_t n = 0; n < src.shape[0]; n++) {
    Number sum = 0;
    for (int64_t k = 0; k < src.shape[1]; k++)
      sum += smoothedOf(attributes, targets(n, k), src.shape[1]) *
             (logarithm(exponentialsOf(src, n)) + highestOf(src, n) - src(n, k));
    results[0](n) = sum * classWeightOf(attributes, largestOf(targets, n));
  }
}

static void softmaxCrossEntropyBwd(const Attributes &attributes, const Tensors &operands,
                                   Tensors &results) {
  const Tensor &src = operands[0], &targets = operands[1], &diffLoss = operands[2];
  requireRows(src, targets);
  for (int64_t n = 0; n < src.shape[0]; n++) {
    Number total = 0;
    for (int64_t k = 0; k < src.shape[1]; k++)
      total += smoothedOf(attributes, targets(n, k), src.shape[1]);
    for (int64_t k = 0; k < src.shape[1]; k++)
      results[0](n, k) =
          (softmaxOf(src, n, k) * total - smoothedOf(attributes, targets(n, k), src.shape[1])) *
          classWeightOf(attributes, largestOf(targets, n)) * diffLossOf(diffLoss, n);
  }
}

static void totalLoss(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const std::vector<double> &weights = listOf(attributes, "weights");
  require(weights.size() == operands.size(), "a weight for each loss");
  for (int64_t n = 0; n < results[0].shape[0]; n++)
    for (size_t i = 0; i < operands.size(); i++)
      results[0](n) += operands[i](n) * Number(weights[i]);
}

static void weighSamples(const Attributes &, const Tensors &operands, Tensors &results) {
  for (int64_t n = 0; n < results[0].shape[0]; n++)
    results[0](n) = operands[0](n) * operands[1](n);
}

static void weighSamplesBwd(const Attributes &, const Tensors &operands, Tensors &results) {
  for (int64_t n = 0; n < results[0].shape[0]; n++)
    results[0](n) = operands[1]() * operands[0](n);
}

static void argmax(const Attributes &, const Tensors &operands, Tensors &results) {
  for (int64_t n = 0; n < operands[0].shape[0]; n++)
    results[0](n) = static_cast<double>(largestOf(operands[0], n));
}

// The label's rank among the scores, of equal ones the earlier first, is below k.
static void topKAccuracy(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &scores = operands[0], &labels = operands[1];
  for (int64_t n = 0; n < scores.shape[0]; n++) {
    const int64_t label = labels(n).value;
    int64_t rank = 0;
    for (int64_t k = 0; k < scores.shape[1]; k++) {
      const double own = scores(n, label).value, other = scores(n, k).value;
      rank += other > own || (other == own && k < label);
    }
    results[0](n) = rank < numberOf(attributes, "k") ? 1 : 0;
  }
}

static void binaryAccuracy(const Attributes &attributes, const Tensors &operands,
                           Tensors &results) {
  const Tensor &src = operands[0], &targets = operands[1];
  requireRows(src, targets);
  for (int64_t n = 0; n < src.shape[0]; n++) {
    Number right = 0;
    for (int64_t k = 0; k < src.shape[1]; k++)
      right += (src(n, k).value > numberOf(attributes, "threshold")) == (targets(n, k).value > 0.5)
                   ? 1
                   : 0;
    results[0](n) = right / Number(static_cast<double>(src.shape[1]));
  }
}

std::vector<Op> criteriaOps() {
  // "shares" are numbers from 0 to 1 that a logarithm is taken of.
  const std::vector<std::string> forward = {"src", "targets"}, shares = {"shares", "shares"};
  const std::vector<std::string> backward = {"src", "targets", "diff_loss"};
  return {{"argmax", {"src"}, {"labels"}, argmax, true},
          {"binary_accuracy", forward, {"correct"}, binaryAccuracy},
          {"contrastive", forward, {"loss"}, meanLoss<contrastive>},
          {"contrastive_bwd", backward, {"diff_src"}, meanLossBwd<contrastiveSlope>},
          {"cosine_embedding", forward, {"loss"}, meanLoss<cosineEmbedding>},
          {"cosine_embedding_bwd", backward, {"diff_src"}, meanLossBwd<cosineEmbeddingSlope>},
          {"hinge", forward, {"loss"}, meanLoss<hinge>},
          {"hinge_bwd", backward, {"diff_src"}, meanLossBwd<hingeSlope>},
          {"huber", forward, {"loss"}, meanLoss<huber>},
          {"huber_bwd", backward, {"diff_src"}, meanLossBwd<huberSlope>},
          {"kl_divergence", shares, {"loss"}, meanLoss<divergence>},
          {"kl_divergence_bwd",
           {"shares", "shares", "diff_loss"},
           {"diff_src"},
           meanLossBwd<divergenceSlope>},
          {"mean_absolute_error", forward, {"loss"}, meanLoss<distance>},
          {"mean_absolute_error_bwd", backward, {"diff_src"}, meanLossBwd<distanceSlope>},
          {"mean_squared_error", forward, {"loss"}, meanLoss<squared>},
          {"mean_squared_error_bwd", backward, {"diff_src"}, meanLossBwd<squaredSlope>},
          {"sigmoid_cross_entropy", forward, {"loss"}, meanLoss<binaryCrossEntropy>},
          {"sigmoid_cross_entropy_bwd", backward, {"diff_src"},
           meanLossBwd<binaryCrossEntropySlope>},
          {"softmax_cross_entropy", forward, {"loss"}, softmaxCrossEntropy},
          {"softmax_cross_entropy_bwd", backward, {"diff_src"}, softmaxCrossEntropyBwd},
          {"sparse_top_k_accuracy", {"scores", "labels"}, {"correct"}, topKAccuracy, true},
          {"total_loss", {"losses", "losses", "losses"}, {"total"}, totalLoss},
          {"weigh_samples", {"losses", "weights"}, {"weighed"}, weighSamples},
          {"weigh_samples_bwd", {"weights", "diff_dst"}, {"diff_losses"}, weighSamplesBwd}};
}

}  // namespace nncc::ops
