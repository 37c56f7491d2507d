// Runs a KernelSpec, any DAG of ops, by the reference loops.
#ifndef NNCC_TESTS_OPS_EVALUATE_H
#define NNCC_TESTS_OPS_EVALUATE_H

#include "Tensor.h"

namespace nncc::ops {

struct Evaluation {
  std::vector<Tensors> values;  // of each node's results
  Tensors results;              // what the kernel writes
};

// `arguments` have their run-time shapes: `extent` in place of sliced dimensions.
// `previous` holds what the result buffers had before for results that accumulate; it is
// empty where the kernel's flag is 0. Throws std::invalid_argument, naming node and op,
// where shapes disagree.
Evaluation evaluate(const schedule::KernelSpec &spec, const Tensors &arguments, int64_t extent,
                    const Tensors &previous = {});

// For schedules that transform tiles of an image: what is rounded in a tile shows in all of it,
// also where an element's own terms are small. Gives each number of an image (rank 4, NHWC)
// the largest magnitude that its channel has within `radius` points.
Evaluation withMagnitudesOfTiles(Evaluation evaluation, int64_t radius);

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_EVALUATE_H
