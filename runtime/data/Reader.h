// From files to a Dataset. A reader is one function, named by the word that the YAML's `data`
// section uses for it; the table of readers is in Reader.cpp.
#ifndef NNCC_DATA_READER_H
#define NNCC_DATA_READER_H

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "abi.h"
#include "data/Dataset.h"
#include "data/Split.h"

namespace nncc::data {

// Called from the thread that opened the data set only: (0, total) first, (total, total) last,
// never decreasing. It may throw (an interrupt): reading stops and the exception comes out.
using ReadProgress = std::function<void(int64_t done, int64_t total)>;

class Findings;

// What a reader is to know beside its own options.
struct ReadContext {
  std::vector<Split> splits = {};      // the parts that are taken from its samples
  std::string preprocessing = {};      // of the training (Dataset::preprocessing), if there was one
  int64_t classes = 0;                 // that the model tells apart; 0 if it doesn't say
  std::span<const int64_t> limits = {};  // of the input's elements (NnccLimits); empty if none has one
  std::span<const NnccTensor> columns = {};  // an entry's inputs, where a count depends on them
  size_t firstTarget = 1;  // the first of the columns that is a target; those before are inputs and lengths
  Findings *findings = nullptr;  // told of all faults, and samples that have one are left out (Findings.h)
};

// Samples and the part that each belongs to (see Split.h); no numbers: all are the training's.
struct PartedDataset {
  Dataset dataset;
  std::vector<uint8_t> parts = {};

  // The numbers of a part's samples, in order.
  std::vector<uint32_t> samplesOf(int part) const;
};

// Does the reader find something in the training part that it needs for the others?
bool isFitted(const NnccComponent &reader);

// Reads and decodes all samples of `reader` (kind and options as in the YAML; relative paths
// start at `dataDir`) on `threads` threads. `columns` are an entry's inputs: the model's input,
// then its target; without the target no labels are stored. The result doesn't depend on the
// number of threads. Peak memory is that of the result and a few file-sized buffers a thread.
// Throws UserError naming the file that is wrong: the first one in sample order.
PartedDataset openParts(const NnccComponent &reader, const std::filesystem::path &dataDir,
                        std::span<const NnccTensor> columns, int threads,
                        const ReadProgress &progress, const ReadContext &context);
// The same without parts.
Dataset openDataset(const NnccComponent &reader, const std::filesystem::path &dataDir,
                    std::span<const NnccTensor> columns, int threads,
                    const ReadProgress &progress = {});

// The samples that openParts would give, of the training and then of each split, without keeping
// them: what a plan needs to know of memory before it starts. Same errors for missing files and
// folders.
std::vector<int64_t> countParts(const NnccComponent &reader, const std::filesystem::path &dataDir,
                                const ReadContext &context);
int64_t countSamples(const NnccComponent &reader, const std::filesystem::path &dataDir);

// Decodes one image file to a sample of `input` (u8, [H, W, C] or [H, W]), as `reader` does: with
// its options if it is an image reader, else at the input's size only. Throws UserError naming
// the file.
std::vector<std::byte> decodeImage(const std::filesystem::path &file, const NnccTensor &input,
                                   const NnccComponent &reader = {});

// Does the reader take files of many samples that `readInputs` reads?
bool readsTables(const NnccComponent &reader);
// The samples of one file for prediction, prepared as those of the training were; a target that
// the file has is passed over. Throws UserError naming the file and the row.
Dataset readInputs(const NnccComponent &reader, const std::filesystem::path &file,
                   std::span<const NnccTensor> inputs, const ReadContext &context);

// The units of targets that the training scaled (Dataset::targetUnits), by its preprocessing; without
// a name where it scaled none.
Dataset::Units targetUnits(const NnccComponent &reader, const std::string &preprocessing);

}  // namespace nncc::data

#endif  // NNCC_DATA_READER_H
