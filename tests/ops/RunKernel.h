// One call of a compiled kernel on fenced buffers.
#ifndef NNCC_TESTS_OPS_RUNKERNEL_H
#define NNCC_TESTS_OPS_RUNKERNEL_H

#include "CompiledKernel.h"
#include "GuardedBuffer.h"
#include "Tensor.h"

namespace nncc::ops {

// The arguments of a call. Results that neither accumulate nor are in place find NaNs in
// their buffers, and so does scratch.
struct Call {
  int64_t extent;     // of all sliced dimensions
  Tensors arguments;  // at that extent
  bool accumulate = false;
  Tensors previous;   // one per result; what is in the buffers if `accumulate`
};

struct Answer {
  Tensors results;
  // What the kernel did that no kernel may: a fault, a write outside the results, an
  // argument or a halide_buffer_t changed, a status other than 0. Empty if nothing.
  std::string offence;
};

// `side`: the fences that buffers lean to. At Side::Begin buffers are aligned and dense, at
// Side::End they are aligned to their elements alone, where that may happen, and slices are cut from the largest:
// an inner sliced dimension leaves gaps.
Answer runKernel(const LoadedKernel &kernel, const KernelSpec &spec, const KernelInfo &info,
                 const Call &call, Side side);

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_RUNKERNEL_H
