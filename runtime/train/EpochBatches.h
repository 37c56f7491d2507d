// The batches of one epoch of a training, from its data parts: pairs drawn, samples shuffled, grouped and
// augmented as the program says.
#ifndef NNCC_TRAIN_EPOCHBATCHES_H
#define NNCC_TRAIN_EPOCHBATCHES_H

#include <cstdint>
#include <optional>

#include "abi.h"
#include "data/Augmentation.h"
#include "data/Batches.h"
#include "data/Dataset.h"
#include "train/DataParts.h"

namespace nncc::train {

// What a program does with its training data beside reading it.
struct Feeding {
  data::Augmentation augmentation;
  data::Grouping grouping;
  int32_t batchSize;

  Feeding(const NnccProgram &program, const NnccEntry &entry);
  // Throws UserError if the data do not suit: boxes in images that are moved, sequences without lengths, classes
  // of too few samples.
  void requireSuitable(const data::Dataset &dataset) const;
};

class EpochBatches {
 public:
  struct Place {
    uint64_t seed = 0;
    bool shuffle = true;
    int64_t epoch = 0, step = 0;  // the first batch
  };

  // The training part is open. All but `place` must outlive this object. `threads`: most that augment at once.
  EpochBatches(const DataParts &parts, const Feeding &feeding, const Place &place, int threads);

  // As of data::Batches.
  int64_t count() const { return batches.batchesPerEpoch(); }
  const data::Batch &next() { return batches.next(); }
  double secondsWaited() const { return batches.secondsWaited(); }

 private:
  static data::BatchOptions options(const data::Dataset &samples, const Feeding &feeding, const Place &place,
                                    int threads);

  std::optional<data::Dataset> drawn;
  const data::Dataset &samples;
  data::Batches batches;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_EPOCHBATCHES_H
