// What L1 and L2 regularizers add to the loss. The gradients have theirs from the compiled step.
#ifndef NNCC_TRAIN_PENALTY_H
#define NNCC_TRAIN_PENALTY_H

#include "abi.h"

namespace nncc::train {

// Sum over the parameters of l1 sum|w| + l2 sum w^2, in double and in a fixed order. Parameters
// without a regularizer cost nothing.
double penalty(const NnccProgram &program, const void *parameters);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_PENALTY_H
