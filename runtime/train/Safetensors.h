// The safetensors file format, any dtype: eight bytes of header length (little endian), a
// JSON header {"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__":
// {text: text}}, then the tensors' bytes without holes.
//
// A file is checked whole before anything of it is used: lengths, offsets, overlaps, holes,
// byte counts, duplicate names. Whatever is wrong is a UserError naming the file.
#ifndef NNCC_TRAIN_SAFETENSORS_H
#define NNCC_TRAIN_SAFETENSORS_H

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi.h"

namespace nncc::train {

using Metadata = std::map<std::string, std::string>;

// "F32", "F64", ...; null for a type that the format lacks.
const char *dtypeOf(int32_t elementType);

struct StoredTensor {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  int64_t begin, end;  // bytes of the file's data
};

class SafetensorsFile {
 public:
  explicit SafetensorsFile(std::filesystem::path path);
  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile &) = delete;
  SafetensorsFile &operator=(const SafetensorsFile &) = delete;

  const std::filesystem::path &path() const { return filePath; }
  const Metadata &metadata() const { return texts; }
  const std::vector<StoredTensor> &tensors() const { return stored; }  // in order of offsets
  const StoredTensor *find(std::string_view name) const;
  void read(const StoredTensor &tensor, void *destination) const;

  // The header's bytes as they are in the file, and all data in pieces.
  const std::string &header() const { return headerText; }
  void readAll(const std::function<void(const void *data, size_t bytes)> &piece) const;

 private:
  void parse();
  void readAt(int64_t offset, void *destination, int64_t bytes) const;
  [[noreturn]] void damaged(const std::string &how) const;

  std::filesystem::path filePath;
  int file = -1;
  int64_t dataStart = 0, dataBytes = 0;
  std::string headerText;
  Metadata texts;
  std::vector<StoredTensor> stored;
};

// A tensor to be written.
struct TensorView {
  std::string name;
  int32_t type;  // NnccElementType
  std::span<const int64_t> shape;
  const void *data;
  int64_t bytes;
};

TensorView view(const NnccTensor &tensor, const void *data);

// The eight length bytes and the header of a file that holds these tensors in this order. The
// header is padded so that the data start at a multiple of eight.
std::string safetensorsHeader(std::span<const TensorView> tensors, const Metadata &metadata);

// Replaces the file atomically.
void writeSafetensors(const std::filesystem::path &path, std::span<const TensorView> tensors,
                      const Metadata &metadata);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_SAFETENSORS_H
