// What who writes a pack and who reads it agree on, beside the header's keys. The file is described in Pack.h.
#ifndef NNCC_DATA_PACKFORMAT_H
#define NNCC_DATA_PACKFORMAT_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "abi.h"
#include "data/Split.h"

namespace nncc::data::pack {

inline constexpr char magic[8] = {'N', 'N', 'C', 'C', 'P', 'A', 'C', 'K'};
inline constexpr uint32_t version = 1;
inline constexpr int64_t alignment = 4096;
// A block's checksum is that of the checksums of its parts of so many bytes.
inline constexpr int64_t partBytes = 1 << 20;

struct Prologue {
  char magic[8];
  uint32_t version, zero;
  uint64_t headerBytes, headerChecksum;
};
static_assert(sizeof(Prologue) == 32);

uint64_t checksum(const void *data, size_t bytes);

// Where a block may begin, from `offset` on.
inline int64_t aligned(int64_t offset) { return (offset + alignment - 1) / alignment * alignment; }

// What is asked of a reader: two that have the same texts get the same samples.
std::string readerText(const NnccComponent &reader);
std::string splitsText(std::span<const Split> splits);
std::string columnsText(std::span<const NnccTensor> columns);

}  // namespace nncc::data::pack

#endif  // NNCC_DATA_PACKFORMAT_H
