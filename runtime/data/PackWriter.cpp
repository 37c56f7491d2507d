#include "data/PackWriter.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "data/PackFormat.h"
#include "data/ReaderTable.h"

namespace nncc::data {

using namespace pack;
using Json = nlohmann::json;

namespace {

// Lays blocks out one behind the other; they are written in the same order.
class Layout {
 public:
  // `pieces` of `pieceBytes`, each from its own place.
  Json add(int64_t pieces, int64_t pieceBytes, std::function<const void *(int64_t)> at) {
    Json place = {{"offset", end}, {"bytes", pieces * pieceBytes}};
    blocks.push_back({end, pieces, pieceBytes, std::move(at)});
    end = aligned(end + pieces * pieceBytes);
    return place;
  }

  struct Block {
    int64_t offset, pieces, pieceBytes;
    std::function<const void *(int64_t)> at;

    // Hands out the bytes of a part at a time, with those up to the next block.
    void forEachPart(const std::function<void(const void *, size_t)> &use) const {
      std::vector<std::byte> part;
      for (int64_t i = 0; i < pieces; ++i) {
        auto *from = static_cast<const std::byte *>(at(i));
        for (int64_t done = 0; done < pieceBytes;) {
          size_t take = std::min<size_t>(pieceBytes - done, partBytes - part.size());
          part.insert(part.end(), from + done, from + done + take);
          done += static_cast<int64_t>(take);
          if (std::ssize(part) < partBytes) continue;
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
