// pairs: samples that are two of another reader's, and whether these are of the same class.
//
//   pairs: {of: {READER: {...}}}     any reader of classes, as its options are
//   count: 2000                      pairs of an epoch of training; by default as many as samples
//   evaluation_count: 1000           pairs of the validation and test parts; by default as many as samples
//
// The model has two inputs of equal shape; the target is 1 for two samples of the same class, 0 for
// others, and every second pair is of the same class. Splits and selections are those of the reader
// inside: a part makes pairs of its own samples, so that a split by class gives pairs of classes that
// training never saw.
//
// Pair i: the first sample is the i-th of the part's in an order that is shuffled anew each time all
// were first; the second is any other of the same class for an even i, any of the other classes for an
// odd one. In training they are drawn anew in each epoch, and pair i is a function of seed, epoch and i;
// those that a model is measured by are always the same.
#ifndef NNCC_DATA_PAIRS_H
#define NNCC_DATA_PAIRS_H

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "abi.h"
#include "data/Dataset.h"

namespace nncc::data {

// The options of the reader `pairs`.
struct Pairing {
  int64_t count = 0, evaluationCount = 0;  // 0: as many as samples
};
// Nothing if `reader` is another one.
std::optional<Pairing> pairingOf(const NnccComponent &reader);

// The reader that pairs are of, or the reader itself where it is another one: for files that hold single
// samples. The component given must outlive it.
class SampleReader {
 public:
  explicit SampleReader(const NnccComponent &reader);
  SampleReader(const SampleReader &) = delete;
  operator const NnccComponent &() const { return component; }

 private:
  std::vector<NnccOption> options;
  NnccComponent component;
};

// The columns of the samples that make up pairs with the model's `columns`: those of the first input, and
// class numbers. Throws UserError if these are no two inputs alike with a target.
std::vector<NnccTensor> columnsOfOne(std::span<const NnccTensor> columns);

class Pairs {
 public:
  // `pool` has columnsOfOne(columns). `pairs`: how many; 0: as many as samples. Throws UserError if the
  // pool has one class only, or one with a single sample.
  Pairs(Dataset pool, std::span<const NnccTensor> columns, int64_t pairs);

  int64_t size() const { return count; }
  // Those of an epoch of training, with the model's columns.
  Dataset drawn(uint64_t seed, int64_t epoch) const;
  // Those that models are measured by.
  Dataset fixed() const;

 private:
  Dataset pick(uint64_t seed, uint64_t stream) const;

  Dataset pool;
  int64_t count;
  Dataset answers;               // the target for different ones, and for the same
  std::vector<uint32_t> sorted;  // the pool's samples, class by class
  struct Range {
    uint32_t begin, end;
  };
  std::vector<Range> ranges;  // of its class in `sorted`, for each sample
};

}  // namespace nncc::data

#endif  // NNCC_DATA_PAIRS_H
