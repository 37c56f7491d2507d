// Parts that are taken from one reader's samples: validation and test from the training data.
//
// A part takes a fraction of the samples by a hash of what they are, so that a sample stays on
// its side whatever is added to the set, or those with certain values in a column. A sample that
// two parts ask for goes to the first; what none asks for is the training part.
//
// The hash: 64-bit FNV-1a over the bytes, then MurmurHash3's finalizer, of which the upper 53
// bits are a number in [0, 1). Validation takes the numbers from 0 up, test those from 1 down:
// neither changes when the other's fraction does.
#ifndef NNCC_DATA_SPLIT_H
#define NNCC_DATA_SPLIT_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi.h"

namespace nncc::data {

struct Split {
  double begin = 0, end = 0;        // of the hash's numbers, or
  std::string column = {};          // if there is one, by the values in it
  std::vector<std::string> values = {};
};

// Is this what stands in the place of a reader where a part is taken from the training's?
bool isSplit(const NnccComponent &component);
// `fromTop`: takes the highest numbers of the hash rather than the lowest.
Split splitOf(const NnccComponent &component, bool fromTop);

// In [0, 1).
double hashNumber(std::string_view bytes);

// 0 for the training part, else 1 + the number of the split that takes what hashes to `number`.
// Splits by a column take nothing here.
int partByHash(std::span<const Split> splits, double number);

// Throws UserError if a split asks for a column: `reader` has none.
void requireNoGroups(std::span<const Split> splits, const char *reader);

}  // namespace nncc::data

#endif  // NNCC_DATA_SPLIT_H
