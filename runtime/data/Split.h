// Parts that are taken from one reader's samples: validation and test from the training data.
//
// A part takes
//   fraction  a share of the samples by a hash of what they are, so that a sample stays on its side
//             whatever is added to the set
//   group     those with certain values in a column
//   list      the same, where the values stand in a file, one a line (`nncc data split` writes such): a line that
//             no sample has is an error
//   fold      one of K parts of the groups that a column's values make (without a column every
//             sample is a group): sorted by the hash of their text they are dealt out in turn, so
//             that all folds have equally many
//   last      the end of a series, see Series.cpp
// A sample that two parts ask for goes to the first; what none asks for is the training part.
//
// The hash: 64-bit FNV-1a over the bytes, then MurmurHash3's finalizer, of which the upper 53
// bits are a number in [0, 1). Validation takes the numbers from 0 up, test those from 1 down:
// neither changes when the other's fraction does.
#ifndef NNCC_DATA_SPLIT_H
#define NNCC_DATA_SPLIT_H

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi.h"

namespace nncc::data {

struct Split {
  double begin = 0, end = 0;        // of the hash's numbers, or
  std::string column = {};          // if there is one, by what is in it
  std::vector<std::string> values = {};
  int64_t folds = 0, fold = 0;      // how many, and which one, from 0
  double last = 0;                  // share of a series
  std::string list = {};            // the file that the values stand in; they are sorted then
};

// Is this what stands in the place of a reader where a part is taken from the training's?
bool isSplit(const NnccComponent &component);
// `fromTop`: takes the highest numbers of the hash rather than the lowest. Reads the file of a list, whose path starts
// at `dataDir`.
Split splitOf(const NnccComponent &component, bool fromTop, const std::filesystem::path &dataDir);

// In [0, 1).
double hashNumber(std::string_view bytes);

// 0 for the training part, else 1 + the number of the split that takes what hashes to `number`.
// Splits other than fractions take nothing here.
int partByHash(std::span<const Split> splits, double number);

// Is what a column holds one of the values that a split names? 7 is also 7.0.
bool isAmong(const std::vector<std::string> &values, std::string_view cell);

// What splits by values take, and whether every line of a list is some sample's. The splits must outlive it.
class ColumnValues {
 public:
  explicit ColumnValues(std::span<const Split> splits);
  // Does the split take what is in its column?
  bool takes(size_t split, std::string_view cell);
  // Behind the last sample. Throws UserError naming a line of a list that none has.
  void requireAllMet() const;

 private:
  std::span<const Split> splits;
  std::vector<std::vector<bool>> met;  // of the values of each list
};

// Throws UserError if a split is no fraction: `reader` knows nothing of its samples.
void requireFractions(std::span<const Split> splits, const char *reader);
// Throws UserError if a split goes by time: `reader` has none.
void requireNoTime(std::span<const Split> splits, const char *reader);

// The groups of a fold's column.
class Folds {
 public:
  // `hash` is that of the sample, `group` what the column holds; without a column each sample is a
  // group of its own.
  void add(const Split &split, double hash, std::string_view group);
  // Behind the last add().
  void deal(const Split &split);
  bool takes(const Split &split, double hash, std::string_view group) const;

 private:
  using Key = std::pair<double, std::string>;
  static Key keyOf(const Split &split, double hash, std::string_view group);
  std::map<Key, int64_t> groups;
};

// The parts of samples that are all known before the first is read.
class Parting {
 public:
  // The splits must outlive it.
  explicit Parting(std::span<const Split> splits) : splits(splits) {}
  bool empty() const { return splits.empty(); }
  // The next sample: its hash, and what is in the column of each split (empty where it has none).
  void add(double hash, std::vector<std::string> groups);
  // Of each sample; nothing if there are no splits.
  std::vector<uint8_t> parts() const;

 private:
  struct Sample {
    double hash;
    std::vector<std::string> groups;
  };
  std::span<const Split> splits;
  std::vector<Sample> samples;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_SPLIT_H
