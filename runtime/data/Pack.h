// A pack: what a model's readers gave, in one file, to be opened at once. It stands in the place of the data
// folder: the same readers are asked for, and their samples are mapped into memory instead of read and decoded.
//
// The file: "NNCCPACK", the version (u32), then the bytes (u64) and the checksum (u64) of a header, then this
// header (JSON), then blocks that begin at multiples of 4096, filled with zeros up to there, each with a checksum in
// the header. Numbers are little-endian. The header tells for each reading what was asked (reader, splits, columns),
// so that a pack that was made for other options is refused rather than used.
#ifndef NNCC_DATA_PACK_H
#define NNCC_DATA_PACK_H

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "abi.h"
#include "data/Dataset.h"
#include "data/Reader.h"

namespace nncc::data {

// Is this data "folder" a file that is a pack?
bool isPack(const std::filesystem::path &dataDir);

// Where other files of the data folder are (weights, lists of splits): beside the pack.
std::filesystem::path folderOf(const std::filesystem::path &dataDir);

class Pack {
 public:
  // Throws UserError naming the file if it is none, damaged or of another version. Looks at the header only.
  explicit Pack(std::filesystem::path path);

  // As openParts and countParts. Throw UserError where the pack has no such reading, or its bytes are altered.
  PartedDataset open(const NnccComponent &reader, std::span<const NnccTensor> columns,
                     const ReadContext &context) const;
  std::vector<int64_t> counts(const NnccComponent &reader, const ReadContext &context) const;

 private:
  struct State;
  std::shared_ptr<const State> state;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_PACK_H
