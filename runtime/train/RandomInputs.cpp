#include "train/RandomInputs.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "data/Dataset.h"
#include "data/Random.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

// Where a tensor holds the lengths of the input before it, the most that there may be; else 0.
int64_t mostSteps(const NnccEntry &entry, int i) {
  if (i == 0 || entry.inputs[i].type != NNCC_I32 || entry.inputs[i].rank != 0) return 0;
  const NnccTensor &before = entry.inputs[i - 1];
  return std::string(before.name) + ".lengths" == entry.inputs[i].name ? before.shape[0] : 0;
}

// The steps behind a sequence's end are zeros.
void clearPadding(const NnccTensor &sequence, Block &values, const int32_t *lengths, int32_t samples) {
  int64_t all = bytes(sequence), step = all / sequence.shape[0];
  for (int32_t i = 0; i < samples; ++i)
    std::memset(static_cast<std::byte *>(values.data()) + i * all + lengths[i] * step, 0,
                static_cast<size_t>(all - lengths[i] * step));
}

}  // namespace

std::vector<Block> randomInputs(const NnccProgram &program, const NnccEntry &entry,
                                int32_t samples, uint64_t seed) {
  uint64_t classes = static_cast<uint64_t>(std::max<int64_t>(labelClasses(program, entry), tellsClasses(program) ? 1 : 3));
  std::vector<Block> blocks;
  for (int i = 0; i < entry.num_inputs; ++i) {
    const NnccTensor &tensor = entry.inputs[i];
    Block &block = blocks.emplace_back(bytes(tensor) * samples, Block::Fill::Zero, "a batch");
    data::Random random(seed, data::Purpose::Augmentation, static_cast<uint64_t>(i));
    int64_t count = elements(tensor) * samples;
    if (int64_t most = mostSteps(entry, i)) {
      int32_t *lengths = static_cast<int32_t *>(block.data());
      for (int64_t j = 0; j < count; ++j)
        lengths[j] = 1 + static_cast<int32_t>(random.below(j, static_cast<uint64_t>(most)));
      clearPadding(entry.inputs[i - 1], blocks[i - 1], lengths, samples);
      continue;
    }
    std::span<const int64_t> limits = limitsOf(program, tensor);
    // A number, or an index where the element is one.
    auto number = [&](int64_t j) -> double {
      // Every batch has samples of both kinds, if it has two.
      if (data::isPresence(tensor)) return j == 0 ? 1 : j == 1 ? 0 : static_cast<double>(random.below(j, 2));
      int64_t limit = limits.empty() ? 0 : limits[j % elements(tensor)];
      return limit ? static_cast<double>(random.below(j, static_cast<uint64_t>(limit))) : random.uniform(j);
    };
    for (int64_t j = 0; j < count; ++j) switch (tensor.type) {
        case NNCC_U8:
          static_cast<uint8_t *>(block.data())[j] = static_cast<uint8_t>(random.below(j, 256));
          break;
        case NNCC_I32:
          static_cast<int32_t *>(block.data())[j] = static_cast<int32_t>(random.below(j, classes));
          break;
        case NNCC_I64:
          static_cast<int64_t *>(block.data())[j] = static_cast<int64_t>(random.below(j, classes));
          break;
        case NNCC_F32:
          static_cast<float *>(block.data())[j] = static_cast<float>(number(j));
          break;
        case NNCC_F64:
          static_cast<double *>(block.data())[j] = number(j);
          break;
      }
  }
  return blocks;
}

std::vector<const void *> pointersTo(const std::vector<Block> &blocks) {
  std::vector<const void *> pointers;
  for (const Block &block : blocks) pointers.push_back(block.data());
  return pointers;
}

}  // namespace nncc::train
