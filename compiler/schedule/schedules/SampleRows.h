// Tiles of samples in slices of any size.
#ifndef NNCC_SCHEDULE_SCHEDULES_SAMPLEROWS_H
#define NNCC_SCHEDULE_SCHEDULES_SAMPLEROWS_H

#include <Halide.h>

#include <functional>

namespace nncc::schedule {

// Schedules `out`, whose run-time number of samples is `extent`, at most `samples`, in tiles of
// `most` of them. Short slices have loop nests of their own, in tiles as even as can be; in longer
// ones the last tile moves inwards.
void scheduleSampleRows(Halide::Func out, const Halide::Expr &extent, int samples, int most,
                        const std::function<void(Halide::Stage, int rows)> &schedule);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_SAMPLEROWS_H
