// Classes backwards: a gesture whose steps come from the last to the first is another gesture. Embeddings that are to
// tell classes apart that training never saw have twice as many to learn from, and have to look at the order of steps.
//
// Sample N + i is sample i of N backwards, and its class C + c of C. There is nothing random in it.
#ifndef NNCC_DATA_REVERSEDCLASSES_H
#define NNCC_DATA_REVERSEDCLASSES_H

#include <span>

#include "abi.h"
#include "data/Dataset.h"

namespace nncc::data {

// Does the `augment` of a program ask for them?
bool reversesClasses(const NnccComponent &augment);

// All samples forwards and then backwards, in memory of their own. `columns` are those of the data set: sequences
// (f32, [steps, features]), of those with lengths the steps that they have, and class numbers (i32 []). Throws UserError
// where there are others.
Dataset withReversed(const Dataset &dataset, std::span<const NnccTensor> columns);

}  // namespace nncc::data

#endif  // NNCC_DATA_REVERSEDCLASSES_H
