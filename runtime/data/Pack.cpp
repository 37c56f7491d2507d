#include "data/Pack.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "data/PackFormat.h"
#include "data/Parallel.h"
#include "error.h"

namespace nncc::data {

using namespace pack;
using Json = nlohmann::json;

namespace {

constexpr int64_t mostHeaderBytes = int64_t{1} << 30;

class Mapping {
 public:
  explicit Mapping(const std::filesystem::path &path) {
    int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info {};
    if (file < 0 || fstat(file, &info)) {
      if (file >= 0) ::close(file);
      throw UserError(path.string() + ": can't open the pack");
    }
    bytes = info.st_size;
    void *memory = bytes ? mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    ::close(file);
    if (memory == MAP_FAILED) throw UserError(path.string() + ": can't map the pack into memory");
    data = static_cast<std::byte *>(memory);
  }
  ~Mapping() { munmap(data, bytes); }
  Mapping(const Mapping &) = delete;
  Mapping &operator=(const Mapping &) = delete;

  std::byte *data;
  int64_t bytes;
};

}  // namespace

bool isPack(const std::filesystem::path &dataDir) {
  std::error_code error;
  return std::filesystem::is_regular_file(dataDir, error);
}

std::filesystem::path folderOf(const std::filesystem::path &dataDir) {
  return isPack(dataDir) ? dataDir.parent_path() : dataDir;
}

struct Pack::State {
  explicit State(std::filesystem::path given) : path(std::move(given)), file(std::make_shared<Mapping>(path)) {
    Prologue start;
    if (file->bytes < static_cast<int64_t>(sizeof start)) refuse("it is too short");
    std::memcpy(&start, file->data, sizeof start);
    if (std::memcmp(start.magic, magic, sizeof magic)) {
      throw UserError(path.string() +
                      ": is no pack; expected the data folder, or a file that `nncc data pack` wrote");
    }
    if (start.zero) refuse("its first bytes are altered");
    if (start.version != version)
      refuse("it has version " + std::to_string(start.version) + ", expected " + std::to_string(version));
    if (start.headerBytes > static_cast<uint64_t>(mostHeaderBytes) ||
        static_cast<int64_t>(sizeof start + start.headerBytes) > file->bytes)
      refuse("it is cut short");
    const std::byte *text = file->data + sizeof start;
    if (checksum(text, start.headerBytes) != start.headerChecksum) refuse("its header is altered");
    auto *begin = reinterpret_cast<const char *>(text);
    header = Json::parse(begin, begin + start.headerBytes, nullptr, /*allow_exceptions=*/false);
    if (!header.is_array()) refuse("its header is none");
  }

  [[noreturn]] void refuse(const std::string &what) const {
    throw UserError(path.string() + ": the pack can't be used: " + what + "; make it again with `nncc data pack`");
  }

  const Json &find(const NnccComponent &reader, std::span<const Split> splits) const {
    std::string wanted = readerText(reader), others;
    const Json *same = nullptr;
    for (const Json &reading : header) {
      if (reading.at("reader") == wanted && reading.at("splits") == splitsText(splits)) return reading;
      if (reading.at("reader") == wanted) same = &reading;
      others += (others.empty() ? "" : ", ") + reading.at("reader").get<std::string>();
    }
    if (same) refuse("the model takes its parts in another way than when it was packed");
    refuse("the model reads " + wanted + ", but packed is " + others);
  }

  // A checked block's bytes.
  std::byte *block(const Json &place, int64_t bytes) const {
    int64_t offset = place.at("offset").get<int64_t>();
    int64_t all = aligned(bytes);
    if (place.at("bytes").get<int64_t>() != bytes || offset < 0 || offset > file->bytes - all)
      refuse("it is cut short");
    std::vector<uint64_t> sums((all + partBytes - 1) / partBytes);
    int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    parallelFor(std::ssize(sums), threads,
                [&] {
                  return [&](int64_t i) {
                    int64_t begin = i * partBytes;
                    sums[i] = checksum(file->data + offset + begin, std::min(partBytes, all - begin));
                  };
                },
                {});
    if (checksum(sums.data(), sums.size() * sizeof(uint64_t)) != place.at("checksum").get<uint64_t>())
      refuse("its bytes are altered");
    return file->data + offset;
  }

  std::filesystem::path path;
  std::shared_ptr<Mapping> file;
  Json header;
};

Pack::Pack(std::filesystem::path path) : state(std::make_shared<const State>(std::move(path))) {}

std::vector<int64_t> Pack::counts(const NnccComponent &reader, const ReadContext &context) const {
  return state->find(reader, context.splits).at("counts").get<std::vector<int64_t>>();
}

PartedDataset Pack::open(const NnccComponent &reader, std::span<const NnccTensor> columns,
                         const ReadContext &context) const {
  const Json &reading = state->find(reader, context.splits);
  std::string packed = reading.at("columns");
  if (packed != columnsText(columns))
    state->refuse("the model's samples are " + columnsText(columns) + ", but packed are " + packed);
  std::string preprocessing = reading.at("preprocessing");
  if (!context.preprocessing.empty() && context.preprocessing != preprocessing)
    state->refuse("its columns were prepared by another training part than that of these weights");
  int64_t samples = reading.at("samples").get<int64_t>();
  std::vector<std::shared_ptr<std::byte[]>> blocks;
  for (size_t i = 0; i < columns.size(); ++i)
    blocks.emplace_back(state->file, state->block(reading.at("blocks").at(i), sampleBytes(columns[i]) * samples));
  PartedDataset result{Dataset(reading.at("source"), columns, samples, std::move(blocks)), {}};
  result.dataset.setClassNames(reading.at("classes"));
  result.dataset.setPreprocessing(std::move(preprocessing));
  result.dataset.setTargetUnits({reading.at("units").at(0), reading.at("units").at(1), reading.at("units").at(2)});
  auto numbers = [&]<typename Number>(const char *key, std::vector<Number> &to) {
    const Json &place = reading.at(key);
    if (place.is_null()) return;
    to.resize(samples);
    std::memcpy(to.data(), state->block(place, samples * static_cast<int64_t>(sizeof(Number))),
                samples * sizeof(Number));
  };
  numbers("parts", result.parts);
  std::vector<uint32_t> lines;
  numbers("lines", lines);
  if (!lines.empty()) result.dataset.setLines(std::move(lines));
  if (const Json &place = reading.at("files"); !place.is_null()) {
    int64_t bytes = place.at("bytes").get<int64_t>();
    std::string_view rest(reinterpret_cast<const char *>(state->block(place, bytes)), bytes);
    FileNames files;
    files.reserve(samples, bytes);
    std::string folder;
    int number = -1;
    for (int64_t i = 0; i < samples; ++i) {
      size_t end = std::min(rest.find('\0'), rest.size());
      std::string_view name = rest.substr(0, end);
      size_t slash = name.rfind('/');
      if (slash == std::string_view::npos) state->refuse("its file names are none");
      if (number < 0 || name.substr(0, slash) != folder) {
        folder = name.substr(0, slash);
        number = files.addFolder(folder);
      }
      files.add(number, name.substr(slash + 1));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    result.dataset.setFileNames(std::move(files));
  }
  return result;
}

}  // namespace nncc::data
