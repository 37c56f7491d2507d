#include "train/Safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "error.h"
#include "report/AtomicFile.h"
#include "train/Block.h"

namespace nncc::train {

namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kLengthBytes = 8;
constexpr int64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr const char *kMetadataKey = "__metadata__";

struct Dtype {
  std::string_view name;
  int64_t bytes;
};
constexpr Dtype kDtypes[] = {{"BOOL", 1}, {"U8", 1},      {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1},
                             {"I16", 2},  {"U16", 2},     {"F16", 2}, {"BF16", 2},    {"I32", 4},
                             {"U32", 4},  {"F32", 4},     {"F64", 8}, {"I64", 8},     {"U64", 8}};

// Refuses what nlohmann's parser would let pass: two equal keys, and nesting deeper than the
// format has.
struct HeaderRules {
  std::vector<std::set<std::string>> keys;

  bool operator()(int depth, Json::parse_event_t event, Json &value) {
    constexpr int kMaxDepth = 4;
    if (depth > kMaxDepth) throw std::invalid_argument("it is nested too deeply");
    switch (event) {
      case Json::parse_event_t::object_start:
        keys.emplace_back();
        break;
      case Json::parse_event_t::object_end:
        keys.pop_back();
        break;
      case Json::parse_event_t::key:
        if (!keys.back().insert(value.get<std::string>()).second)
          throw std::invalid_argument("it has '" + value.get<std::string>() + "' twice");
        break;
      default:
        break;
    }
    return true;
  }
};

std::vector<int64_t> sizes(const Json &list) {
  std::vector<int64_t> numbers;
  if (!list.is_array()) throw std::invalid_argument("expected a list of sizes");
  for (const Json &item : list) {
    if (!item.is_number_unsigned() ||
        item.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
      throw std::invalid_argument("expected a size, a whole number that is not negative");
    numbers.push_back(item.get<int64_t>());
  }
  return numbers;
}

StoredTensor parseTensor(const std::string &name, const Json &json) {
  if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets") || json.size() != 3 || !json["dtype"].is_string())
    throw std::invalid_argument("expected dtype, shape and data_offsets");
  StoredTensor tensor{name, json["dtype"].get<std::string>(), sizes(json["shape"]), 0, 0};
  std::vector<int64_t> offsets = sizes(json["data_offsets"]);
  if (offsets.size() != 2 || offsets[0] > offsets[1])
    throw std::invalid_argument("expected data_offsets [begin, end]");
  tensor.begin = offsets[0];
  tensor.end = offsets[1];

  auto dtype = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                            [&](const Dtype &d) { return d.name == tensor.dtype; });
  if (dtype == std::end(kDtypes))
    throw std::invalid_argument("unknown dtype '" + tensor.dtype + "'");
  int64_t expected = dtype->bytes;
  for (int64_t size : tensor.shape)
    if (__builtin_mul_overflow(expected, size, &expected))
      throw std::invalid_argument("its shape is impossibly large");
  if (expected != tensor.end - tensor.begin)
    throw std::invalid_argument("its shape and dtype make " + std::to_string(expected) +
                                " bytes, but its data_offsets hold " +
                                std::to_string(tensor.end - tensor.begin));
  return tensor;
}

std::string systemError() { return std::strerror(errno); }

}  // namespace

const char *dtypeOf(int32_t elementType) {
  switch (elementType) {
    case NNCC_U8: return "U8";
    case NNCC_I32: return "I32";
    case NNCC_I64: return "I64";
    case NNCC_F32: return "F32";
    case NNCC_F64: return "F64";
    default: return nullptr;
  }
}

SafetensorsFile::SafetensorsFile(std::filesystem::path path) : filePath(std::move(path)) {
  file = ::open(filePath.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw UserError("cannot open '" + filePath.string() + "': " + systemError());
  try {
    parse();
  } catch (...) {
    ::close(file);
    throw;
  }
}

SafetensorsFile::~SafetensorsFile() { ::close(file); }

void SafetensorsFile::damaged(const std::string &how) const {
  throw UserError("'" + filePath.string() + "' is no intact safetensors file: " + how);
}

void SafetensorsFile::parse() {
  struct stat status;
  if (::fstat(file, &status) != 0)
    throw UserError("cannot read '" + filePath.string() + "': " + systemError());
  if (!S_ISREG(status.st_mode))
    throw UserError("'" + filePath.string() + "' is not a file; expected safetensors");
  int64_t fileBytes = status.st_size;
  if (fileBytes < kLengthBytes)
    damaged("it has " + std::to_string(fileBytes) + " bytes, fewer than the smallest one");

  unsigned char lengthBytes[kLengthBytes];
  readAt(0, lengthBytes, kLengthBytes);
  uint64_t headerBytes = 0;
  for (int i = kLengthBytes - 1; i >= 0; --i) headerBytes = headerBytes << 8 | lengthBytes[i];
  if (headerBytes > static_cast<uint64_t>(std::min(kMaxHeaderBytes, fileBytes - kLengthBytes)))
    damaged("its first eight bytes give a header of " + std::to_string(headerBytes) +
            " bytes, but the file has " + std::to_string(fileBytes));
  headerText.resize(headerBytes);
  readAt(kLengthBytes, headerText.data(), static_cast<int64_t>(headerBytes));
  dataStart = kLengthBytes + static_cast<int64_t>(headerBytes);
  dataBytes = fileBytes - dataStart;

  Json json;
  try {
    if (!headerText.starts_with('{')) throw std::invalid_argument("it does not begin with '{'");
    json = Json::parse(headerText, HeaderRules{});
  } catch (const std::exception &error) {
    damaged(std::string("its header is not the JSON expected: ") + error.what());
  }
  for (const auto &[name, value] : json.items()) {
    try {
      if (name != kMetadataKey) {
        stored.push_back(parseTensor(name, value));
        continue;
      }
      if (!value.is_object()) throw std::invalid_argument("expected texts");
      for (const auto &[key, text] : value.items()) {
        if (!text.is_string()) throw std::invalid_argument("'" + key + "' is not a text");
        texts[key] = text.get<std::string>();
      }
    } catch (const std::exception &error) {
      damaged("entry '" + name + "': " + error.what());
    }
  }

  std::stable_sort(stored.begin(), stored.end(), [](const StoredTensor &a, const StoredTensor &b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  int64_t end = 0;
  for (const StoredTensor &tensor : stored) {
    if (tensor.begin != end)
      damaged("tensor '" + tensor.name + "' starts at byte " + std::to_string(tensor.begin) +
              " of the data, where " + std::to_string(end) + " was expected" +
              (tensor.begin < end ? ": tensors overlap" : ": there is a hole"));
    end = tensor.end;
  }
  if (end != dataBytes)
    damaged("its tensors need " + std::to_string(end) + " bytes, but " +
            std::to_string(dataBytes) + " follow the header" +
            (end > dataBytes ? "; it may be cut off" : ""));
}

const StoredTensor *SafetensorsFile::find(std::string_view name) const {
  for (const StoredTensor &tensor : stored)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

void SafetensorsFile::readAt(int64_t offset, void *destination, int64_t bytes) const {
  for (int64_t done = 0; done < bytes;) {
    ssize_t got = ::pread(file, static_cast<char *>(destination) + done,
                          static_cast<size_t>(bytes - done), offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw UserError("cannot read '" + filePath.string() + "': " + systemError());
    if (got == 0) damaged("it became shorter while it was read");
    done += got;
  }
}

void SafetensorsFile::read(const StoredTensor &tensor, void *destination) const {
  readAt(dataStart + tensor.begin, destination, tensor.end - tensor.begin);
}

void SafetensorsFile::readAll(
    const std::function<void(const void *data, size_t bytes)> &piece) const {
  std::vector<char> buffer(std::min<int64_t>(dataBytes, 1 << 20));
  for (int64_t offset = 0; offset < dataBytes;) {
    int64_t bytes = std::min<int64_t>(dataBytes - offset, static_cast<int64_t>(buffer.size()));
    readAt(dataStart + offset, buffer.data(), bytes);
    piece(buffer.data(), static_cast<size_t>(bytes));
    offset += bytes;
  }
}

TensorView view(const NnccTensor &tensor, const void *data) {
  return {tensor.name, tensor.type, {tensor.shape, static_cast<size_t>(tensor.rank)}, data,
          bytes(tensor)};
}

std::string safetensorsHeader(std::span<const TensorView> tensors, const Metadata &metadata) {
  Json json = Json::object();
  if (!metadata.empty()) json[kMetadataKey] = metadata;
  int64_t offset = 0;
  for (const TensorView &tensor : tensors) {
    json[tensor.name] = {{"dtype", dtypeOf(tensor.type)},
                         {"shape", std::vector<int64_t>(tensor.shape.begin(), tensor.shape.end())},
                         {"data_offsets", {offset, offset + tensor.bytes}}};
    offset += tensor.bytes;
  }
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string header;
  for (int i = 0; i < kLengthBytes; ++i)
    header += static_cast<char>(static_cast<uint64_t>(text.size()) >> (8 * i));
  return header + text;
}

void writeSafetensors(const std::filesystem::path &path, std::span<const TensorView> tensors,
                      const Metadata &metadata) {
  report::AtomicFile file(path);
  file.write(safetensorsHeader(tensors, metadata));
  for (const TensorView &tensor : tensors)
    file.write(tensor.data, static_cast<size_t>(tensor.bytes));
  file.commit();
}

}  // namespace nncc::train
