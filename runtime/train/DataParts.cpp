#include "train/DataParts.h"

#include <cstring>

#include "data/Reader.h"
#include "error.h"
#include "train/Block.h"
#include "train/Program.h"

namespace nncc::train {

std::string sampleWord(const NnccEntry &entry) {
  bool image = entry.num_inputs > 0 && entry.inputs[0].type == NNCC_U8 && entry.inputs[0].rank >= 2;
  return image ? "images" : "samples";
}

DataParts::DataParts(const NnccProgram &program, const NnccEntry &entry,
                     std::filesystem::path dataDir)
    : program(&program),
      entry(&entry),
      dataDir(std::move(dataDir)),
      readers{&program.data.train, &program.data.validation, &program.data.test} {}

// The first part with the same reader.
int DataParts::sharedWith(Part part) const {
  int first = 0;
  while (!sameComponent(*readers[first], *readers[part])) ++first;
  return first;
}

int64_t DataParts::count(Part part) {
  int64_t &count = counts[sharedWith(part)];
  if (count < 0) count = data::countSamples(*readers[part], dataDir);
  return count;
}

int64_t DataParts::plannedBytes(const std::vector<Part> &parts) {
  int64_t sampleBytes = 0;
  for (const NnccTensor &column : inputs(*entry)) sampleBytes += bytes(column);
  int64_t sum = 0;
  bool counted[3] = {};
  for (Part part : parts) {
    int shared = sharedWith(part);
    if (!counted[shared]) sum += count(part) * sampleBytes;
    counted[shared] = true;
  }
  return sum;
}

void DataParts::open(Part part, int threads, report::Progress &progress) {
  if (sets[part]) return;
  int shared = sharedWith(part);
  if (!sets[shared]) {
    bool started = false;
    std::string label = "Reading";
    if (const NnccOption *path = findOption(*readers[part], "path"))
      label += std::string(" ") + path->text;
    sets[shared] = std::make_shared<data::Dataset>(data::openDataset(
        *readers[part], dataDir, inputs(*entry), threads, [&](int64_t done, int64_t total) {
          if (!started) progress.beginTask(label, sampleWord(*entry), total);
          started = true;
          progress.task(done);
        }));
    if (started) progress.endTask();
  }
  sets[part] = sets[shared];

  const data::Dataset &set = *sets[part];
  if (set.size() == 0)
    throw UserError("data set '" + set.source() + "' has no samples; is this the right folder?");
  // A label that the model has no output for would be an access outside of its buffers.
  bool labels = std::strncmp(program->train.loss.kind, "sparse_", 7) == 0;
  if (labels && !set.classNames().empty())
    data::requireClassCount(set, outputSize(*program), "the model's output");
  if (part != Train && sets[Train] && sets[Train] != sets[part])
    data::requireSameClasses(*sets[Train], set);
}

}  // namespace nncc::train
