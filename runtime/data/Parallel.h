// A loop over samples on several threads whose outcome, errors included, doesn't depend on
// how many there are.
#ifndef NNCC_DATA_PARALLEL_H
#define NNCC_DATA_PARALLEL_H

#include <cstdint>
#include <functional>

#include "data/Reader.h"

namespace nncc::data {

// Runs body(i) for each i in 0..total-1, once each. Every thread gets its own body from
// makeBody() and so its own buffers; the calling thread is one of them and the only one that
// calls `progress`. If bodies throw, the exception of the lowest i comes out: ranges are handed
// out in order, and all below a failure are finished first.
void parallelFor(int64_t total, int threads,
                 const std::function<std::function<void(int64_t)>()> &makeBody,
                 const ReadProgress &progress);

}  // namespace nncc::data

#endif  // NNCC_DATA_PARALLEL_H
