#include "data/Reader.h"

#include "data/ImageFile.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

namespace {

const ReaderEntry *const readers[] = {
    &cifar10BinaryReader,
    &imageFolderReader,
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

const char *const typeNames[] = {"u8", "i32", "i64", "f32", "f64"};

}  // namespace

std::string ReaderInput::option(const char *key) const {
  for (int32_t i = 0; i < reader.num_options; ++i)
    if (std::string_view(reader.options[i].key) == key) return reader.options[i].text;
  return {};
}

std::filesystem::path ReaderInput::path() const {
  std::string text = option("path");
  if (text.empty())
    throw UserError(std::string(reader.kind) + ": the option `path` is missing in the model's "
                                               "`data` section");
  std::filesystem::path path = (dataDir / text).lexically_normal();
  return path.has_filename() ? path : path.parent_path();  // "train/" is "train"
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
                           "input '" + image.name + "' is " + typeNames[image.type] + " " +
                    shapeText(image));
  if (columns.size() == 2 && (columns[1].type != NNCC_I32 || columns[1].rank != 0))
    throw UserError(name + " gives class labels, i32 [], but the model's target '" +
                    columns[1].name + "' is " + typeNames[columns[1].type] + " " +
                    shapeText(columns[1]));
}

Dataset openDataset(const NnccComponent &reader, const std::filesystem::path &dataDir,
                    std::span<const NnccTensor> columns, int threads,
                    const ReadProgress &progress) {
  return find(reader).open({reader, dataDir}, columns, threads, progress);
}

int64_t countSamples(const NnccComponent &reader, const std::filesystem::path &dataDir) {
  return find(reader).count({reader, dataDir});
}

std::vector<std::byte> decodeImage(const std::filesystem::path &file, const NnccTensor &input) {
  requireImageColumns("predict", {&input, 1});
  std::vector<std::byte> image(sampleBytes(input));
  ImageDecoder(input).decode(file, image.data());
  return image;
}

}  // namespace nncc::data
