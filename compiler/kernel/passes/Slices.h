//===- Slices.h - how many samples go through a stage at a time ------------===//
#ifndef NNCC_KERNEL_PASSES_SLICES_H
#define NNCC_KERNEL_PASSES_SLICES_H

#include "kernel/Dialect.h"

namespace nncc::kernel {

// Gives each stage over samples that has no slice yet its slice, and cuts it into phases of their own
// slices (joined stages) where that moves less memory. `cacheBytes`: of a thread's L2 cache.
void chooseSlices(mlir::func::FuncOp function, int64_t batch, int64_t lanes, int64_t cacheBytes);

} // namespace nncc::kernel

#endif // NNCC_KERNEL_PASSES_SLICES_H
