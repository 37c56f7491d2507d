// cifar10_binary: CIFAR-10's binary version. A record is one byte of label and 3072 bytes of
// pixels, 32 x 32, all red, then all green, then all blue; a file is a row of records.
//
//   path: one .bin file, a folder, or files of a folder by a pattern of * and ? in the last
//         part of the path (cifar-10-batches-bin/data_batch_*.bin), relative to the data folder
//   files: the pattern of a folder's files on its own, by default *.bin
//
// Files are read by name in byte order. A folder with both training and test batches wants a
// pattern: nobody should train on the test set by accident. Class names come from
// batches.meta.txt beside the files, else they are the digits.
#include <fnmatch.h>

#include <array>
#include <optional>
#include <utility>

#include "data/InputFile.h"
#include "data/Labels.h"
#include "data/Parallel.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

namespace {

constexpr int64_t pixels = 32 * 32, recordBytes = 1 + 3 * pixels, classCount = 10;

struct Batch {
  std::filesystem::path path;
  InputFile file;
  int64_t firstSample;
};

struct Listing {
  std::filesystem::path path, folder;
  std::vector<Batch> batches;
  int64_t samples = 0;
};

bool anyStartsWith(const std::vector<std::string> &names, std::string_view prefix) {
  for (const std::string &name : names)
    if (name.starts_with(prefix)) return true;
  return false;
}

std::vector<std::string> chosenFiles(const std::filesystem::path &folder,
                                     const std::string &pattern) {
  std::vector<std::string> names;
  for (const FolderEntry &entry : listFolder(folder))
    if (entry.kind == FolderEntry::File &&
        fnmatch(pattern.empty() ? "*.bin" : pattern.c_str(), entry.name.c_str(), 0) == 0)
      names.push_back(entry.name);
  if (names.empty())
    throw UserError(folder.string() + ": no file in it matches " +
                    (pattern.empty() ? "*.bin" : pattern) +
                    "; cifar10_binary expects CIFAR-10's .bin files");
  if (pattern.empty() && anyStartsWith(names, "data_batch") && anyStartsWith(names, "test_batch"))
    throw UserError(folder.string() + ": holds training and test batches; say in the path which "
                                      "are meant: " +
                    (folder.filename() / "data_batch_*.bin").string() +
                    " or " + (folder.filename() / "test_batch.bin").string());
  return names;
}

Listing list(const ReaderInput &input) {
  requireFractions(input.context.splits, cifar10BinaryReader.kind);
  Listing listing;
  listing.path = listing.folder = input.path();
  std::vector<std::string> names;
  if (std::filesystem::is_regular_file(listing.path)) {
    listing.folder = listing.path.parent_path();
    names.push_back(listing.path.filename().string());
  } else {
    std::string pattern = input.option("files");
    // A path that is there is meant as it stands, whatever characters it has.
    if (listing.path.filename().string().find_first_of("*?") != std::string::npos &&
        !std::filesystem::exists(listing.path)) {
      pattern = listing.path.filename().string();
      listing.folder = listing.path.parent_path();
    }
    names = chosenFiles(listing.folder, pattern);
  }
  for (const std::string &name : names) {
    std::filesystem::path path = listing.folder / name;
    InputFile file(path);
    if (file.size() == 0 || file.size() % recordBytes)
      throw UserError(path.string() + ": " + std::to_string(file.size()) +
                      " bytes are no whole number of CIFAR-10 records of " +
                      std::to_string(recordBytes) + " bytes; the file is cut short or of another "
                      "format: fetch it again");
    int64_t records = file.size() / recordBytes;
    listing.batches.push_back({std::move(path), std::move(file), listing.samples});
    listing.samples += records;
  }
  return listing;
}

std::vector<std::string> classNames(const std::filesystem::path &folder) {
  std::vector<std::string> names;
  std::filesystem::path path = folder / "batches.meta.txt";
  if (!std::filesystem::exists(path)) {
    for (int64_t i = 0; i < classCount; ++i) names.push_back(std::to_string(i));
    return names;
  }
  InputFile file(path);
  if (file.size() > 4096)
    throw UserError(path.string() + ": too long for a list of " + std::to_string(classCount) +
                    " class names");
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string name = text.substr(begin, end - begin);
    if (name.ends_with('\r')) name.pop_back();
    if (!name.empty()) names.push_back(std::move(name));
    begin = end + 1;
  }
  if (static_cast<int64_t>(names.size()) != classCount)
    throw UserError(path.string() + ": found " + std::to_string(names.size()) +
                    " class names, expected " + std::to_string(classCount) + ", one a line");
  return names;
}

void interleave(const std::byte *planes, std::byte *to) {
  const std::byte *red = planes, *green = planes + pixels, *blue = planes + 2 * pixels;
  for (int64_t i = 0; i < pixels; ++i) {
    to[3 * i] = red[i];
    to[3 * i + 1] = green[i];
    to[3 * i + 2] = blue[i];
  }
}

struct Record {
  std::array<std::byte, recordBytes> bytes;
  int32_t label;
};

Record readRecord(const Listing &listing, int64_t i) {
  size_t number = listing.batches.size() - 1;
  while (listing.batches[number].firstSample > i) --number;
  const Batch &batch = listing.batches[number];
  int64_t record = i - batch.firstSample;
  Record found;
  batch.file.read(record * recordBytes, found.bytes);
  found.label = std::to_integer<int32_t>(found.bytes[0]);
  if (found.label >= classCount)
    throw UserError(batch.path.string() + ": record " + std::to_string(record) + " has label " +
                    std::to_string(found.label) + ", expected 0 to " + std::to_string(classCount - 1) +
                    "; the file is damaged or of another format");
  return found;
}

// By the pixels: a picture that is there twice stays on one side.
uint8_t partOf(const Record &record, const ReaderInput &input) {
  auto *pixels = reinterpret_cast<const char *>(record.bytes.data()) + 1;
  return static_cast<uint8_t>(
      partByHash(input.context.splits, hashNumber({pixels, record.bytes.size() - 1})));
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int threads,
             const ReadProgress &progress) {
  requireImageColumns(cifar10BinaryReader.kind, columns);
  Listing listing = list(input);
  const NnccTensor &image = columns[0];
  if (image.rank != 3 || image.shape[0] != 32 || image.shape[1] != 32 || image.shape[2] != 3)
    throw UserError(listing.path.string() + ": CIFAR-10's images are [32, 32, 3], but the model's "
                    "input '" + image.name + "' is " + shapeText(image) +
                    "; change the model's input shape");
  Dataset dataset(listing.path.string(), columns, listing.samples);
  dataset.setClassNames(classNames(listing.folder));
  std::optional<LabelWriter> labels;
  if (columns.size() > 1) labels.emplace(columns[1], classCount, cifar10BinaryReader.kind);
  std::vector<uint8_t> parts(input.context.splits.empty() ? 0 : dataset.size());
  auto makeBody = [&] {
    return [&](int64_t i) {
      Record record = readRecord(listing, i);
      interleave(record.bytes.data() + 1, dataset.sample(0, i));
      if (labels) labels->write(dataset.sample(1, i), record.label);
      if (!parts.empty()) parts[i] = partOf(record, input);
    };
  };
  parallelFor(dataset.size(), threads, makeBody, progress);
  return {std::move(dataset), std::move(parts)};
}

std::vector<int64_t> count(const ReaderInput &input) {
  Listing listing = list(input);
  if (input.context.splits.empty()) return {listing.samples};
  std::vector<int64_t> counts(input.context.splits.size() + 1);
  for (int64_t i = 0; i < listing.samples; ++i) ++counts[partOf(readRecord(listing, i), input)];
  return counts;
}

}  // namespace

const ReaderEntry cifar10BinaryReader = {"cifar10_binary", open, count};

}  // namespace nncc::data
