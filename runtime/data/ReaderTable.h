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
  const ReadContext &context;

  // An option's text; empty if it isn't set.
  std::string option(const char *key) const;
  // The items of an option that is a list; empty if it isn't set.
  std::vector<std::string> items(const char *key) const;
  // The option `path`, or another, below the data folder; throws UserError if it isn't set.
  std::filesystem::path path(const char *key = "path") const;
  // The option `separator` of readers of text: a comma if it isn't set; throws UserError unless it is one
  // character that may stand between cells.
  char separator() const;
};

struct ReaderEntry {
  const char *kind;
  PartedDataset (*open)(const ReaderInput &, std::span<const NnccTensor> columns, int threads,
                        const ReadProgress &);
  // Of the training and of each split.
  std::vector<int64_t> (*count)(const ReaderInput &);
  bool fitted = false;  // does it have a preprocessing?
  // Of readers whose files hold many samples: those of one file, for prediction.
  Dataset (*inputs)(const ReaderInput &, const std::filesystem::path &file,
                    std::span<const NnccTensor> inputs) = nullptr;
  bool lengths = false;  // does it fill columns of lengths?
  // Of readers that scale targets: their units, by the training's preprocessing.
  Dataset::Units (*units)(const std::string &preprocessing) = nullptr;
};

extern const ReaderEntry cifar10BinaryReader;
extern const ReaderEntry csvReader;
extern const ReaderEntry frameFolderReader;
extern const ReaderEntry idxReader;
extern const ReaderEntry imageFolderReader;
extern const ReaderEntry npyReader;
extern const ReaderEntry npzReader;
extern const ReaderEntry pairsReader;
extern const ReaderEntry sequenceCsvReader;
extern const ReaderEntry seriesReader;
extern const ReaderEntry tsReader;

// "u8", "i32", ...
const char *typeName(int32_t type);

// A user's text in a message, cut where it is long.
std::string inQuotes(std::string_view text);

// What an option's text that is a list holds.
std::vector<std::string> listItems(std::string_view text);

// Throws UserError unless the first column is an image input (u8, [H, W, C] with 1 or 3 channels,
// or [H, W]) and there is at most one target.
void requireImageColumns(const char *reader, std::span<const NnccTensor> columns);

// For each split the number of its column among those that `reader` knows of its samples, or -1
// where it goes by none. Throws UserError if there is no such column, or a split goes by time.
std::vector<int> groupColumns(std::span<const Split> splits, std::span<const std::string> known,
                              const std::string &reader);

// Places of the columns of one input, its lengths if the model has such, and one target; -1 where
// there is none. Throws UserError, naming the reader, if there are others.
struct ColumnRoles {
  int lengths = -1, target = -1;
};
ColumnRoles rolesOf(const char *reader, std::span<const NnccTensor> columns);

// How many samples each part has; `splits` of them beside the training.
std::vector<int64_t> countsOf(std::span<const uint8_t> parts, size_t splits);

}  // namespace nncc::data

#endif  // NNCC_DATA_READERTABLE_H
