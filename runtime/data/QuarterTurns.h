// Classes turned: a drawing turned by 90, 180 or 270 degrees is of another class than the drawing as it is, and a
// gesture is of another one with the device held in one of the 24 ways in which a cube can lie. Embeddings that are
// to tell classes apart that training never saw have so many times as many to learn from.
//
// Sample t * N + i is sample i of N after turn t, and its class t * C + c of C; turn 0 changes nothing. There
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

// How many classes each becomes, and samples: 4 of images, 24 of sequences. `columns` are those of the data set:
// images (u8, [S, S] or [S, S, C]), which are turned anticlockwise, or sequences of vectors in space (f32, [steps, 3]
// or several vectors a step, with lengths or without), which are turned about the axes; and class numbers (i32 []).
// Throws UserError where there are others.
int64_t quarterTurns(std::span<const NnccTensor> columns);

// All samples after each turn, in memory of their own.
Dataset withQuarterTurns(const Dataset &dataset, std::span<const NnccTensor> columns);

}  // namespace nncc::data

#endif  // NNCC_DATA_QUARTERTURNS_H
