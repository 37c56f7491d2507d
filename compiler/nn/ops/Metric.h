//===- Metric.h - distances between embeddings and the losses on them -----===//
#ifndef NNCC_NN_OPS_METRIC_H
#define NNCC_NN_OPS_METRIC_H

#include "nn/Dialect.h"

#define GET_OP_CLASSES
#include "nn/ops/Metric.h.inc"

#endif // NNCC_NN_OPS_METRIC_H
