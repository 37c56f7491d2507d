// Checkpoints: everything that a training needs to go on with the same bits, at any step.
//
// A checkpoint OUT/checkpoint-00004689.nncc is named by the optimizer steps done. It is a
// safetensors file (any tool can look into it) with the parameters, the optimizer's slots and,
// as metadata, the training's state, the program's fingerprint and a CRC-32 over the whole
// file. It is written aside, synced and renamed; what does not check out when read is refused.
#ifndef NNCC_TRAIN_CHECKPOINT_H
#define NNCC_TRAIN_CHECKPOINT_H

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "abi.h"
#include "train/Watch.h"

namespace nncc::train {

// Means of an epoch, loss first and then the metrics in the program's order.
struct EpochRecord {
  std::vector<double> train;
  std::vector<double> validation;  // empty: no validation set
  double seconds = 0;              // of the training part
};

struct TrainingState {
  uint64_t seed = 0;
  bool shuffle = true;
  int64_t batchSize = 0;
  std::string grouping;   // how samples were put together to batches: data::textOf
  int64_t samples = 0;    // of the training set
  int64_t epoch = 0;      // the one under way, from 0
  int64_t step = 0;       // steps done in it; all of them: its validation is to come
  int64_t iteration = 0;  // steps done since the start
  WatchState plateau, stopping, keeping;
  // The learning rate once a plateau has reduced it.
  double reducedRate = std::numeric_limits<double>::quiet_NaN();
  bool stopped = false;   // early: `stopping` has seen no improvement for too long
  // Of the epoch under way: sums over its samples of loss and metrics, samples, time.
  std::vector<double> sums;
  int64_t samplesDone = 0;
  double seconds = 0;
  std::vector<EpochRecord> history;
  std::vector<std::string> classNames;
  std::string preprocessing;  // data::Dataset's
};

std::filesystem::path checkpointPath(const std::filesystem::path &folder, int64_t iteration);

// Checkpoints of a folder, newest (most iterations) first; empty if there is no such folder.
std::vector<std::filesystem::path> findCheckpoints(const std::filesystem::path &folder);

// Returns the file's path. The block pointers are the program's parameter and state blocks;
// `best`, another parameter block, holds the weights of the best epoch where there is one.
std::filesystem::path saveCheckpoint(const NnccProgram &program,
                                     const std::filesystem::path &folder,
                                     const TrainingState &state, const void *parameters,
                                     const void *slots, const void *best = nullptr);

// Fills the blocks (`slots` and `best` may be null: not wanted). Throws UserError for a file that
// is truncated, altered, of another program or no checkpoint, and has not touched them then.
TrainingState loadCheckpoint(const NnccProgram &program, const std::filesystem::path &path,
                             void *parameters, void *slots, void *best = nullptr);

struct Resumed {
  std::filesystem::path path;
  TrainingState state;
  std::vector<std::string> refused;  // why newer checkpoints were passed over, a sentence each
};

// The newest checkpoint of the folder that is intact and of this program. Throws UserError
// where there is none.
Resumed loadNewestCheckpoint(const NnccProgram &program, const std::filesystem::path &folder,
                             void *parameters, void *slots, void *best = nullptr);

// Which of a checkpoint's weights a training would save at its end: those of the best epoch or
// the moving averages, where the program has such, else the parameters. `averages` is a
// parameter block to put the averages in.
const void *weightsToSave(const NnccProgram &program, const TrainingState &state,
                          const void *parameters, const void *slots, const void *best,
                          void *averages);

// Throws UserError if the folder holds a checkpoint that is not known to be of this program: a
// new training there would mix two models.
void requireOwnCheckpoints(const NnccProgram &program, const std::filesystem::path &folder);

// Removes this program's checkpoints other than the `keep` newest of those that are not newer
// than `iteration`. Checkpoints of other programs and damaged ones stay.
void pruneCheckpoints(const NnccProgram &program, const std::filesystem::path &folder,
                      int64_t iteration, int keep);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_CHECKPOINT_H
