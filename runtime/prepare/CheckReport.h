// What a check of a model's data found, and how it is told: as text, and as a page.
#ifndef NNCC_PREPARE_CHECKREPORT_H
#define NNCC_PREPARE_CHECKREPORT_H

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "prepare/Columns.h"
#include "prepare/Duplicates.h"
#include "prepare/Samples.h"

namespace nncc::prepare {

struct Lengths {
  int64_t least = 0, median = 0, most = 0;
  std::vector<int64_t> histogram;  // equal bins from 1 to the input's steps
};

// An image that is unlike the others by a number.
struct OddImage {
  SampleId id;
  std::string what;  // "one plain area", "very dark (mean 3 of 255)"
};

struct CheckReport {
  std::string model;
  std::vector<std::string> errors;    // with which a training would end
  std::vector<std::string> warnings;  // which it would not notice
  // Samples of each part by class, in the order in which classes come first; -1 where a part has no such class.
  std::vector<std::pair<std::string, std::vector<int64_t>>> classes;
  std::map<std::pair<int64_t, int64_t>, data::Findings::Seen> sizes;  // of image files, by width and height
  std::vector<Lengths> lengths;                                       // of each part, where samples have lengths
  Columns columns;
  std::map<std::string, int64_t> missing;  // empty cells by column
  Duplicates duplicates;
  std::vector<OddImage> oddImages;
};

std::string textOf(const CheckReport &report, const Samples &samples);
// Self-contained: images are inside, nothing is loaded, no script.
std::string pageOf(const CheckReport &report, const Samples &samples);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_CHECKREPORT_H
