// Made-up batches, for timing and for checking gradients without data.
#ifndef NNCC_TRAIN_RANDOMINPUTS_H
#define NNCC_TRAIN_RANDOMINPUTS_H

#include <cstdint>
#include <vector>

#include "abi.h"
#include "train/Block.h"

namespace nncc::train {

// One block per input of the entry, filled as a function of the seed: bytes are uniform,
// floats uniform in [0, 1), integers are class numbers within the model's output.
std::vector<Block> randomInputs(const NnccProgram &program, const NnccEntry &entry,
                                int32_t samples, uint64_t seed);

std::vector<const void *> pointersTo(const std::vector<Block> &blocks);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_RANDOMINPUTS_H
