#include "train/EpochBatches.h"

#include "data/Pairs.h"
#include "error.h"
#include "train/Program.h"

namespace nncc::train {

Feeding::Feeding(const NnccProgram &program, const NnccEntry &entry)
    : augmentation(program.data.augment, inputs(entry), firstTarget(program, entry),
                   data::pairingOf(program.data.train).has_value()),
      grouping(data::groupingOf(program.train.batches)),
      batchSize(program.train.batch_size) {}

void Feeding::requireSuitable(const data::Dataset &dataset) const {
  if (dataset.isPlaced() && augmentation.moves())
    throw UserError(dataset.source() + ": its boxes stay where they are when `augment` flips, shifts, turns, zooms or "
                    "blends images; leave that out (contrast, brightness and cutout suit boxes)");
  data::requireGrouping(dataset, grouping);
}

EpochBatches::EpochBatches(const DataParts &parts, const Feeding &feeding, const Place &place, int threads)
    : drawn(parts.drawn(place.seed, place.epoch)),
      samples(drawn ? *drawn : parts[DataParts::Train]),
      batches(samples, options(samples, feeding, place, threads)) {}

data::BatchOptions EpochBatches::options(const data::Dataset &samples, const Feeding &feeding, const Place &place,
                                         int threads) {
  data::BatchOptions walk;
  walk.batchSize = feeding.batchSize;
  walk.shuffle = place.shuffle;
  walk.seed = place.seed;
  walk.epoch = place.epoch;
  walk.batch = place.step;
  walk.grouping = feeding.grouping;
  if (!feeding.augmentation.empty()) {
    walk.transform = feeding.augmentation.transform(samples, place.seed);
    walk.threads = threads;
  }
  return walk;
}

}  // namespace nncc::train
