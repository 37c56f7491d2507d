// Random arguments of a kernel, each as its first user needs it: labels below the number
// of classes, workspaces that a max-pool could have written, second moments that are not
// negative, and so on.
#ifndef NNCC_TESTS_OPS_FILL_H
#define NNCC_TESTS_OPS_FILL_H

#include "Random.h"
#include "Tensor.h"

namespace nncc::ops {

enum class Numbers {
  Real,      // uniform in [-1, 1), rounded to the element type
  Integers,  // -2..2: sums and products are exact in any order, ties are common
  Large,     // uniform in [-200, 200): exponentials overflow unless they are guarded
};

// Arguments at `extent`, rounded to their element types.
Tensors randomArguments(const schedule::KernelSpec &spec, int64_t extent, Numbers numbers,
                        uint64_t seed);

// Every number replaced by a random one of `numbers`, rounded to the tensor's type.
void randomize(Tensor &tensor, Numbers numbers, Random &random);

double roundTo(ElementType element, double value);

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_FILL_H
