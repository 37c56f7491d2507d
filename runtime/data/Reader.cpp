#include "data/Reader.h"

#include <algorithm>

#include "data/Findings.h"
#include "data/ImageFile.h"
#include "data/Indices.h"
#include "data/Pairs.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

namespace {

const ReaderEntry *const readers[] = {
    &cifar10BinaryReader, &csvReader,  &frameFolderReader, &idxReader,    &imageFolderReader,
    &npyReader,           &npzReader, &pairsReader,       &sequenceCsvReader, &seriesReader,
    &tsReader,
};

const ReaderEntry &find(const NnccComponent &component) {
  if (!component.kind) throw UserError("the model's `data` section names no reader for this part");
  std::string known;
  for (const ReaderEntry *reader : readers) {
    if (std::string_view(component.kind) == reader->kind) return *reader;
    known += (known.empty() ? "" : ", ") + std::string(reader->kind);
  }
  throw UserError("unknown reader '" + std::string(component.kind) + "'; there are: " + known);
}

}  // namespace

// Readers that know more of a number's place (csv) have looked already.
static void requireIndices(const Dataset &dataset, const NnccTensor &input, std::span<const int64_t> limits) {
  for (int64_t i = 0; !limits.empty() && i < dataset.size(); ++i) {
    std::string file = dataset.fileName(i);
    requireIndices(limits, input, dataset.sample(0, i),
                   file.empty() ? dataset.source() + ": sample " + std::to_string(i) + " (from 0)" : file);
  }
}

static PartedDataset without(std::vector<uint32_t> unreadable, PartedDataset parted) {
  if (unreadable.empty()) return parted;
  std::vector<uint32_t> readable;
  std::vector<uint8_t> parts;
  for (uint32_t i = 0; i < parted.dataset.size(); ++i) {
    if (std::ranges::binary_search(unreadable, i)) continue;
    readable.push_back(i);
    if (!parted.parts.empty()) parts.push_back(parted.parts[i]);
  }
  return {parted.dataset.subset(std::move(readable)), std::move(parts)};
}

// What most readers give has one length.
static void requireLengths(const ReaderEntry &reader, std::span<const NnccTensor> columns) {
  for (const NnccTensor &column : columns)
    if (isLengths(column) && !reader.lengths)
      throw UserError(std::string(reader.kind) + ": its samples have no lengths, which the model's "
                      "input '" + std::string(column.name) + "' asks for; leave `lengths: true` out, or "
                      "name another reader");
}

std::string ReaderInput::option(const char *key) const {
  for (int32_t i = 0; i < reader.num_options; ++i)
    if (std::string_view(reader.options[i].key) == key) return reader.options[i].text;
  return {};
}

std::vector<std::string> ReaderInput::items(const char *key) const {
  return listItems(option(key));
}

std::filesystem::path ReaderInput::path(const char *key) const {
  std::string text = option(key);
  if (text.empty())
    throw UserError(std::string(reader.kind) + ": the option `" + key +
                    "` is missing in the model's `data` section");
  std::filesystem::path path = (dataDir / text).lexically_normal();
  return path.has_filename() ? path : path.parent_path();  // "train/" is "train"
}

char ReaderInput::separator() const {
  std::string text = option("separator");
  if (text.empty()) return ',';
  if (text == "tab" || text == "\\t") return '\t';
  if (text == "space") return ' ';
  if (text.size() != 1 || text == "\"" || text == "\n" || text == "\r")
    throw UserError(std::string(reader.kind) + ": the separator is " + inQuotes(text) +
                    "; expected one character that is no quote, tab or space");
  return text[0];
}

void requireImageColumns(const char *reader, std::span<const NnccTensor> columns) {
  std::string name = reader;
  if (columns.empty() || columns.size() > 2)
    throw UserError(name + " gives an image and its class, but the model has " +
                    std::to_string(columns.size()) + " inputs and targets");
  const NnccTensor &image = columns[0];
  bool shape = (image.rank == 3 && (image.shape[2] == 1 || image.shape[2] == 3)) || image.rank == 2;
  if (image.type != NNCC_U8 || !shape)
    throw UserError(name + " gives images of bytes, u8 [height, width, 1 or 3], but the model's "
                           "input '" + image.name + "' is " + typeName(image.type) + " " +
                    shapeText(image));
}

const char *typeName(int32_t type) {
  static const char *const names[] = {"u8", "i32", "i64", "f32", "f64"};
  return names[type];
}

std::string inQuotes(std::string_view text) {
  constexpr size_t longest = 60;
  return "'" + std::string(text.substr(0, longest)) + (text.size() > longest ? "...'" : "'");
}

std::vector<std::string> listItems(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    size_t length = std::min(text.find(NNCC_LIST_SEPARATOR), text.size());
    items.emplace_back(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return items;
}

std::vector<int> groupColumns(std::span<const Split> splits, std::span<const std::string> known,
                              const std::string &reader) {
  requireNoTime(splits, reader.c_str());
  std::vector<int> columns;
  for (const Split &split : splits) {
    auto found = std::ranges::find(known, split.column);
    columns.push_back(split.column.empty() ? -1 : static_cast<int>(found - known.begin()));
    if (!split.column.empty() && found == known.end()) {
      std::string list;
      for (const std::string &name : known) list += (list.empty() ? "" : ", ") + name;
      throw UserError(reader + ": no column '" + split.column + "' to take a part of the samples by; "
                      "there " + (known.empty() ? "are none" : "are: " + list));
    }
  }
  return columns;
}

ColumnRoles rolesOf(const char *reader, std::span<const NnccTensor> columns) {
  ColumnRoles roles;
  size_t next = 1;
  if (next < columns.size() && isLengths(columns[next])) roles.lengths = static_cast<int>(next++);
  if (next < columns.size()) roles.target = static_cast<int>(next++);
  if (columns.empty() || next < columns.size())
    throw UserError(std::string(reader) + " gives one input and one target, but the model has " +
                    std::to_string(columns.size() - (roles.lengths > 0)) + " inputs and targets");
  return roles;
}

std::vector<int64_t> countsOf(std::span<const uint8_t> parts, size_t splits) {
  std::vector<int64_t> counts(splits + 1);
  for (uint8_t part : parts) ++counts[part];
  return counts;
}

std::vector<uint32_t> PartedDataset::samplesOf(int part) const {
  std::vector<uint32_t> samples;
  samples.reserve(std::count(parts.begin(), parts.end(), part));
  for (size_t i = 0; i < parts.size(); ++i)
    if (parts[i] == part) samples.push_back(static_cast<uint32_t>(i));
  return samples;
}

bool isFitted(const NnccComponent &reader) { return reader.kind && find(reader).fitted; }

PartedDataset openParts(const NnccComponent &reader, const std::filesystem::path &dataDir,
                        std::span<const NnccTensor> columns, int threads,
                        const ReadProgress &progress, const ReadContext &context) {
  requireLengths(find(reader), columns);
  PartedDataset parted = find(reader).open({reader, dataDir, context}, columns, threads, progress);
  if (context.findings) parted = without(context.findings->takeUnreadable(), std::move(parted));
  requireIndices(parted.dataset, columns[0], context.limits);
  return parted;
}

Dataset openDataset(const NnccComponent &reader, const std::filesystem::path &dataDir,
                    std::span<const NnccTensor> columns, int threads,
                    const ReadProgress &progress) {
  return openParts(reader, dataDir, columns, threads, progress, {}).dataset;
}

std::vector<int64_t> countParts(const NnccComponent &reader, const std::filesystem::path &dataDir,
                                const ReadContext &context) {
  return find(reader).count({reader, dataDir, context});
}

int64_t countSamples(const NnccComponent &reader, const std::filesystem::path &dataDir) {
  return countParts(reader, dataDir, {}).front();
}

std::vector<std::byte> decodeImage(const std::filesystem::path &file, const NnccTensor &input,
                                   const NnccComponent &reader) {
  requireImageColumns("predict", {&input, 1});
  std::vector<std::byte> image(sampleBytes(input));
  const SampleReader inner(reader);
  const ReaderInput options{inner, {}, {}};
  Resizing resizing = resizingOf(options);
  resizing.offered = !options.option("resize").empty();
  ImageDecoder(input, resizing).decode(file, image.data());
  return image;
}

bool readsTables(const NnccComponent &reader) { return reader.kind && find(reader).inputs; }

Dataset readInputs(const NnccComponent &reader, const std::filesystem::path &file,
                   std::span<const NnccTensor> inputs, const ReadContext &context) {
  requireLengths(find(reader), inputs);
  Dataset dataset = find(reader).inputs({reader, {}, context}, file, inputs);
  requireIndices(dataset, inputs[0], context.limits);
  return dataset;
}

Dataset::Units targetUnits(const NnccComponent &reader, const std::string &preprocessing) {
  if (!reader.kind || !find(reader).units || preprocessing.empty()) return {};
  return find(reader).units(preprocessing);
}

}  // namespace nncc::data
