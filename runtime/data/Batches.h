// Walks a data set in batches, epoch after epoch without end. A background thread gathers the
// next batch while the caller works on the current one; where it can't keep up, others help it as
// long as the caller waits, when the caller's own threads have nothing to do. Batches that are copied
// faster than a thread wakes up (a table's rows) are gathered by the caller.
//
// Order of an epoch: with `shuffle`, Fisher-Yates from the last sample down,
// swap(order[i], order[Random(seed, Shuffle, epoch).below(i, i + 1)]), a function of seed and
// epoch only; without, the reader's order. The last batch of an epoch holds what is left.
//
// By length: of that order the samples that fill whole batches are cut into runs of 32 batches, each
// run is sorted by length (equal ones stay as they are) and cut into batches; with `shuffle` these come
// in an order of their own. A batch is then as long as its longest sample, with little padding, and
// has other samples in every epoch.
//
// By classes: P classes a batch and K samples of each. The classes are dealt out in rounds, in a new
// order each round, and those of a class as well, so that all come before one comes again. An epoch has
// as many such batches as its samples would fill.
#ifndef NNCC_DATA_BATCHES_H
#define NNCC_DATA_BATCHES_H

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/Dataset.h"

namespace nncc::data {

// The order in which an epoch visits `samples` samples (fewer than 2^32).
void shuffledOrder(uint64_t seed, int64_t epoch, std::span<uint32_t> order);

// What batches are put together by, beside their size; as options of a program's `train`.
struct Grouping {
  bool byLength = false;
  int32_t classes = 0, samplesPerClass = 0;  // 0: not by classes

  bool byClasses() const { return classes > 0; }
  bool any() const { return byLength || byClasses(); }
};
Grouping groupingOf(const NnccComponent &batches);
// As users write it: "batch_by: length"; empty where there is none.
std::string textOf(const Grouping &grouping);

// Throws UserError if the data set has no lengths, too few classes, or a class has too few samples.
void requireGrouping(const Dataset &dataset, const Grouping &grouping);

// Batches of an epoch, and the samples in all of them.
int64_t batchesPerEpoch(int64_t samples, int32_t batchSize, const Grouping &grouping);
int64_t samplesPerEpoch(int64_t samples, int32_t batchSize, const Grouping &grouping);

// The samples of an epoch, batch after batch: samplesPerEpoch() of them. The last batch is the one that
// may not be full.
std::vector<uint32_t> epochOrder(const Dataset &dataset, int32_t batchSize, bool shuffle, const Grouping &grouping,
                                 uint64_t seed, int64_t epoch);

struct Batch {
  int64_t epoch;  // from 0
  int64_t index;  // in the epoch, from 0
  int32_t samples;
  bool lastOfEpoch;
  std::span<const void *const> inputs;   // one per column, 64-byte aligned
  std::span<const uint32_t> sampleIndex;  // number in the data set of each sample
};

struct BatchOptions {
  int32_t batchSize = 1;
  bool shuffle = false;
  uint64_t seed = 0;
  int64_t epoch = 0;  // where the walk starts
  int64_t batch = 0;  // in that epoch; may be the number of batches an epoch: the next one's start
  // Changes a gathered sample in place, in the background: (epoch, number of the sample in the
  // data set, pointers to its columns). What it does may depend on nothing else. Each thread
  // has a copy of its own.
  std::function<void(int64_t epoch, int64_t sample, std::span<void *const> columns)> transform = {};
  int threads = 1;  // most that transform samples at once
  Grouping grouping = {};
};

class Batches {
 public:
  // The data set must outlive this object and not be empty.
  Batches(const Dataset &dataset, BatchOptions options);
  ~Batches();
  Batches(const Batches &) = delete;
  Batches &operator=(const Batches &) = delete;

  int64_t batchesPerEpoch() const;

  // The next batch; valid until the next call. Rethrows what the background thread threw,
  // then and ever after.
  const Batch &next();

  // Time spent in next() waiting for a batch that was not ready yet, or gathering it, since construction.
  double secondsWaited() const;

  // Memory held; the epoch's order is made anew when it begins.
  int64_t bytes() const;
  // The same before there is one.
  static int64_t bytes(std::span<const NnccTensor> columns, int64_t samples, int32_t batchSize,
                       bool shuffle, const Grouping &grouping = {});

 private:
  struct State;
  std::unique_ptr<State> state;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_BATCHES_H
