// What the columns of numbers of the training part hold: ranges, constants, outliers, and which follow from others.
#ifndef NNCC_PREPARE_COLUMNS_H
#define NNCC_PREPARE_COLUMNS_H

#include <cstdint>
#include <string>
#include <vector>

#include "prepare/Samples.h"

namespace nncc::prepare {

// Numbers of one name, over all samples (and steps) of the training part.
struct ColumnFacts {
  std::string name;
  int64_t count = 0;  // finite ones
  int64_t notFinite = 0;
  double mean = 0, deviation = 0, least = 0, most = 0;
  bool isConstant() const { return count > 0 && least == most; }
  // Beyond three times the distance between the quartiles outside of these; none where more than one number
  // in twenty is: such a column has a long tail.
  int64_t outliers = 0;
  SampleId farthest;  // the sample of the one farthest off
  double farthestValue = 0;
  std::vector<int64_t> histogram;  // equal bins from least to most
};

// A column that is a sum of multiples of others, but for `rest` of its variance.
struct Dependence {
  std::string column;
  std::vector<std::string> from;  // at most four of them, the weightiest first
  size_t others = 0;              // how many more
  double rest = 0;
};

struct Columns {
  std::vector<ColumnFacts> inputs, targets;
  std::vector<Dependence> dependences;
  // Features that tell the target by themselves, with their correlation: is it known when one asks?
  std::vector<std::pair<std::string, double>> tellTargets;
  std::string note;  // what was not looked at, and why; empty if all was
};

// Empty for images. Targets that are classes are none.
Columns columnFacts(const Samples &samples);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_COLUMNS_H
