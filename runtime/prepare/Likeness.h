// How alike images look: a hash whose bits few differ between images that look alike, and small copies that
// tell for certain.
#ifndef NNCC_PREPARE_LIKENESS_H
#define NNCC_PREPARE_LIKENESS_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "prepare/Samples.h"

namespace nncc::prepare {

// Small copies of all images of one form, one frame each, and their hashes.
class SmallCopies {
 public:
  SmallCopies(const ImageForm &form, int64_t images);

  // May be called from several threads for different images. `pixels`: as in the column.
  void set(int64_t image, const std::byte *pixels);
  // A bit for each of 8 x 8 fields: is the field to its right brighter? The last of a row looks at the first.
  uint64_t hash(int64_t image) const { return hashes[image]; }
  // Correlation of two copies over all their values, from -1 to 1; 0 where one is a plain area.
  double likeness(int64_t a, int64_t b) const;

 private:
  static constexpr int side = 16;
  ImageForm form;
  int rows, columns;  // of a copy, at most `side`
  std::vector<uint64_t> hashes;
  std::vector<int8_t> copies;  // minus each channel's mean, at one scale for the whole copy
  std::vector<float> norms;
  std::vector<float> scratch;
};

// Finds hashes that differ in few bits without comparing all with all: where two differ in at most 4 r + 3 bits, one
// of four bands of 16 bits differs in at most r, so that looking up all values near a band's finds every one.
class HashIndex {
 public:
  // r is 2, or less where so many hashes are nearly the same that it would be too much work (black borders make bits
  // that say nothing).
  explicit HashIndex(const std::vector<uint64_t> &hashes);
  // The most bits in which two hashes that are found differ.
  int radius() const { return bands * bandRadius + bands - 1; }
  // Calls `found` with the number of each other hash below `number` that is near enough, once.
  void before(uint32_t number, const std::function<void(uint32_t)> &found) const;

 private:
  static constexpr int bands = 4;
  static uint32_t band(uint64_t hash, int number) { return hash >> (16 * number) & 0xFFFF; }
  void setRadius(int radius);
  double work() const;  // hashes that all of before() would look at

  std::vector<uint64_t> hashes;  // their bits dealt out to the bands, so that no band is an edge of the image
  int bandRadius = 0;
  std::vector<uint32_t> changes;                        // of a band's bits
  std::vector<uint32_t> begins[bands], members[bands];  // in the order of their numbers in each band's value
};

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_LIKENESS_H
