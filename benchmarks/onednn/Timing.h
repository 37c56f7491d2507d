// How long a primitive takes on operands of its own: what Primitives.cpp reports, and how
// Shapes.cpp chooses among algorithms.
#ifndef NNCC_BENCHMARKS_ONEDNN_TIMING_H
#define NNCC_BENCHMARKS_ONEDNN_TIMING_H

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "Library.h"

namespace onednn {

// Memory for all that a primitive reads and writes, filled with numbers around zero.
class Operands {
 public:
  explicit Operands(const dnnl::primitive_desc_base &description);

  const std::unordered_map<int, memory> &all() const { return arguments; }

 private:
  void add(int argument, const memory::desc &description);
  void fill(float *values, size_t count);

  std::unordered_map<int, memory> arguments;
  uint32_t state = 1;
};

// Seconds of one call of `work`, a number for each round, sorted. A round is as many calls as
// take at least `roundSeconds`; what comes before the first is the warm-up.
std::vector<double> sortedSeconds(int rounds, double roundSeconds,
                                  const std::function<void()> &work);

template <typename Description>
std::vector<double> sortedSeconds(int rounds, double roundSeconds,
                                  const Description &description) {
  dnnl::primitive primitive(description);
  Operands operands(description);
  return sortedSeconds(rounds, roundSeconds, std::function<void()>([&] {
                         primitive.execute(stream(), operands.all());
                       }));
}

}  // namespace onednn

#endif
