// Tiles of samples in slices of any size.
#ifndef NNCC_SCHEDULE_SCHEDULES_SAMPLEROWS_H
#define NNCC_SCHEDULE_SCHEDULES_SAMPLEROWS_H

#include <Halide.h>

#include <functional>

namespace nncc::schedule {

// How many columns a tile has, in vectors of `lanes`.
struct TileColumns {
  int lanes, width;
};

// Schedules `out` (column, sample), whose run-time number of samples is `extent`, at most `samples`, in tiles
// of `most` of them and, for so many rows, of the columns that `columnsOf` tells. Short slices have loop nests
// of their own, in tiles as even as can be; in longer ones the last tile moves inwards. A column of tiles
// is walked for all samples before the next: `tile` is the loop of one.
void scheduleSampleRows(Halide::Func out, const Halide::Expr &extent, int samples, int most, const Halide::Var &tile,
                        const std::function<TileColumns(int rows)> &columnsOf);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_SAMPLEROWS_H
