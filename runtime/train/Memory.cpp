#include "train/Memory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "report/Text.h"

namespace nncc::train {

namespace {

// A line such as "VmHWM:	    3412 kB" of /proc/self/status.
int64_t statusBytes(const std::string &key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    int64_t kilobytes = 0;
    if (word == key && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

// Stack that a worker or loader touches, with its page tables and allocator bookkeeping.
constexpr int64_t kThreadBytes = 64 << 10;
// Heap of the standard library, command line, log and progress.
constexpr int64_t kOtherBytes = 1 << 20;

}  // namespace

int64_t residentBytes() { return statusBytes("VmRSS:"); }
int64_t peakResidentBytes() { return statusBytes("VmHWM:"); }

int64_t programBytes(int threads, int64_t heldBytes) {
  std::error_code error;
  auto file = std::filesystem::file_size("/proc/self/exe", error);
  // Code that has not run yet is not resident yet, what libraries have allocated is.
  int64_t own = std::max(error ? 0 : static_cast<int64_t>(file), residentBytes() - heldBytes);
  return own + threads * kThreadBytes + kOtherBytes;
}

int64_t MemoryPlan::total() const {
  int64_t sum = 0;
  for (const Part &part : parts) sum += part.bytes;
  return sum;
}

std::string MemoryPlan::text() const {
  std::string line = "Planned memory: " + report::byteSize(total());
  const char *separator = " = ";
  for (const Part &part : parts) {
    line += separator + part.what + " " + report::byteSize(part.bytes);
    separator = " + ";
  }
  return line;
}

}  // namespace nncc::train
