// The data sets of a program: which ones a command needs, how many samples they have, their
// samples in memory, and the checks that they belong together.
#ifndef NNCC_TRAIN_DATAPARTS_H
#define NNCC_TRAIN_DATAPARTS_H

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "abi.h"
#include "data/Dataset.h"
#include "data/Findings.h"
#include "data/PackWriter.h"
#include "data/Pairs.h"
#include "data/Reader.h"
#include "report/Progress.h"

namespace nncc::train {

// "images" where the model's first input looks like one, else "samples".
std::string sampleWord(const NnccEntry &entry);

// Parts whose readers are the same (validation and test often are) share one data set, and so do
// those that are taken from the training's: it is read once, and they are lists of numbers.
class DataParts {
 public:
  enum Part { Train, Validation, Test };

  // `entry` has a loss: its inputs are the columns.
  DataParts(const NnccProgram &program, const NnccEntry &entry, std::filesystem::path dataDir);

  bool has(Part part) const { return components[part]->kind != nullptr; }
  // What the training found in its data (Dataset::preprocessing), where this is no training: to
  // be told before the first part is opened.
  void setPreprocessing(std::string text) { preprocessing = std::move(text); }
  // Before the first part is opened: samples that can't be read are left out and told of in findings(),
  // instead of an error.
  void collectFindings();
  // Of the files that the part is in; null where it was not collected.
  const data::Findings *findings(Part part) const { return sources[places[part].source].findings.get(); }
  // What was read so far. The columns are the entry's, also where samples are singles that pairs are made of.
  std::vector<data::Reading> readings() const;
  // Are these of one reading, and are they the same samples? Two parts may name the same files.
  bool shareFiles(Part a, Part b) const { return places[a].source == places[b].source; }
  bool areSame(Part a, Part b) const { return shareFiles(a, b) && places[a].split == places[b].split; }
  // Looks at the files without reading samples; the part must be there.
  int64_t count(Part part);
  // Memory of the samples of these parts, shared ones once.
  int64_t plannedBytes(const std::vector<Part> &parts);

  // Reads the part if it hasn't been. Throws UserError for what is wrong with the files, and
  // where classes don't fit the model or the training set.
  void open(Part part, int threads, report::Progress &progress);
  const data::Dataset &operator[](Part part) const { return *sets[part]; }
  // Null if the part could not be read. It may have been even where open() threw, for what doesn't belong
  // together.
  const data::Dataset *find(Part part) const { return sets[part] ? &*sets[part] : nullptr; }
  // The samples that were read: where a part shows pairs, those that these are of.
  const data::Dataset *singles(Part part) const { return singleSets[part] ? &*singleSets[part] : nullptr; }
  // What an epoch of training sees where that is drawn anew for each (pairs), in the place of the
  // training part's samples.
  std::optional<data::Dataset> drawn(uint64_t seed, int64_t epoch) const;

 private:
  void requireIndices(const data::Dataset &dataset) const;

  static constexpr int kWhole = -1;

  // A data set that is read, once.
  struct Source {
    const NnccComponent *reader = nullptr;
    std::vector<data::Split> splits;
    std::vector<int64_t> counts;  // of each split's samples, those of none first
    std::shared_ptr<data::PartedDataset> set;
    std::unique_ptr<data::Findings> findings;
  };
  const std::vector<int64_t> &countsOf(Source &source);
  // Samples of a part, whether they are shown one by one or as pairs.
  int64_t countRead(Part part);
  // The pairs that a part makes of its samples, 0 for as many as these; nothing where it makes none.
  std::optional<int64_t> pairsOf(Part part) const;
  data::ReadContext contextOf(const Source &source) const;

  const NnccProgram *program;
  const NnccEntry *entry;
  std::filesystem::path dataDir;
  const NnccComponent *components[3];
  bool turnsClasses, reversesClasses;  // of the training (QuarterTurns.h, ReversedClasses.h)
  std::string preprocessing;
  Source sources[3];  // of the parts that have their own
  struct {
    int source;  // by number
    int split;   // or kWhole
  } places[3];
  std::optional<data::Dataset> sets[3], singleSets[3];
  std::optional<data::Pairs> trainingPairs;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_DATAPARTS_H
