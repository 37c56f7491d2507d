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

// Throws unless a pool by `window` makes `pooled` of `whole`.
void expectPooled(const Node &node, const PoolWindow &window, const TensorType &whole,
                  const TensorType &pooled);

// Ops whose result at a point needs the window that poolWindowOf() says; not their gradients.
inline bool isPool(const Node &node) { return node.op == "max_pool2d" || node.op == "avg_pool2d"; }

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_POOLING_H
