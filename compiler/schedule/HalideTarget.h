// Our description of a CPU as Halide's.
#ifndef NNCC_SCHEDULE_HALIDETARGET_H
#define NNCC_SCHEDULE_HALIDETARGET_H

#include <Halide.h>

#include "schedule/KernelSpec.h"

namespace nncc::schedule {

// For serial Linux kernels that trust their caller: no runtime, no asserts, no bounds
// queries. Throws std::runtime_error for an unknown level.
Halide::Target halideTarget(const Target &target);

Halide::Type halideType(ElementType type);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_HALIDETARGET_H
