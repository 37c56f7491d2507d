// The data sets of a program: which ones a command needs, how many samples they have, their
// samples in memory, and the checks that they belong together.
#ifndef NNCC_TRAIN_DATAPARTS_H
#define NNCC_TRAIN_DATAPARTS_H

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "abi.h"
#include "data/Dataset.h"
#include "report/Progress.h"

namespace nncc::train {

// "images" where the model's first input looks like one, else "samples".
std::string sampleWord(const NnccEntry &entry);

// Parts whose readers are the same (validation and test often are) share one data set.
class DataParts {
 public:
  enum Part { Train, Validation, Test };

  // `entry` has a loss: its inputs are the columns.
  DataParts(const NnccProgram &program, const NnccEntry &entry, std::filesystem::path dataDir);

  bool has(Part part) const { return readers[part]->kind != nullptr; }
  // Looks at the files without reading samples; the part must be there.
  int64_t count(Part part);
  // Memory of the samples of these parts, shared ones once.
  int64_t plannedBytes(const std::vector<Part> &parts);

  // Reads the part if it hasn't been. Throws UserError for what is wrong with the files, and
  // where classes don't fit the model or the training set.
  void open(Part part, int threads, report::Progress &progress);
  const data::Dataset &operator[](Part part) const { return *sets[part]; }

 private:
  int sharedWith(Part part) const;

  const NnccProgram *program;
  const NnccEntry *entry;
  std::filesystem::path dataDir;
  const NnccComponent *readers[3];
  int64_t counts[3] = {-1, -1, -1};
  std::shared_ptr<data::Dataset> sets[3];
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_DATAPARTS_H
