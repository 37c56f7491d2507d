// Changes model files as users, editors and broken disks do.
#ifndef NNCC_FUZZ_MUTATOR_H
#define NNCC_FUZZ_MUTATOR_H

#include <cstdint>
#include <string>
#include <vector>

namespace nncc::fuzz {

// Counter-based, and free of the standard library's distributions, so that a seed gives the
// same case everywhere.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next();
  // From 0 to bound - 1; 0 if bound is 0.
  size_t below(size_t bound) { return bound ? next() % bound : 0; }
  template <typename T> const T &pick(const std::vector<T> &from) { return from[below(from.size())]; }

private:
  uint64_t state;
};

// The text after 1 to 4 changes: bytes, lines, words and keys exchanged for others, cut,
// doubled, nested, spliced with another of `corpus`.
std::string mutate(const std::string &text, const std::vector<std::string> &corpus, Random &random);

} // namespace nncc::fuzz

#endif // NNCC_FUZZ_MUTATOR_H
