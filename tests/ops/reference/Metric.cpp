// Vectors and how far they are apart; the triplets of a batch. Rows [N, values].
#include <algorithm>

#include "reference/Op.h"

namespace nncc::ops {

static Number dot(const Tensor &a, int64_t i, const Tensor &b, int64_t k) {
  Number sum = 0;
  for (int64_t c = 0; c < a.shape[1]; c++)
    sum += a(i, c) * b(k, c);
  return sum;
}

static Number atLeast(Number length, double least) { return length.value < least ? Number(least) : length; }

static Tensor asRows(const Tensor &src) {
  Tensor rows = src;
  const int64_t values = src.shape.back();
  rows.shape = {src.size() / values, values};
  return rows;
}

static void l2Normalize(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor src = asRows(operands[0]);
  for (int64_t n = 0; n < src.shape[0]; n++) {
    const Number length = atLeast(squareRoot(dot(src, n, src, n)), numberOf(attributes, "epsilon"));
    for (int64_t c = 0; c < src.shape[1]; c++)
      results[0].numbers[n * src.shape[1] + c] = src(n, c) / length;
  }
}

static void l2NormalizeBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor src = asRows(operands[0]), diffDst = asRows(operands[1]);
  for (int64_t n = 0; n < src.shape[0]; n++) {
    const Number length = squareRoot(dot(src, n, src, n));
    if (length.value <= numberOf(attributes, "epsilon"))
      continue;
    const Number product = dot(src, n, diffDst, n);
    for (int64_t c = 0; c < src.shape[1]; c++)
      results[0].numbers[n * src.shape[1] + c] =
          (diffDst(n, c) - src(n, c) * product / (length * length)) / length;
  }
}

enum Metric { kEuclidean, kSquared, kManhattan, kCosine };

static Number distanceOf(int metric, const Tensor &a, int64_t i, const Tensor &b, int64_t k) {
  if (metric == kCosine)
    return Number(1) - dot(a, i, b, k) / (atLeast(squareRoot(dot(a, i, a, i)), 1e-8) *
                                          atLeast(squareRoot(dot(b, k, b, k)), 1e-8));
  Number sum = 0;
  for (int64_t c = 0; c < a.shape[1]; c++) {
    const Number d = a(i, c) - b(k, c);
    sum += metric == kManhattan ? absolute(d) : d * d;
  }
  return metric == kEuclidean ? squareRoot(sum) : sum;
}

static void requirePairs(const Tensor &lhs, const Tensor &rhs) {
  require(lhs.shape.size() == 2 && lhs.shape == rhs.shape, "shapes differ");
}

static void distance(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  requirePairs(operands[0], operands[1]);
  for (int64_t n = 0; n < operands[0].shape[0]; n++)
    results[0](n) = distanceOf(numberOf(attributes, "metric"), operands[0], n, operands[1], n);
}

// What `own` changes of its distance to `other`.
static Number slopeOf(int metric, const Tensor &own, const Tensor &other, int64_t n, int64_t c) {
  const Number d = own(n, c) - other(n, c);
  switch (metric) {
  case kSquared: return Number(2) * d;
  case kManhattan: return d.value > 0 ? 1 : d.value < 0 ? -1 : 0;
  case kEuclidean: {
    const Number length = distanceOf(kEuclidean, own, n, other, n);
    return length.value == 0 ? Number(0) : d / length;
  }
  }
  const Number length = squareRoot(dot(own, n, own, n));
  if (length.value <= 1e-8)
    return 0;
  const Number otherLength = atLeast(squareRoot(dot(other, n, other, n)), 1e-8);
  return (own(n, c) * dot(own, n, other, n) / (length * length) - other(n, c)) / (length * otherLength);
}

static void distanceBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &lhs = operands[0], &rhs = operands[1], &diffDst = operands[2];
  requirePairs(lhs, rhs);
  const int metric = numberOf(attributes, "metric");
  for (int64_t n = 0; n < lhs.shape[0]; n++)
    for (int64_t c = 0; c < lhs.shape[1]; c++) {
      results[0](n, c) = slopeOf(metric, lhs, rhs, n, c) * diffDst(n);
      results[1](n, c) = slopeOf(metric, rhs, lhs, n, c) * diffDst(n);
    }
}

enum Mining { kAll, kHard, kSemiHard };

// The anchors' triplets, one after another.
static void tripletMining(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &batch = operands[1], &classes = operands[2], &batchClasses = operands[3];
  const int64_t samples = operands[4]().value, position = operands[5]().value;
  const int metric = numberOf(attributes, "metric"), mining = numberOf(attributes, "mining");
  require(samples <= batch.shape[0], "more samples than the batch has room for");
  for (int64_t a = 0; a < src.shape[0]; a++) {
    auto d = [&](int64_t k) { return distanceOf(metric, src, a, batch, k); };
    auto pull = [&](int64_t k, double sign) {
      const Number length = d(k);
      if (metric == kSquared)
        results[2](a, k) += Number(2 * sign);
      else if (length.value > 0)
        results[2](a, k) += Number(sign) / length;
    };
    auto see = [&](int64_t p, int64_t n, bool countAlways) {
      const Number loss = Number(numberOf(attributes, "margin")) + d(p) - d(n);
      if (countAlways || loss.value > 0)
        results[1](a) += 1;
      results[0](a) += maximum(loss, 0);
      if (loss.value <= 0)
        return;
      pull(p, 1);
      pull(n, -1);
    };
    std::vector<int64_t> positives, negatives;
    for (int64_t k = 0; k < samples; k++) {
      if (batchClasses(k).value != classes(a).value)
        negatives.push_back(k);
      else if (k != position + a)
        positives.push_back(k);
    }
    if (positives.empty() || negatives.empty())
      continue;
    auto nearer = [&](int64_t x, int64_t y) { return d(x).value < d(y).value; };
    if (mining == kHard)
      see(*std::max_element(positives.begin(), positives.end(), nearer),
          *std::min_element(negatives.begin(), negatives.end(), nearer), true);
    for (int64_t p : positives) {
      if (mining == kAll)
        for (int64_t n : negatives)
          see(p, n, false);
      if (mining != kSemiHard)
        continue;
      std::vector<int64_t> farther;
      for (int64_t n : negatives)
        if (nearer(p, n))
          farther.push_back(n);
      see(p, farther.empty() ? *std::max_element(negatives.begin(), negatives.end(), nearer)
                             : *std::min_element(farther.begin(), farther.end(), nearer),
          true);
    }
  }
}

static void tripletMiningBwd(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &batch = operands[1], &pulls = operands[2], &batchPulls = operands[3];
  const int64_t samples = operands[5]().value, position = operands[6]().value;
  for (int64_t i = 0; i < src.shape[0]; i++)
    for (int64_t k = 0; k < samples; k++)
      for (int64_t c = 0; c < src.shape[1]; c++)
        results[0](i, c) += operands[4]() * (pulls(i, k) + batchPulls(k, position + i)) * (src(i, c) - batch(k, c));
}

static Number shareOf(const Tensor &counts, const Tensor &samples) {
  Number sum = 0;
  for (int64_t k = 0; k < samples().value; k++)
    sum += counts(k);
  return samples() / maximum(sum, 1);
}

static void batchMean(const Attributes &, const Tensors &operands, Tensors &results) {
  for (int64_t n = 0; n < results[0].shape[0]; n++)
    results[0](n) = operands[0](n) * shareOf(operands[1], operands[2]);
}

static void batchMeanBwd(const Attributes &, const Tensors &operands, Tensors &results) {
  results[0]() = operands[2]() * shareOf(operands[0], operands[1]);
}

std::vector<Op> metricOps() {
  return {{"l2_normalize", {"src"}, {"dst"}, l2Normalize},
          {"l2_normalize_bwd", {"src", "diff_dst"}, {"diff_src"}, l2NormalizeBwd},
          {"distance", {"lhs", "rhs"}, {"dst"}, distance},
          {"distance_bwd", {"lhs", "rhs", "diff_dst"}, {"diff_lhs", "diff_rhs"}, distanceBwd},
          {"triplet_mining",
           {"src", "batch", "class_numbers", "class_numbers", "present", "position"},
           {"sums", "counts", "pulls"},
           tripletMining},
          {"triplet_mining_bwd",
           {"src", "batch", "pulls", "pulls", "diff_loss", "present", "position"},
           {"diff_src"},
           tripletMiningBwd},
          {"batch_mean", {"sums", "counts", "present"}, {"loss"}, batchMean},
          {"batch_mean_bwd", {"counts", "present", "diff_loss"}, {"diff_sums"}, batchMeanBwd}};
}

}  // namespace nncc::ops
