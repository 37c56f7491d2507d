//===- Recurrent.td - recurrent layers over time ----------------------*- tablegen -*-===//
//
// Rules: ops/Recurrent.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_RECURRENT_TD
#define NNCC_NN_OPS_RECURRENT_TD

include "nn/NNDialect.td"

#endif // NNCC_NN_OPS_RECURRENT_TD
