// Whether what a kernel wrote is what it must be.
#ifndef NNCC_TESTS_OPS_COMPARE_H
#define NNCC_TESTS_OPS_COMPARE_H

#include <string>

#include "Evaluate.h"

namespace nncc::ops {

// Compares result `index`, read back into `found`, with the evaluation of `spec`.
//  - Floats: within tolerance * epsilon(T) * magnitude (see Number.h).
//  - Positions of maxima (a max-pool's workspace) and hits of an accuracy are exact where
//    `tolerance` is 0; else any position is right whose number is within the bound of the
//    maximum, and 0 and 1 are both right where the label's score is that near to it.
// Returns a sentence on the worst element, empty where all are right.
std::string differences(const schedule::KernelSpec &spec, const Tensors &arguments,
                        const Evaluation &expected, size_t index, const Tensor &found,
                        double tolerance);

double epsilonOf(ElementType element);

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_COMPARE_H
