// idx: MNIST's file format. A header of big-endian numbers: two zeros, the type, how many
// dimensions, each as 32 bits; then the values.
//
//   images, labels: files relative to the data folder, gzip or not; labels may be a CSV file instead,
//                   see LabelTable.h
//
// Splits go by a sample's bytes: an image that is there twice stays on one side.
#include <array>
#include <utility>

#include "data/LabelTable.h"
#include "data/NumberArray.h"
#include "error.h"

namespace nncc::data {

namespace {

NumberType typeOf(int code, const std::string &name) {
  switch (code) {
    case 0x08: return NumberType::U8;
    case 0x09: return NumberType::I8;
    case 0x0B: return NumberType::I16;
    case 0x0C: return NumberType::I32;
    case 0x0D: return NumberType::F32;
    case 0x0E: return NumberType::F64;
  }
  throw UserError(name + ": its type is number " + std::to_string(code) +
                  ", which IDX doesn't know; the file is damaged or of another format");
}

NumberArray openArray(const std::filesystem::path &path) {
  ByteStream stream(path);
  auto bytes = [&]<size_t n>(std::array<std::byte, n> &to) {
    if (stream.read(to) < n)
      throw UserError(stream.name() + ": the file ends in its header; fetch it again");
  };
  std::array<std::byte, 4> head;
  bytes(head);
  if (head[0] != std::byte{0} || head[1] != std::byte{0})
    throw UserError(stream.name() + ": no IDX file: its first bytes are not zero; expected a file "
                                    "such as train-images-idx3-ubyte, .gz or not");
  NumberType type = typeOf(std::to_integer<int>(head[2]), stream.name());
  std::vector<int64_t> shape;
  for (int rank = std::to_integer<int>(head[3]); rank-- > 0;) {
    bytes(head);
    int64_t size = 0;
    for (std::byte byte : head) size = size << 8 | std::to_integer<int64_t>(byte);
    shape.push_back(size);
  }
  NumberArray array{std::move(stream), type, true, std::move(shape)};
  array.check();
  return array;
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int,
                   const ReadProgress &progress) {
  std::optional<NumberArray> labels;
  NumberArray images = openArray(input.path("images"));
  if (columns.size() > 1 && !input.option("labels").empty() && !LabelTable::isIn(input))
    labels.emplace(openArray(input.path("labels")));
  return readArrays("idx", std::move(images), std::move(labels), input, columns, progress);
}

std::vector<int64_t> count(const ReaderInput &input) {
  return countArrays("idx", openArray(input.path("images")), input);
}

}  // namespace

const ReaderEntry idxReader = {"idx", open, count};

}  // namespace nncc::data
