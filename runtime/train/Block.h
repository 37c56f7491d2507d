// A block of memory as generated code wants it: aligned to NNCC_ALIGNMENT, never moved.
#ifndef NNCC_TRAIN_BLOCK_H
#define NNCC_TRAIN_BLOCK_H

#include <cstddef>
#include <cstdint>
#include <memory>

#include "abi.h"

namespace nncc::train {

// Numbers of elements and bytes of a tensor of the program, without a dimension for samples.
int64_t elements(const NnccTensor &tensor);
int64_t bytes(const NnccTensor &tensor);

class Block {
 public:
  enum class Fill { Zero, None };

  Block() = default;
  // Throws UserError where the memory is not to be had; `purpose` says what it is for ("the
  // arena of the training step"). Pages of an unfilled block cost nothing until touched.
  Block(int64_t bytes, Fill fill, const char *purpose);

  void *data() const { return memory.get(); }
  int64_t bytes() const { return size; }

 private:
  struct Free {
    void operator()(std::byte *data) const;
  };
  std::unique_ptr<std::byte, Free> memory;
  int64_t size = 0;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_BLOCK_H
