//===- Sequence.h - what looks at the steps of a sequence -----------------===//
#ifndef NNCC_NN_OPS_SEQUENCE_H
#define NNCC_NN_OPS_SEQUENCE_H

#include "nn/Dialect.h"

#define GET_OP_CLASSES
#include "nn/ops/Sequence.h.inc"

#endif // NNCC_NN_OPS_SEQUENCE_H
