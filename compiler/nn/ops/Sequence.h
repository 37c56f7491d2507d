//===- Sequence.h - what looks at the steps of a sequence -----------------===//
#ifndef NNCC_NN_OPS_SEQUENCE_H
#define NNCC_NN_OPS_SEQUENCE_H

#include "nn/Dialect.h"
#include "nn/Registry.h"

#define GET_OP_CLASSES
#include "nn/ops/Sequence.h.inc"

namespace nncc::nn {

// The layer's sequences `src` with `value` in the steps behind their lengths; `src` itself where there are none.
mlir::Value maskSteps(LayerBuilder &layer, mlir::Value src, double value);

// Says how many steps the layer makes of each of its input's lengths: see nn.scale_lengths.
void scaleLengths(LayerBuilder &layer, int64_t multiply, int64_t add, int64_t divide);

// The same of windows, `stride` apart and the last one beginning `extent` steps before the end. Where zeros are
// added at the end `extent` is 1: a window counts if it begins before the end.
inline void countWindows(LayerBuilder &layer, int64_t extent, int64_t stride) {
  scaleLengths(layer, 1, stride - extent, stride);
}

} // namespace nncc::nn

#endif // NNCC_NN_OPS_SEQUENCE_H
