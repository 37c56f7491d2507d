#include "data/Pack.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "data/Pairs.h"
#include "data/Parallel.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

using Json = nlohmann::json;

namespace {

constexpr char magic[8] = {'N', 'N', 'C', 'C', 'P', 'A', 'C', 'K'};
constexpr uint32_t version = 1;
constexpr int64_t alignment = 4096, mostHeaderBytes = int64_t{1} << 30;

struct Prologue {
  char magic[8];
  uint32_t version, zero;
  uint64_t headerBytes, headerChecksum;
};
static_assert(sizeof(Prologue) == 32);

// Four lanes of multiplications, so that it runs at the speed of memory.
uint64_t checksum(const void *data, size_t bytes) {
  constexpr uint64_t factor = 0x9FB21C651E98DF25u;
  uint64_t lanes[4] = {1, 2, 3, 4};
  auto *from = static_cast<const std::byte *>(data);
  auto add = [&](const std::byte *block) {
    uint64_t words[4];
    std::memcpy(words, block, sizeof words);
    for (int i = 0; i < 4; ++i) {
      lanes[i] = (lanes[i] ^ words[i]) * factor;
      lanes[i] ^= lanes[i] >> 29;
    }
  };
  size_t whole = bytes / 32 * 32;
  for (size_t i = 0; i < whole; i += 32) add(from + i);
  std::byte rest[32] = {};
  std::memcpy(rest, from + whole, bytes - whole);
  add(rest);
  uint64_t sum = bytes;
  for (uint64_t lane : lanes) sum = (sum ^ lane) * factor ^ lane >> 32;
  return sum;
}

int64_t aligned(int64_t offset) { return (offset + alignment - 1) / alignment * alignment; }

std::string readerText(const NnccComponent &reader) {
  std::string text = std::string(reader.kind) + " {";
  for (int32_t i = 0; i < reader.num_options; ++i) {
    std::string value = reader.options[i].text;
    std::ranges::replace(value, *NNCC_LIST_SEPARATOR, ',');
    text += (i ? ", " : "") + std::string(reader.options[i].key) + ": " + value;
  }
  return text + "}";
}

std::string splitsText(std::span<const Split> splits) {
  std::string text;
  for (const Split &split : splits) {
    text += (text.empty() ? "" : "; ") + std::to_string(split.begin) + " to " + std::to_string(split.end) +
            ", column '" + split.column + "', fold " + std::to_string(split.fold) + " of " +
            std::to_string(split.folds) + ", last " + std::to_string(split.last);
    for (const std::string &value : split.values) text += ", '" + value + "'";
  }
  return text;
}

std::string columnsText(std::span<const NnccTensor> columns) {
  std::string text;
  for (const NnccTensor &column : columns)
    text +=
        (text.empty() ? "" : ", ") + std::string(column.name) + " " + typeName(column.type) + " " + shapeText(column);
  return text;
}

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
    constexpr int64_t piece = 1 << 20;
    std::vector<uint64_t> sums((all + piece - 1) / piece);
    int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    parallelFor(std::ssize(sums), threads,
                [&] {
                  return [&](int64_t i) {
                    sums[i] = checksum(file->data + offset + i * piece, std::min(piece, all - i * piece));
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

namespace {

// Lays blocks out one behind the other; they are written in the same order.
class Layout {
 public:
  // `samples` pieces, each from its own place.
  Json add(int64_t pieces, int64_t pieceBytes, std::function<const void *(int64_t)> at) {
    Json place = {{"offset", end}, {"bytes", pieces * pieceBytes}};
    blocks.push_back({end, pieces, pieceBytes, std::move(at)});
    end = aligned(end + pieces * pieceBytes);
    return place;
  }

  struct Block {
    int64_t offset, pieces, pieceBytes;
    std::function<const void *(int64_t)> at;

    // Hands out the bytes 1 MiB at a time, with those up to the next block.
    void forEachPart(const std::function<void(const void *, size_t)> &use) const {
      std::vector<std::byte> part;
      constexpr size_t most = 1 << 20;
      for (int64_t i = 0; i < pieces; ++i) {
        auto *from = static_cast<const std::byte *>(at(i));
        for (int64_t done = 0; done < pieceBytes;) {
          size_t take = std::min<size_t>(pieceBytes - done, most - part.size());
          part.insert(part.end(), from + done, from + done + take);
          done += static_cast<int64_t>(take);
          if (part.size() < most) continue;
          use(part.data(), part.size());
          part.clear();
        }
      }
      // Up to the next block; a whole part is a multiple of the alignment.
      part.resize(aligned(std::ssize(part)));
      if (!part.empty()) use(part.data(), part.size());
    }
    uint64_t sum() const {
      std::vector<uint64_t> sums;
      forEachPart([&](const void *data, size_t bytes) { sums.push_back(checksum(data, bytes)); });
      return checksum(sums.data(), sums.size() * sizeof(uint64_t));
    }
  };
  std::vector<Block> blocks;
  int64_t end = 0;
};

}  // namespace

void writePack(std::span<const Reading> readings, const std::function<void(const void *, size_t)> &write) {
  Layout layout;
  Json header = Json::array();
  std::vector<Json *> places;  // of the blocks, in order
  std::vector<std::string> names(readings.size());
  std::vector<std::vector<uint32_t>> lines(readings.size());
  for (size_t r = 0; r < readings.size(); ++r) {
    const Reading &reading = readings[r];
    const Dataset &set = reading.samples->dataset;
    for (int64_t i = 0; i < set.size(); ++i) {
      std::string file = set.fileName(i);
      if (!file.empty()) names[r].append(file).push_back('\0');
      if (set.line(i)) lines[r].push_back(static_cast<uint32_t>(set.line(i)));
    }
    bool parted = !reading.samples->parts.empty();
    std::vector<int64_t> counts =
        parted ? countsOf(reading.samples->parts, reading.splits.size()) : std::vector<int64_t>{set.size()};
    const Dataset::Units &units = set.targetUnits();
    Json entry = {{"reader", readerText(*reading.reader)},
                  {"splits", splitsText(reading.splits)},
                  {"columns", columnsText(reading.columns)},
                  {"source", set.source()},
                  {"samples", set.size()},
                  {"counts", counts},
                  {"classes", set.classNames()},
                  {"preprocessing", set.preprocessing()},
                  {"units", {units.scale, units.offset, units.name}},
                  {"blocks", Json::array()},
                  {"parts", nullptr},
                  {"lines", nullptr},
                  {"files", nullptr}};
    for (int c = 0; c < set.columns(); ++c)
      entry["blocks"].push_back(
          layout.add(set.size(), set.sampleBytes(c), [&set, c](int64_t i) { return set.sample(c, i); }));
    if (parted)
      entry["parts"] = layout.add(1, set.size(), [&reading](int64_t) { return reading.samples->parts.data(); });
    if (std::ssize(lines[r]) == set.size())
      entry["lines"] = layout.add(1, set.size() * static_cast<int64_t>(sizeof(uint32_t)),
                                  [&, r](int64_t) { return lines[r].data(); });
    if (!names[r].empty())
      entry["files"] = layout.add(1, std::ssize(names[r]), [&, r](int64_t) { return names[r].data(); });
    header.push_back(std::move(entry));
  }
  size_t next = 0;
  for (Json &entry : header) {
    for (Json &place : entry["blocks"]) place["checksum"] = layout.blocks[next++].sum();
    for (const char *key : {"parts", "lines", "files"})
      if (!entry[key].is_null()) entry[key]["checksum"] = layout.blocks[next++].sum();
  }
  // The blocks begin behind the header, which grows by the digits of where that is.
  std::string text = header.dump();
  int64_t begin = aligned(static_cast<int64_t>(sizeof(Prologue) + text.size()) + 32 * std::ssize(layout.blocks));
  for (Json &entry : header) {
    for (Json &place : entry["blocks"]) place["offset"] = place["offset"].get<int64_t>() + begin;
    for (const char *key : {"parts", "lines", "files"})
      if (!entry[key].is_null()) entry[key]["offset"] = entry[key]["offset"].get<int64_t>() + begin;
  }
  text = header.dump();
  text.resize(begin - static_cast<int64_t>(sizeof(Prologue)), ' ');
  Prologue start{{}, version, 0, text.size(), checksum(text.data(), text.size())};
  std::memcpy(start.magic, magic, sizeof magic);
  write(&start, sizeof start);
  write(text.data(), text.size());
  for (const Layout::Block &block : layout.blocks) block.forEachPart(write);
}

}  // namespace nncc::data
