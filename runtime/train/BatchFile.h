// The first batches of a training, as a file: what other programs are to be trained on that are compared with this
// one.
#ifndef NNCC_TRAIN_BATCHFILE_H
#define NNCC_TRAIN_BATCHFILE_H

#include <cstdint>
#include <filesystem>
#include <vector>

#include "abi.h"
#include "train/Block.h"

namespace nncc::train {

struct BatchFileOptions {
  std::filesystem::path dataDir = ".", to;
  int64_t batches = 1;  // most; an epoch's full ones are all there are
  uint64_t seed = 1;    // as of `train`
  int threads = 1;
};

// Writes the batches that `train` with this seed begins with into a safetensors file: a tensor for each input of
// the training step, under its name, [batches x batch size, ...], augmented. Prints one line of JSON:
// {"batches": written, "batches_per_epoch", "samples_per_epoch"}. Throws UserError for what is wrong with the data.
void writeBatches(const NnccProgram &program, const BatchFileOptions &options);

// The inputs of an entry with a loss, batch after batch of a file as above. Throws UserError if it is not of this
// program.
std::vector<std::vector<Block>> readBatches(const NnccProgram &program, const NnccEntry &entry,
                                            const std::filesystem::path &path);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_BATCHFILE_H
