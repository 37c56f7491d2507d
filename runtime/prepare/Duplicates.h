// Samples that are there twice, inside of a part and across parts: a test sample that the training has seen
// measures nothing. Exact duplicates have the same bytes in all inputs. Images that are nearly the same (saved
// again, scaled, a little brighter) are found by a perceptual hash and confirmed by their small copies.
#ifndef NNCC_PREPARE_DUPLICATES_H
#define NNCC_PREPARE_DUPLICATES_H

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "prepare/Samples.h"

namespace nncc::prepare {

struct Duplicate {
  SampleId first, second;
  bool exact = false;
  double likeness = 1;   // correlation of the small copies
  bool differs = false;  // are they of different classes?
};

struct Duplicates {
  // How many samples of a part have an equal one in the same part before them, or any in another part:
  // by the numbers of the part with the copy and of the part with the other, the one that comes first.
  using Counts = std::map<std::pair<int, int>, int64_t>;
  Counts exact, near;
  double leastLikeness = 1;  // of those that count as nearly the same; the data's own nature has a say in it
  int64_t differing = 0;     // pairs, exact or near, of different classes
  // To look at, those across parts and of different classes first; at most `shown` of each count.
  std::vector<Duplicate> pairs;
};

// `shown`: pairs to keep for each pair of parts.
Duplicates findDuplicates(const Samples &samples, int threads, int shown);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_DUPLICATES_H
