// The training of a program: epochs of steps, validation after each, log, plot and
// checkpoints, then weights and the score on the test set.
//
// With equal options the weights are the same bits on any number of threads, and after any
// number of interrupts and resumes.
#ifndef NNCC_TRAIN_TRAINER_H
#define NNCC_TRAIN_TRAINER_H

#include <cstdint>
#include <filesystem>
#include <optional>

#include "abi.h"
#include "train/WeightsMapping.h"

namespace nncc::train {

struct TrainOptions {
  std::filesystem::path dataDir = ".";
  std::filesystem::path out;  // made if it isn't there
  int threads = 1;
  // In all, those before a resume included. Epochs: by default the program's, or no end if
  // `steps` is given.
  std::optional<int64_t> epochs, steps;
  std::optional<uint64_t> seed;  // default: kDefaultSeed, on a resume the checkpoint's
  bool shuffle = true;
  std::filesystem::path weightsIn;   // empty: the model's section `weights` or initializers
  WeightsMapping mapping;            // how weightsIn is to be read
  std::filesystem::path weightsOut;  // empty: out/weights.safetensors
  std::filesystem::path log;         // empty: out/log.jsonl
  std::filesystem::path resume;      // folder whose newest checkpoint to go on from
};

inline constexpr uint64_t kDefaultSeed = 1;

// Returns the exit status: 0, or kInterruptedStatus after an interrupt for which a
// checkpoint has been written. Prints to standard output. Throws UserError.
int train(const NnccProgram &program, const TrainOptions &options);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_TRAINER_H
