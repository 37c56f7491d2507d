// A file's bytes from first to last, unpacked where they are compressed, in a buffer of fixed
// size: what is read goes where it is needed and nowhere else.
#ifndef NNCC_DATA_BYTESTREAM_H
#define NNCC_DATA_BYTESTREAM_H

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "data/InputFile.h"

namespace nncc::data {

class ByteStream {
 public:
  enum Packing { Plain, Gzip, Deflate };

  // A whole file, gzip (recognised by content) or not.
  explicit ByteStream(const std::filesystem::path &path);
  // Part of a file; `name` stands for it in messages.
  ByteStream(InputFile file, std::string name, int64_t offset, int64_t bytes, Packing packing);
  ~ByteStream();
  ByteStream(ByteStream &&) noexcept;

  const std::string &name() const { return streamName; }
  // Fills `to`, or as much of it as there is, and returns how much that was. Throws UserError if
  // compressed data are damaged or cut short.
  size_t read(std::span<std::byte> to);
  // Bytes not read yet; -1 if they are compressed.
  int64_t remaining() const { return packing == Plain ? left : -1; }

 private:
  struct Unpacker;
  size_t readFile(std::span<std::byte> to);
  size_t unpack(std::span<std::byte> to);
  void begin();

  InputFile file;
  std::string streamName;
  int64_t offset, left;
  Packing packing;
  std::unique_ptr<Unpacker> unpacker;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_BYTESTREAM_H
