#include "train/BatchFile.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "error.h"
#include "report/Progress.h"
#include "train/DataParts.h"
#include "train/EpochBatches.h"
#include "train/Program.h"
#include "train/Safetensors.h"

namespace nncc::train {

void writeBatches(const NnccProgram &program, const BatchFileOptions &options) {
  const NnccEntry &entry = requireEntry(program, NNCC_TRAIN_STEP, "train");
  Feeding feeding(program, entry);
  DataParts parts(program, entry, options.dataDir);
  if (!parts.has(DataParts::Train))
    throw UserError("model '" + std::string(program.name) + "' has no training data");
  report::Progress progress(2);  // standard output is for the answer alone
  parts.open(DataParts::Train, options.threads, progress);
  feeding.requireSuitable(parts[DataParts::Train]);

  EpochBatches epoch(parts, feeding, {options.seed}, options.threads);
  const std::span<const NnccTensor> columns = inputs(entry);
  std::vector<std::vector<char>> contents(columns.size());
  int64_t written = 0;
  for (int64_t i = 0; i < std::min(options.batches, epoch.count()); ++i) {
    const data::Batch &batch = epoch.next();
    if (batch.samples < feeding.batchSize) break;  // the last one
    for (size_t column = 0; column < columns.size(); ++column) {
      const char *data = static_cast<const char *>(batch.inputs[column]);
      contents[column].insert(contents[column].end(), data, data + batch.samples * data::sampleBytes(columns[column]));
    }
    ++written;
  }

  std::vector<std::vector<int64_t>> shapes;
  for (const NnccTensor &column : columns) {
    shapes.push_back({written * feeding.batchSize});
    shapes.back().insert(shapes.back().end(), column.shape, column.shape + column.rank);
  }
  std::vector<TensorView> tensors;
  for (size_t column = 0; column < columns.size(); ++column)
    tensors.push_back({columns[column].name, columns[column].type, shapes[column], contents[column].data(),
                       static_cast<int64_t>(contents[column].size())});
  writeSafetensors(options.to, tensors, {});
  const int64_t samples =
      data::samplesPerEpoch(parts[DataParts::Train].size(), feeding.batchSize, feeding.grouping);
  std::printf("{\"batches\":%lld,\"batches_per_epoch\":%lld,\"samples_per_epoch\":%lld}\n",
              static_cast<long long>(written), static_cast<long long>(epoch.count()), static_cast<long long>(samples));
}

std::vector<std::vector<Block>> readBatches(const NnccProgram &program, const NnccEntry &entry,
                                            const std::filesystem::path &path) {
  SafetensorsFile file(path);
  const int64_t size = program.train.batch_size;
  std::vector<std::vector<Block>> batches;
  for (const NnccTensor &column : inputs(entry)) {
    const StoredTensor *stored = file.find(column.name);
    const int64_t bytes = size * data::sampleBytes(column);
    if (!stored || stored->dtype != dtypeOf(column.type) || (stored->end - stored->begin) % bytes)
      throw UserError("'" + path.string() + "' does not hold whole batches of '" + column.name + "', " +
                      dtypeOf(column.type) + " " + data::shapeText(column) + "; make it by this program's `batches`");
    std::vector<char> content(stored->end - stored->begin);
    file.read(*stored, content.data());
    const size_t count = content.size() / bytes;
    if (batches.empty()) batches.resize(count);
    if (count != batches.size() || !count)
      throw UserError("'" + path.string() + "': its tensors hold different numbers of batches, or none");
    for (size_t i = 0; i < count; ++i) {
      Block &block = batches[i].emplace_back(bytes, Block::Fill::Zero, "a batch");
      std::memcpy(block.data(), content.data() + i * bytes, bytes);
    }
  }
  return batches;
}

}  // namespace nncc::train
