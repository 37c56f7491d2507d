//===- Metric.td - distances, losses on embeddings, mining ------------*- tablegen -*-===//
//
// Rules: ops/Metric.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_METRIC_TD
#define NNCC_NN_OPS_METRIC_TD

include "nn/NNDialect.td"

#endif // NNCC_NN_OPS_METRIC_TD
