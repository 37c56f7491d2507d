// Memory that lives as long as the process trains.
#ifndef NNCC_BENCHMARKS_ONEDNN_BUFFER_H
#define NNCC_BENCHMARKS_ONEDNN_BUFFER_H

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace onednn {

// Zeroed, in huge pages where the system has some: a step's tensors are tens of megabytes, which
// Winograd's transforms walk in strides (measured: 4% of a step of cifar10).
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(size_t bytes);

  // To the next cache line.
  static size_t aligned(size_t bytes) { return roundUp(bytes, 64); }
  char *bytes() const { return memory.get(); }

 private:
  static size_t roundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

  struct Free {
    void operator()(char *memory) const { std::free(memory); }
  };
  std::unique_ptr<char, Free> memory;
};

}  // namespace onednn

#endif
