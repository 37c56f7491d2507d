// What a reader is to Reader.cpp.
#ifndef NNCC_DATA_READERTABLE_H
#define NNCC_DATA_READERTABLE_H

#include <filesystem>
#include <span>
#include <string>

#include "abi.h"
#include "data/Dataset.h"
#include "data/Reader.h"

namespace nncc::data {

// Where a reader finds its things.
struct ReaderInput {
  const NnccComponent &reader;
  std::filesystem::path dataDir;

  // An option's text; empty if it isn't set.
  std::string option(const char *key) const;
  // The option `path` below the data folder; throws UserError if it isn't set.
  std::filesystem::path path() const;
};

struct ReaderEntry {
  const char *kind;
  Dataset (*open)(const ReaderInput &, std::span<const NnccTensor> columns, int threads,
                  const ReadProgress &);
  int64_t (*count)(const ReaderInput &);
};

extern const ReaderEntry imageFolderReader;
extern const ReaderEntry cifar10BinaryReader;

// Throws UserError unless the columns are one image input (u8, [H, W, C] with 1 or 3 channels,
// or [H, W]) and at most one target of class labels (i32, []).
void requireImageColumns(const char *reader, std::span<const NnccTensor> columns);

}  // namespace nncc::data

#endif  // NNCC_DATA_READERTABLE_H
