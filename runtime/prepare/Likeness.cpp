#include "prepare/Likeness.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nncc::prepare {

namespace {

constexpr double mostWork = 4e8;  // a few seconds

// std::popcount calls a function with tables where the instruction is not every target's.
int bitsSet(uint64_t bits) {
  bits -= bits >> 1 & 0x5555555555555555u;
  bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
  bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
  return static_cast<int>(bits * 0x0101010101010101u >> 56);
}

}  // namespace

SmallCopies::SmallCopies(const ImageForm &given, int64_t images) : form(given) {
  rows = std::min(side, form.height);
  columns = std::min(side, form.width);
  hashes.resize(images);
  copies.resize(images * rows * columns * form.channels);
  norms.resize(images);
}

void SmallCopies::set(int64_t image, const std::byte *pixels) {
  const int channels = form.channels, values = columns * channels;
  float sums[side][side * 3] = {};
  int count[side] = {}, across[side] = {};
  for (int x = 0; x < form.width; ++x) ++across[x * columns / form.width];
  for (int y = 0; y < form.height; ++y) {
    int row = static_cast<int>(static_cast<int64_t>(y) * rows / form.height);
    ++count[row];
    std::array<uint32_t, side * 3> line = {};
    for (int x = 0; x < form.width; ++x) {
      uint32_t *to = line.data() + static_cast<int64_t>(x) * columns / form.width * channels;
      for (int c = 0; c < channels; ++c) to[c] += std::to_integer<uint32_t>(*pixels++);
    }
    for (int i = 0; i < values; ++i) sums[row][i] += static_cast<float>(line[i]);
  }
  float means[3] = {};
  for (int row = 0; row < rows; ++row)
    for (int i = 0; i < values; ++i) {
      sums[row][i] /= static_cast<float>(count[row] * across[i / channels]);
      means[i % channels] += sums[row][i] / static_cast<float>(rows * columns);
    }

  float fields[8][8] = {};
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x) {
      // Of copies that are smaller than 16 a field may be one value that others have too.
      int top = y * rows / 8, bottom = std::max(top + 1, (y + 1) * rows / 8);
      int left = x * columns / 8, right = std::max(left + 1, (x + 1) * columns / 8);
      for (int row = top; row < bottom; ++row)
        for (int i = left * channels; i < right * channels; ++i) fields[y][x] += sums[row][i];
      fields[y][x] /= static_cast<float>((bottom - top) * (right - left));
    }
  uint64_t hash = 0;
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x) hash = hash << 1 | (fields[y][(x + 1) % 8] > fields[y][x]);
  hashes[image] = hash;

  float most = 0;
  for (int row = 0; row < rows; ++row)
    for (int i = 0; i < values; ++i) most = std::max(most, std::abs(sums[row][i] -= means[i % channels]));
  int8_t *copy = copies.data() + image * rows * values;
  float scale = most >= 1 ? 127 / most : 0;  // less than a grey level is a plain area
  int64_t squares = 0;
  for (int row = 0; row < rows; ++row)
    for (int i = 0; i < values; ++i) {
      *copy = static_cast<int8_t>(std::lround(sums[row][i] * scale));
      squares += *copy * *copy;
      ++copy;
    }
  norms[image] = std::sqrt(static_cast<float>(squares));
}

double SmallCopies::likeness(int64_t a, int64_t b) const {
  if (norms[a] == 0 || norms[b] == 0) return 0;
  int64_t size = static_cast<int64_t>(rows) * columns * form.channels;
  const int8_t *left = copies.data() + a * size, *right = copies.data() + b * size;
  int32_t sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += left[i] * right[i];
  return sum / (static_cast<double>(norms[a]) * norms[b]);
}

HashIndex::HashIndex(const std::vector<uint64_t> &given) {
  for (uint64_t hash : given) {
    uint64_t dealt = 0;
    for (int i = 0; i < 64; ++i) dealt |= (hash >> i & 1) << (i % bands * 16 + i / bands);
    hashes.push_back(dealt);
  }
  for (int b = 0; b < bands; ++b) {
    std::vector<uint32_t> &begin = begins[b];
    begin.assign((1 << 16) + 1, 0);
    for (uint64_t hash : hashes) ++begin[band(hash, b) + 1];
    for (size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
    std::vector<uint32_t> next(begin.begin(), begin.end() - 1);
    members[b].resize(hashes.size());
    for (uint32_t i = 0; i < hashes.size(); ++i) members[b][next[band(hashes[i], b)]++] = i;
  }
  for (int radius = 2; radius >= 0; --radius) {
    setRadius(radius);
    if (work() <= mostWork) break;
  }
}

void HashIndex::setRadius(int radius) {
  bandRadius = radius;
  changes.clear();
  for (uint32_t change = 0; change < 1 << 16; ++change)
    if (bitsSet(change) <= radius) changes.push_back(change);
}

double HashIndex::work() const {
  double sum = 0;
  for (const std::vector<uint32_t> &begin : begins)
    for (uint32_t value = 0; value < 1 << 16; ++value) {
      double members = begin[value + 1] - begin[value], near = 0;
      if (members == 0) continue;
      for (uint32_t change : changes) near += begin[(value ^ change) + 1] - begin[value ^ change];
      sum += members * near / 2;
    }
  return sum;
}

void HashIndex::before(uint32_t number, const std::function<void(uint32_t)> &found) const {
  uint64_t hash = hashes[number];
  for (int b = 0; b < bands; ++b) {
    uint32_t own = band(hash, b);
    for (uint32_t change : changes) {
      uint32_t value = own ^ change;
      for (uint32_t i = begins[b][value]; i < begins[b][value + 1]; ++i) {
        uint32_t other = members[b][i];
        if (other >= number) break;
        uint64_t difference = hash ^ hashes[other];
        if (bitsSet(difference) > radius()) continue;
        bool isKnown = false;  // by a band before this one
        for (int before = 0; before < b; ++before) isKnown |= bitsSet(band(difference, before)) <= bandRadius;
        if (!isKnown) found(other);
      }
    }
  }
}

}  // namespace nncc::prepare
