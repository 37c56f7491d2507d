// Keras's initializers. An element's value is a function of the seed, the parameter's name
// and the element's index alone: adding a layer changes no other layer's values.
#ifndef NNCC_TRAIN_INITIALIZERS_H
#define NNCC_TRAIN_INITIALIZERS_H

#include <cstdint>

#include "abi.h"

namespace nncc::train {

// Fills `values` (dense, of the parameter's type: f32 or f64). Throws UserError for an
// initializer or element type that there is not.
void initialize(const NnccParameter &parameter, uint64_t seed, void *values);

// The x for which a standard normal variable is below x with this probability (0 < p < 1);
// relative error about 1e-16.
double normalQuantile(double probability);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_INITIALIZERS_H
