// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as
// easy as 1, 2, 3", 2011). A number is a pure function of (seed, purpose, index, position),
// never of how many numbers were drawn before it, so the same bits come out on any number of
// threads and after a resume.
//
// Layout: the key is the seed; the counter's low 64 bits are position / 2 (a block holds two
// 64-bit numbers), its high 64 bits are purpose << 56 | index.
#ifndef NNCC_DATA_RANDOM_H
#define NNCC_DATA_RANDOM_H

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace nncc::data {

inline std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter,
                                          std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t product0 = uint64_t{0xD2511F53u} * counter[0];
    uint64_t product1 = uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

// What numbers are for: two purposes never share a number.
enum class Purpose : uint8_t {
  Shuffle = 1,
  Initializer = 2,
  Augmentation = 3,
  Dropout = 4,
  BatchOrder = 5,    // in which order batches of like length come
  BatchClasses = 6,  // the classes of a batch
  BatchSamples = 7,  // and which of their samples
  Pairs = 8,
  Episodes = 32,     // of one-shot evaluations
};

// All numbers of one (seed, purpose, index): the index is the epoch for a shuffle, the
// parameter's number for an initializer. Below 2^56.
class Random {
 public:
  Random(uint64_t seed, Purpose purpose, uint64_t index)
      : seed(seed), stream(uint64_t{static_cast<uint8_t>(purpose)} << 56 | index) {}

  // 64 random bits, number `position` of this stream.
  uint64_t bits(uint64_t position) const {
    uint64_t block = position >> 1;
    auto words = philox4x32({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
                             static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)},
                            {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
    int half = static_cast<int>(position & 1) * 2;
    return uint64_t{words[half + 1]} << 32 | words[half];
  }

  // Uniform in [0, 1), a multiple of 2^-53.
  double uniform(uint64_t position) const {
    return static_cast<double>(bits(position) >> 11) * 0x1p-53;
  }

  // Uniform in 0..bound-1 (bound > 0) by multiply and shift: the odds of two values differ by
  // less than bound / 2^64.
  uint64_t below(uint64_t position, uint64_t bound) const {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(bits(position)) * bound) >> 64);
  }

  // Mean 0, standard deviation 1 (Box-Muller over numbers 2 * position and 2 * position + 1:
  // don't mix with the other methods on one stream).
  double normal(uint64_t position) const {
    double radius = std::sqrt(-2 * std::log(1 - uniform(2 * position)));
    return radius * std::cos(2 * std::numbers::pi * uniform(2 * position + 1));
  }

 private:
  uint64_t seed;
  uint64_t stream;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_RANDOM_H
