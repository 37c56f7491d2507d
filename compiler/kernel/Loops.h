//===- Loops.h - loops over time -------------------------------------------===//
//
// A kernel may be one step of a loop: `recurrenceIn` gives the op, `nn::recurrenceOf` says how it is one.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_KERNEL_LOOPS_H
#define NNCC_KERNEL_LOOPS_H

#include "kernel/Dialect.h"
#include "nn/ops/Recurrent.h"

#endif // NNCC_KERNEL_LOOPS_H
