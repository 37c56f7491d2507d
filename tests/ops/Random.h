// Counter-based random numbers: the same on every machine and in any order of use.
#ifndef NNCC_TESTS_OPS_RANDOM_H
#define NNCC_TESTS_OPS_RANDOM_H

#include <cstdint>

namespace nncc::ops {

class Random {
public:
  explicit Random(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15u) {}

  uint64_t bits() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // Uniform in [low, high).
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(bits() >> 11) * 0x1p-53;
  }
  // Uniform in {low, ..., high}.
  int64_t integer(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(bits() % static_cast<uint64_t>(high - low + 1));
  }

private:
  uint64_t state;
};

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_RANDOM_H
