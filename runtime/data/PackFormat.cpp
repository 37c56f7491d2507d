#include "data/PackFormat.h"

#include <algorithm>
#include <cstring>

#include "data/Dataset.h"
#include "data/ReaderTable.h"

namespace nncc::data::pack {

// Four lanes of multiplications, so that it runs at the speed of memory.
uint64_t checksum(const void *data, size_t bytes) {
  constexpr uint64_t factor = 0x9FB21C651E98DF25u;
  uint64_t lanes[4] = {1, 2, 3, 4};
  auto *from = static_cast<const std::byte *>(data);
  auto add = [&](const std::byte *block) {
    uint64_t words[4];
    std::memcpy(words, block, sizeof words);
    for (int i = 0; i < 4; ++i) {
      lanes[i] = (lanes[i] ^ words[i]) * factor;
      lanes[i] ^= lanes[i] >> 29;
    }
  };
  size_t whole = bytes / 32 * 32;
  for (size_t i = 0; i < whole; i += 32) add(from + i);
  std::byte rest[32] = {};
  std::memcpy(rest, from + whole, bytes - whole);
  add(rest);
  uint64_t sum = bytes;
  for (uint64_t lane : lanes) sum = (sum ^ lane) * factor ^ lane >> 32;
  return sum;
}

std::string readerText(const NnccComponent &reader) {
  std::string text = std::string(reader.kind) + " {";
  for (int32_t i = 0; i < reader.num_options; ++i) {
    std::string value = reader.options[i].text;
    std::ranges::replace(value, *NNCC_LIST_SEPARATOR, ',');
    text += (i ? ", " : "") + std::string(reader.options[i].key) + ": " + value;
  }
  return text + "}";
}

std::string splitsText(std::span<const Split> splits) {
  std::string text;
  for (const Split &split : splits) {
    text += (text.empty() ? "" : "; ") + std::to_string(split.begin) + " to " + std::to_string(split.end) +
            ", column '" + split.column + "', fold " + std::to_string(split.fold) + " of " +
            std::to_string(split.folds) + ", last " + std::to_string(split.last);
    for (const std::string &value : split.values) text += ", '" + value + "'";
  }
  return text;
}

std::string columnsText(std::span<const NnccTensor> columns) {
  std::string text;
  for (const NnccTensor &column : columns)
    text +=
        (text.empty() ? "" : ", ") + std::string(column.name) + " " + typeName(column.type) + " " + shapeText(column);
  return text;
}

}  // namespace nncc::data::pack
