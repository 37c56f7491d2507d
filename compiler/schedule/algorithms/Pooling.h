// The window of a pooling op.
#ifndef NNCC_SCHEDULE_ALGORITHMS_POOLING_H
#define NNCC_SCHEDULE_ALGORITHMS_POOLING_H

#include "schedule/KernelSpec.h"

namespace nncc::schedule {

struct PoolWindow {
  int height, width, strideY, strideX, padTop, padLeft, padBottom, padRight;
};

// Throws where attributes are missing or make no window.
PoolWindow poolWindowOf(const Node &node);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_POOLING_H
