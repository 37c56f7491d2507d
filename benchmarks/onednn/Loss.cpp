#include "Loss.h"

#include <algorithm>
#include <cmath>

#include "Library.h"

namespace onednn {

static Score sparseCategoricalCrossentropy(const float *logits, const int32_t *labels,
                                           int64_t samples, int64_t outputs, float *gradient) {
  Score score;
  const float share = 1.0f / static_cast<float>(samples);
  for (int64_t n = 0; n < samples; ++n, logits += outputs) {
    const float *highest = std::max_element(logits, logits + outputs);
    float sum = 0;
    for (int64_t i = 0; i < outputs; ++i)
      sum += std::exp(logits[i] - *highest);
    score.loss += std::log(sum) + *highest - logits[labels[n]];
    score.correct += highest - logits == labels[n];
    if (!gradient)
      continue;
    for (int64_t i = 0; i < outputs; ++i)
      gradient[i] = std::exp(logits[i] - *highest) / sum * share;
    gradient[labels[n]] -= share;
    gradient += outputs;
  }
  score.loss /= static_cast<double>(samples);
  return score;
}

// Of one output: the probability that the label is 1.
static Score binaryCrossentropy(const float *logits, const int32_t *labels, int64_t samples,
                                int64_t, float *gradient) {
  Score score;
  const float share = 1.0f / static_cast<float>(samples);
  for (int64_t n = 0; n < samples; ++n) {
    float logit = logits[n], label = static_cast<float>(labels[n]);
    score.loss += std::max(logit, 0.0f) - logit * label + std::log1p(std::exp(-std::abs(logit)));
    score.correct += (logit > 0) == (labels[n] != 0);
    if (gradient)
      gradient[n] = (1 / (1 + std::exp(-logit)) - label) * share;
  }
  score.loss /= static_cast<double>(samples);
  return score;
}

LossFunction lossOf(const Model &model) {
  const std::string activation = model.layers.back().activation;
  auto after = [&](const char *wanted) {
    return activation == (model.lossReadsLogits ? "linear" : wanted);
  };
  if (model.loss == "sparse_categorical_crossentropy" && after("softmax"))
    return sparseCategoricalCrossentropy;
  if (model.loss == "binary_crossentropy" && after("sigmoid") && model.outputs == 1)
    return binaryCrossentropy;
  throw Unsupported("the oneDNN loop does not know the loss '" + model.loss + "' of " +
                    std::to_string(model.outputs) + " outputs after the activation " + activation);
}

}  // namespace onednn
