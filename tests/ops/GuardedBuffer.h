// Memory for one buffer of a kernel, fenced: a page that can't be touched before and
// after, and canaries (all bits set: NaN as a float, so that reading them shows too)
// between the fences and the buffer. Reading across a fence faults, on the side that the
// buffer leans to; writing anywhere outside is found afterwards.
#ifndef NNCC_TESTS_OPS_GUARDEDBUFFER_H
#define NNCC_TESTS_OPS_GUARDEDBUFFER_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace nncc::ops {

enum class Side { Begin, End };  // which fence the buffer leans to

class GuardedBuffer {
public:
  // All bytes, the buffer's included, are canaries at first. At Side::Begin its address is
  // as aligned as can be, at Side::End as little as `alignment` and its size allow.
  GuardedBuffer(size_t bytes, Side side, size_t alignment);
  ~GuardedBuffer();
  GuardedBuffer(const GuardedBuffer &) = delete;
  GuardedBuffer &operator=(const GuardedBuffer &) = delete;

  uint8_t *data() const { return buffer; }
  size_t bytes() const { return size; }

  // Where something was written outside: "3 bytes after its end"; empty if nowhere.
  std::string damage() const;
  // Whether `address` lies in this buffer's fences: "64 bytes after its end", else empty.
  std::string fenceAt(const void *address) const;

private:
  std::string describe(const uint8_t *address) const;

  size_t size, mappedBytes;
  uint8_t *mapped, *open, *openEnd, *buffer;
};

// Runs `body`; if it faults (a fence, an illegal instruction), returns false with the
// faulting address and the signal's name.
struct Fault {
  const void *address = nullptr;
  std::string signal;
};
bool runGuarded(void (*body)(void *context), void *context, Fault &fault);

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_GUARDEDBUFFER_H
