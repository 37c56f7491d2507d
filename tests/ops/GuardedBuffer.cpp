#include "GuardedBuffer.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace nncc::ops {

static constexpr uint8_t canary = 0xff;

static size_t roundUp(size_t size, size_t multiple) {
  return (size + multiple - 1) / multiple * multiple;
}

GuardedBuffer::GuardedBuffer(size_t bytes, Side side, size_t alignment) : size(bytes) {
  const size_t page = sysconf(_SC_PAGESIZE);
  const size_t padded = roundUp(bytes, alignment);
  const size_t openBytes = roundUp(padded + 1, page);  // at least a page, for empty buffers
  mappedBytes = openBytes + 2 * page;
  void *memory = mmap(nullptr, mappedBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw std::runtime_error(std::string("mmap: ") + std::strerror(errno));
  mapped = static_cast<uint8_t *>(memory);
  open = mapped + page;
  openEnd = open + openBytes;
  if (mprotect(open, openBytes, PROT_READ | PROT_WRITE) != 0)
    throw std::runtime_error(std::string("mprotect: ") + std::strerror(errno));
  buffer = side == Side::Begin ? open : openEnd - padded;
  std::memset(open, canary, openBytes);
}

GuardedBuffer::~GuardedBuffer() { munmap(mapped, mappedBytes); }

std::string GuardedBuffer::describe(const uint8_t *address) const {
  return address < buffer ? std::to_string(buffer - address) + " bytes before its begin"
                          : std::to_string(address - (buffer + size)) + " bytes after its end";
}

std::string GuardedBuffer::damage() const {
  for (const uint8_t *byte = open; byte < openEnd; byte++) {
    if (byte == buffer && size > 0)
      byte += size;
    if (byte < openEnd && *byte != canary)
      return describe(byte);
  }
  return "";
}

std::string GuardedBuffer::fenceAt(const void *address) const {
  const uint8_t *byte = static_cast<const uint8_t *>(address);
  const bool before = mapped <= byte && byte < open;
  const bool after = openEnd <= byte && byte < mapped + mappedBytes;
  return before || after ? describe(byte) : "";
}

static sigjmp_buf afterFault;
static volatile sig_atomic_t faultSignal;
static void *volatile faultAddress;

static void onFault(int signal, siginfo_t *info, void *) {
  faultSignal = signal;
  faultAddress = info->si_addr;
  siglongjmp(afterFault, 1);
}

bool runGuarded(void (*body)(void *context), void *context, Fault &fault) {
  static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
  struct sigaction action = {}, before[4];
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < 4; i++)
    sigaction(signals[i], &action, &before[i]);
  const bool faulted = sigsetjmp(afterFault, 1) != 0;
  if (!faulted)
    body(context);
  for (int i = 0; i < 4; i++)
    sigaction(signals[i], &before[i], nullptr);
  if (faulted)
    fault = {faultAddress, strsignal(faultSignal)};
  return !faulted;
}

}  // namespace nncc::ops
