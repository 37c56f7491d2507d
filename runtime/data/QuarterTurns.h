// Classes turned: a drawing turned by 90, 180 or 270 degrees is of another class than the drawing as it is.
// Embeddings that are to tell classes apart that training never saw have four times as many to learn from.
//
// Sample t * N + i is sample i of N, turned anticlockwise by t quarters, and its class t * C + c of C. There
// is nothing random in it, so that batches by classes and a resumed training see what they would of a data
// set that holds all of these.
#ifndef NNCC_DATA_QUARTERTURNS_H
#define NNCC_DATA_QUARTERTURNS_H

#include <span>

#include "abi.h"
#include "data/Dataset.h"

namespace nncc::data {

// Does the `augment` of a program ask for them?
bool turnsClasses(const NnccComponent &augment);

// How many classes each becomes, and samples.
inline constexpr int64_t kQuarters = 4;

// All samples four times, in memory of their own. `columns` are those of the data set: images (u8, [S, S] or
// [S, S, C]), which are turned, and class numbers (i32 []). Throws UserError where there are others.
Dataset withQuarterTurns(const Dataset &dataset, std::span<const NnccTensor> columns);

}  // namespace nncc::data

#endif  // NNCC_DATA_QUARTERTURNS_H
