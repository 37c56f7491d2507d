// Losses together with the activation of the last layer, which the network leaves to them: from
// its logits [N,outputs] in rows.
#ifndef NNCC_BENCHMARKS_ONEDNN_LOSS_H
#define NNCC_BENCHMARKS_ONEDNN_LOSS_H

#include <cstdint>

#include "Model.h"

namespace onednn {

struct Score {
  double loss = 0;      // mean over the samples
  int64_t correct = 0;  // samples
};

// Writes the loss's gradient by the logits too, where there is a place for it.
using LossFunction = Score (*)(const float *logits, const int32_t *labels, int64_t samples,
                               int64_t outputs, float *gradient);

// Throws Unsupported if the model's loss, or the activation before it, is none of these.
LossFunction lossOf(const Model &);

}  // namespace onednn

#endif
