//===- Recurrent.h - recurrences over time and their gradients ------------===//
#ifndef NNCC_NN_OPS_RECURRENT_H
#define NNCC_NN_OPS_RECURRENT_H

#include "nn/Dialect.h"

#define GET_OP_CLASSES
#include "nn/ops/Recurrent.h.inc"

#endif // NNCC_NN_OPS_RECURRENT_H
