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

// Small copies of all images of one form, and their hashes.
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

// Finds hashes that differ in at most `radius` bits without comparing all with all: of two such hashes one of
// four bands of 16 bits differs in at most two bits, so that 4 x 137 look-ups find every one.
class HashIndex {
 public:
  static constexpr int radius = 11;

  // `hashes` must outlive it.
  explicit HashIndex(const std::vector<uint64_t> &hashes);
  // Calls `found` with the number of each other hash below `number` that is near enough, once.
  void before(uint32_t number, const std::function<void(uint32_t)> &found) const;

 private:
  static constexpr int bands = 4, bandRadius = radius / bands;
  static uint32_t band(uint64_t hash, int number) { return hash >> (16 * number) & 0xFFFF; }
  const std::vector<uint64_t> &hashes;
  std::vector<uint32_t> changes;                        // of a band's bits
  std::vector<uint32_t> begins[bands], members[bands];  // in the order of their numbers in each band's value
};

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_LIKENESS_H
