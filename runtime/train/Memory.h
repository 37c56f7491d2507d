// What a run will need of memory, told before it starts, and what it did need.
#ifndef NNCC_TRAIN_MEMORY_H
#define NNCC_TRAIN_MEMORY_H

#include <cstdint>
#include <string>
#include <vector>

namespace nncc::train {

// Resident memory of this process now and at most so far (VmRSS, VmHWM); 0 where the
// system doesn't tell.
int64_t residentBytes();
int64_t peakResidentBytes();

// What the process will hold besides planned blocks: its code and constants, `threads` stacks,
// the libraries' own. `heldBytes` of planned blocks are resident already.
int64_t programBytes(int threads, int64_t heldBytes);

class MemoryPlan {
 public:
  void add(std::string what, int64_t bytes) { parts.push_back({std::move(what), bytes}); }
  int64_t total() const;
  // "Planned memory: 186.2 MB = parameters 318.5 KB + ...".
  std::string text() const;

 private:
  struct Part {
    std::string what;
    int64_t bytes;
  };
  std::vector<Part> parts;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_MEMORY_H
