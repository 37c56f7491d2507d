#include "Buffer.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace onednn {

Buffer::Buffer(size_t bytes) {
  constexpr size_t hugePage = 2 << 20, smallPage = 4096;
  const size_t page = bytes < hugePage ? smallPage : hugePage;
  const size_t size = roundUp(bytes ? bytes : 1, page);
  memory.reset(static_cast<char *>(std::aligned_alloc(page, size)));
  if (!memory)
    throw std::bad_alloc();
  if (page == hugePage)
    madvise(memory.get(), size, MADV_HUGEPAGE);  // only a hint: without them it is as correct
  std::memset(memory.get(), 0, size);
}

}  // namespace onednn
