//===- Metric.h - distances between embeddings and the losses on them -----===//
#ifndef NNCC_NN_OPS_METRIC_H
#define NNCC_NN_OPS_METRIC_H

#include "nn/Dialect.h"

#include "nn/ops/MetricEnums.h.inc"

#define GET_OP_CLASSES
#include "nn/ops/Metric.h.inc"

namespace nncc::nn::role {
// tensor<i32>: the place in the batch of the first sample that a kernel is called for.
inline constexpr llvm::StringLiteral kPosition = "position";
} // namespace nncc::nn::role

#endif // NNCC_NN_OPS_METRIC_H
