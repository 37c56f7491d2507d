// Batch and layer normalization, dropout. Channels are the last dimension.
#include <cmath>

#include "reference/Op.h"

namespace nncc::ops {

static int64_t channelsOf(const Tensor &tensor) {
  require(!tensor.shape.empty(), "a dimension of channels expected");
  return tensor.shape.back();
}

static void requireChannels(const Tensor &channels, const Tensor &src) {
  require(channels.shape == Shape{channelsOf(src)}, "one value for each channel expected");
}

static bool flag(const Attributes &attributes, const char *name) {
  return numberOf(attributes, name) != 0;
}

static void channelAffine(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &scale = operands[1], &shift = operands[2];
  require(src.shape == results[0].shape, "shapes differ");
  for (size_t i = 1; i < operands.size(); i++)
    requireChannels(operands[i], src);
  for (int64_t e = 0; e < src.size(); e++) {
    const int64_t c = e % channelsOf(src);
    const Number offset = operands.size() > 3 ? src.numbers[e] - operands[3](c) : src.numbers[e];
    results[0].numbers[e] = offset * scale(c) + shift(c);
  }
}

static void channelScale(const Attributes &, const Tensors &operands, Tensors &results) {
  require(operands[0].shape == results[0].shape, "shapes differ");
  requireChannels(operands[1], operands[0]);
  for (int64_t e = 0; e < results[0].size(); e++)
    results[0].numbers[e] = operands[0].numbers[e] * operands[1](e % channelsOf(operands[0]));
}

static void channelAffineBwdWeights(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &diffDst = operands[1];
  require(src.shape == diffDst.shape, "shapes differ");
  requireChannels(results[0], src);
  requireChannels(results[1], src);
  for (int64_t e = 0; e < src.size(); e++) {
    const int64_t c = e % channelsOf(src);
    const Number offset = operands.size() > 2 ? src.numbers[e] - operands[2](c) : src.numbers[e];
    results[0](c) += diffDst.numbers[e] * offset;
    results[1](c) += diffDst.numbers[e];
  }
}

static void statistics(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &pivot = operands[1];
  requireChannels(pivot, src);
  for (int64_t e = 0; e < src.size(); e++) {
    const int64_t c = e % channelsOf(src);
    const Number offset = src.numbers[e] - pivot(c);
    results[0](c) += offset;
    results[1](c) += offset * offset;
  }
}

static void statisticsBwd(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &pivot = operands[1];
  require(src.shape == results[0].shape, "shapes differ");
  for (int64_t e = 0; e < src.size(); e++) {
    const int64_t c = e % channelsOf(src);
    results[0].numbers[e] =
        operands[2](c) + Number(2) * (src.numbers[e] - pivot(c)) * operands[3](c);
  }
}

// Number of values of a channel in the batch.
static Number countOf(const Attributes &attributes, const Tensor &samples) {
  return samples() * Number(numberOf(attributes, "positions"));
}

static Number varianceOf(const Tensor &sum, const Tensor &squares, Number count, int64_t c) {
  const Number offset = sum(c) / count;
  return maximum(squares(c) / count - offset * offset, Number(0));
}

static void coefficients(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Number count = countOf(attributes, operands[3]), epsilon = numberOf(attributes, "epsilon");
  for (int64_t c = 0; c < operands[0].size(); c++) {
    const Number variance = varianceOf(operands[0], operands[1], count, c);
    const Number gamma = flag(attributes, "has_scale") ? operands[4](c) : Number(1);
    results[0](c) = operands[2](c) + operands[0](c) / count;
    results[1](c) = gamma / squareRoot(variance + epsilon);
    results[2](c) = flag(attributes, "has_shift") ? operands.back()(c) : Number(0);
    results[3](c) = variance;
  }
}

static void coefficientsBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Number count = countOf(attributes, operands[4]), epsilon = numberOf(attributes, "epsilon");
  for (int64_t c = 0; c < operands[0].size(); c++) {
    const Number diffMean = operands[2](c), diffScale = operands[3](c);
    const Number gamma = operands.size() > 5 ? operands[5](c) : Number(1);
    const Number variance = varianceOf(operands[0], operands[1], count, c);
    const Number inverse = Number(1) / squareRoot(variance + epsilon);
    const Number diffVariance = Number(-0.5) * diffScale * gamma * inverse * inverse * inverse;
    results[0](c) = diffMean / count - Number(2) * operands[0](c) / count / count * diffVariance;
    results[1](c) = diffVariance / count;
    results[2](c) = diffScale * inverse;
  }
}

static void storedCoefficients(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Number epsilon = numberOf(attributes, "epsilon"), least = numberOf(attributes, "least");
  const bool hasScale = flag(attributes, "has_scale"), hasShift = flag(attributes, "has_shift");
  for (int64_t c = 0; c < operands[0].size(); c++) {
    const Number mean = operands[0](c);
    const Number deviation = maximum(squareRoot(operands[1](c) + epsilon), least);
    if (flag(attributes, "invert")) {
      results[0](c) = 0;
      results[1](c) = deviation;
      results[2](c) = mean;
    } else {
      results[0](c) = mean;
      results[1](c) = (hasScale ? operands[2](c) : Number(1)) / deviation;
      results[2](c) = hasShift ? operands.back()(c) : Number(0);
    }
  }
}

static void movingAverage(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const double momentum = numberOf(attributes, "momentum");
  for (int64_t e = 0; e < results[0].size(); e++)
    results[0].numbers[e] =
        operands[0].numbers[e] * Number(momentum) + operands[1].numbers[e] * Number(1 - momentum);
}

// Mean and 1 / deviation of the row that begins at `start`.
static std::pair<Number, Number> rowStatistics(const Attributes &attributes, const Tensor &src, int64_t start) {
  const int64_t length = channelsOf(src);
  Number mean = 0, variance = 0;
  for (int64_t k = 0; k < length; k++)
    mean += src.numbers[start + k] / Number(length);
  for (int64_t k = 0; k < length; k++) {
    const Number offset = src.numbers[start + k] - mean;
    variance += offset * offset / Number(length);
  }
  return {mean, Number(1) / squareRoot(variance + Number(numberOf(attributes, "epsilon")))};
}

static void rowNormalize(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  for (int64_t start = 0; start < src.size(); start += channelsOf(src)) {
    const auto [mean, inverse] = rowStatistics(attributes, src, start);
    for (int64_t k = 0; k < channelsOf(src); k++)
      results[0].numbers[start + k] = (src.numbers[start + k] - mean) * inverse;
  }
}

static void rowNormalizeBwd(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &diffDst = operands[1];
  const int64_t length = channelsOf(src);
  for (int64_t start = 0; start < src.size(); start += length) {
    const auto [mean, inverse] = rowStatistics(attributes, src, start);
    Number meanDiff = 0, meanProduct = 0;
    for (int64_t k = 0; k < length; k++) {
      meanDiff += diffDst.numbers[start + k] / Number(length);
      meanProduct += diffDst.numbers[start + k] * ((src.numbers[start + k] - mean) * inverse) / Number(length);
    }
    for (int64_t k = 0; k < length; k++) {
      const Number dst = (src.numbers[start + k] - mean) * inverse;
      results[0].numbers[start + k] = (diffDst.numbers[start + k] - meanDiff - dst * meanProduct) * inverse;
    }
  }
}

// MurmurHash3's finalizer.
static uint32_t mixed(uint32_t word) {
  word = (word ^ (word >> 16)) * 0x85ebca6bu;
  word = (word ^ (word >> 13)) * 0xc2b2ae35u;
  return word ^ (word >> 16);
}

// The draws are part of the op: the same everywhere and for ever.
static void randomDropout(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &ids = operands[1];
  const double rate = numberOf(attributes, "rate");
  const uint64_t seed = operands[2]().value, iteration = operands[3]().value;
  require(ids.size() == src.shape[0], "one number for each sample expected");
  const uint64_t stream = numberOf(attributes, "stream");
  uint32_t step = 0;
  for (uint64_t word : {seed & 0xffffffff, seed >> 32, iteration & 0xffffffff, iteration >> 32, stream})
    step = mixed(step ^ static_cast<uint32_t>(word));
  const int64_t elements = src.shape[0] ? src.size() / src.shape[0] : 0;
  for (int64_t n = 0; n < src.shape[0]; n++) {
    const uint32_t key = mixed(step ^ static_cast<uint32_t>(ids(n).value));
    for (int64_t e = 0; e < elements; e++) {
      const uint32_t random = mixed(mixed(static_cast<uint32_t>(e) + key) ^ key);
      const bool kept = random >= rate * 0x1p32;
      results[0].numbers[n * elements + e] =
          kept ? src.numbers[n * elements + e] * Number(1 / (1 - rate)) : Number(0);
    }
  }
}

std::vector<Op> normalizationOps() {
  return {{"channel_affine", {"src", "scale", "shift", "center"}, {"dst"}, channelAffine, true},
          {"channel_scale", {"src", "scale"}, {"dst"}, channelScale, true},
          {"channel_affine_bwd_weights",
           {"src", "diff_dst", "center"},
           {"diff_scale", "diff_shift"},
           channelAffineBwdWeights,
           true},
          {"batch_norm_statistics", {"src", "pivot"}, {"sum", "sum_of_squares"}, statistics, true},
          {"batch_norm_statistics_bwd",
           {"src", "pivot", "diff_sum", "diff_sum_of_squares"},
           {"diff_src"},
           statisticsBwd,
           true},
          {"batch_norm_coefficients",
           {"sum", "sum_of_squares", "pivot", "samples", "gamma", "beta"},
           {"mean", "scale", "shift", "variance"},
           coefficients},
          {"batch_norm_coefficients_bwd",
           {"sum", "sum_of_squares", "diff_mean", "diff_scale", "samples", "gamma"},
           {"diff_sum", "diff_sum_of_squares", "diff_gamma"},
           coefficientsBwd},
          {"stored_coefficients",
           {"mean", "variance", "gamma", "beta"},
           {"center", "scale", "shift"},
           storedCoefficients},
          {"moving_average", {"average", "value"}, {"new_average"}, movingAverage},
          {"row_normalize", {"src"}, {"dst"}, rowNormalize},
          {"row_normalize_bwd", {"src", "diff_dst"}, {"diff_src"}, rowNormalizeBwd},
          {"random_dropout", {"src", "sample_ids", "seed", "iteration"}, {"dst"}, randomDropout}};
}

}  // namespace nncc::ops
