// Statistics of the training data that are parameters of the model: those whose initializer is
// called `adapt` (Keras's Normalization layer). They are taken once, before the first step, and
// travel with the weights.
#ifndef NNCC_TRAIN_STATISTICS_H
#define NNCC_TRAIN_STATISTICS_H

#include "abi.h"
#include "data/Dataset.h"

namespace nncc::train {

// Does any parameter want them?
bool wantsStatistics(const NnccProgram &program);

// Fills in these parameters of `block` (a parameter block): mean or biased variance of each
// channel (the last dimension) of a column of the data set, over samples and positions (of sequences with
// lengths, the steps that there are), of the values as the layers see them. `entry` is the one whose
// inputs are the columns. Throws UserError for a value that is no finite number.
void adaptStatistics(const NnccProgram &program, const NnccEntry &entry, const data::Dataset &dataset,
                     void *block);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_STATISTICS_H
