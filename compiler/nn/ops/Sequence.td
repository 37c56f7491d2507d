//===- Sequence.td - sequences with lengths ---------------------------*- tablegen -*-===//
//
// Rules: ops/Sequence.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_SEQUENCE_TD
#define NNCC_NN_OPS_SEQUENCE_TD

include "nn/NNDialect.td"

#endif // NNCC_NN_OPS_SEQUENCE_TD
