// The parts of a concatenation.
#ifndef NNCC_SCHEDULE_ALGORITHMS_LAYOUT_H
#define NNCC_SCHEDULE_ALGORITHMS_LAYOUT_H

#include <vector>

#include "schedule/KernelSpec.h"

namespace nncc::schedule {

// The extent of each operand of a `concatenate` along its axis. Throws where the shapes do not add up.
std::vector<int> concatenatedExtents(const KernelSpec &spec, const Node &node);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_LAYOUT_H
