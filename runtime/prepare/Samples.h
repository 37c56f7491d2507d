// The parts of a model's data as a training would read them, but to the end whatever is wrong with them,
// and what there is to ask of their samples.
#ifndef NNCC_PREPARE_SAMPLES_H
#define NNCC_PREPARE_SAMPLES_H

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "abi.h"
#include "data/Dataset.h"
#include "report/Progress.h"
#include "train/DataParts.h"

namespace nncc::prepare {

// Whose data, and where it is.
struct Source {
  const NnccProgram &program;
  std::filesystem::path dataDir;  // where relative paths start
  int threads;
};

// The entry function whose inputs are the samples' columns. Throws UserError if the model has no data.
const NnccEntry &requireData(const NnccProgram &program);

// One column of the samples, by its place in the data set.
struct Column {
  int number;
  NnccTensor tensor;

  int64_t elements() const { return data::sampleBytes(tensor) / data::elementBytes(tensor.type); }
  // u8 with at least two dimensions: an image, or frames one below the other.
  bool isImage() const { return tensor.type == NNCC_U8 && tensor.rank >= 2; }
};

// How the bytes of an image column lie: rows of pixels. Frames of a clip are one below the other.
struct ImageForm {
  int frames, height, width, channels;  // height: of one frame
};
ImageForm formOf(const NnccTensor &image);

struct Part {
  std::string name;  // "train", "validation", "test"
  train::DataParts::Part number;
  data::Dataset samples;
  // Names of its classes, or their numbers, by label; empty where targets are no classes. Parts that pairs are
  // made of may have other classes each.
  std::vector<std::string> classes = {};
  // Of the part before with the same samples, empty if there is none.
  std::string sameAs = {};
};

// Of one sample: its part, an index into Samples::parts, and its number there.
struct SampleId {
  int part = 0;
  int64_t index = 0;

  auto operator<=>(const SampleId &) const = default;
};

class Samples {
 public:
  // Reads all parts. What a training would end with stands in `errors`.
  Samples(const Source &source, report::Progress &progress);

  const NnccProgram &program() const { return *model; }
  std::vector<Part> parts;  // those that could be read
  std::vector<std::string> errors, warnings;
  std::vector<Column> inputs;  // without their lengths
  std::vector<Column> targets;
  int lengths = -1;  // the column of the first input's
  const data::Findings *findings(const Part &part) const { return reader->findings(part.number); }

  const data::Dataset &set(SampleId id) const { return parts[id.part].samples; }
  const std::byte *bytes(SampleId id, const Column &column) const { return set(id).sample(column.number, id.index); }
  // Steps of a sample that are data.
  int64_t length(SampleId id) const;
  // The class of a sample by its part's `classes`, or beyond; -1 where targets are no classes.
  int64_t label(SampleId id) const;
  std::string className(SampleId id) const;
  // "test/cat/7.png", "FILE.csv:17", "FILE.npy: sample 3 (from 0)".
  std::string place(SampleId id) const;
  // "images" or "samples".
  const std::string &word() const { return sampleWord; }

 private:
  const NnccProgram *model;
  std::unique_ptr<train::DataParts> reader;
  std::filesystem::path dataDir;
  std::string sampleWord;
};

// A number of a column; any element type.
double valueOf(const NnccTensor &tensor, const std::byte *sample, int64_t element);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_SAMPLES_H
