// Softmax, its cross-entropy with integer labels, and accuracy. Rows [N, K].
#include "reference/Classes.h"

namespace nncc::ops {

static int64_t labelOf(const Tensor &labels, int64_t n, int64_t classes) {
  const int64_t label = labels(n).value;
  require(0 <= label && label < classes, "label out of range");
  return label;
}

static void softmax(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  Tensor &dst = results[0];
  require(src.shape.size() == 2 && src.shape == dst.shape, "shapes differ");
  for (int64_t n = 0; n < src.shape[0]; n++)
    for (int64_t k = 0; k < src.shape[1]; k++)
      dst(n, k) = softmaxOf(src, n, k);
}

// dst is the forward's result.
static void softmaxBwd(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &dst = operands[0], &diffDst = operands[1];
  Tensor &diffSrc = results[0];
  require(dst.shape == diffDst.shape && dst.shape == diffSrc.shape, "shapes differ");
  for (int64_t n = 0; n < dst.shape[0]; n++) {
    Number mean = 0;  // of diff_dst, weighted with dst
    for (int64_t k = 0; k < dst.shape[1]; k++)
      mean += dst(n, k) * diffDst(n, k);
    for (int64_t k = 0; k < dst.shape[1]; k++)
      diffSrc(n, k) = dst(n, k) * (diffDst(n, k) - mean);
  }
}

// What a label stands for at class k: 1 at its own, smoothed.
static Number targetOf(const Attributes &attributes, int64_t label, int64_t k, int64_t classes) {
  const double share = numberOr(attributes, "label_smoothing", 0);
  return (label == k ? 1 - share : 0) + share / classes;
}

static void crossEntropy(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &logits = operands[0], &labels = operands[1];
  Tensor &loss = results[0];
  require(labels.shape == loss.shape && logits.shape[0] == loss.shape[0], "shapes differ");
  const int64_t classes = logits.shape[1];
  for (int64_t n = 0; n < logits.shape[0]; n++) {
    const int64_t label = labelOf(labels, n, classes);
    Number mean = 0;  // of the logits, weighted with the targets
    for (int64_t k = 0; k < classes; k++)
      mean += targetOf(attributes, label, k, classes) * logits(n, k);
    loss(n) = (logarithm(exponentialsOf(logits, n)) + highestOf(logits, n) - mean) *
              classWeightOf(attributes, label);
  }
}

static void crossEntropyBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &logits = operands[0], &labels = operands[1], &diffLoss = operands[2];
  Tensor &diffLogits = results[0];
  require(labels.shape == Shape{logits.shape[0]} && diffLogits.shape == logits.shape, "shapes differ");
  const int64_t classes = logits.shape[1];
  for (int64_t n = 0; n < logits.shape[0]; n++)
    for (int64_t k = 0; k < classes; k++) {
      const int64_t label = labelOf(labels, n, classes);
      const Number expected = targetOf(attributes, label, k, classes);
      diffLogits(n, k) =
          (softmaxOf(logits, n, k) - expected) * classWeightOf(attributes, label) * diffLossOf(diffLoss, n);
    }
}

// 1 where the first maximum of the row is the label.
static void accuracy(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &scores = operands[0], &labels = operands[1];
  Tensor &right = results[0];
  require(labels.shape == right.shape && scores.shape[0] == right.shape[0], "shapes differ");
  for (int64_t n = 0; n < scores.shape[0]; n++)
    right(n) = largestOf(scores, n) == labelOf(labels, n, scores.shape[1]) ? 1 : 0;
}

// The gradient of the mean over the samples of the whole batch, times the loss's weight.
static void lossSeed(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  results[0]() = Number(numberOf(attributes, "weight")) / operands[0]();
}

std::vector<Op> lossOps() {
  return {{"softmax", {"src"}, {"dst"}, softmax},
          {"softmax_bwd", {"dst", "diff_dst"}, {"diff_src"}, softmaxBwd, true},
          {"sparse_softmax_cross_entropy", {"logits", "labels"}, {"loss"}, crossEntropy},
          {"sparse_softmax_cross_entropy_bwd",
           {"logits", "labels", "diff_loss"},
           {"diff_logits"},
           crossEntropyBwd},
          {"sparse_categorical_accuracy", {"scores", "labels"}, {"right"}, accuracy, true},
          {"loss_seed", {"samples"}, {"diff_loss"}, lossSeed}};
}

}  // namespace nncc::ops
