#include "train/Block.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "data/Dataset.h"
#include "error.h"
#include "report/Text.h"

namespace nncc::train {

int64_t bytes(const NnccTensor &tensor) { return data::sampleBytes(tensor); }

int64_t elements(const NnccTensor &tensor) {
  return bytes(tensor) / data::elementBytes(tensor.type);
}

Block::Block(int64_t bytes, Fill fill, const char *purpose) : size(bytes) {
  size_t allocated = static_cast<size_t>(std::max<int64_t>(bytes, 1));
  void *pointer = ::operator new(allocated, std::align_val_t{NNCC_ALIGNMENT}, std::nothrow);
  if (!pointer)
    throw UserError("not enough memory for " + std::string(purpose) + ": " +
                    report::byteSize(bytes) + " wanted; close other programs or use fewer --threads");
  memory.reset(static_cast<std::byte *>(pointer));
  if (fill == Fill::Zero) std::memset(pointer, 0, allocated);
}

void Block::Free::operator()(std::byte *data) const {
  ::operator delete(data, std::align_val_t{NNCC_ALIGNMENT});
}

}  // namespace nncc::train
