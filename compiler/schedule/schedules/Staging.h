// Where a convolution keeps the part of its source that costs more than a load to read.
#ifndef NNCC_SCHEDULE_SCHEDULES_STAGING_H
#define NNCC_SCHEDULE_SCHEDULES_STAGING_H

#include "schedule/algorithms/Convolution.h"

namespace nncc::schedule {

enum class StageAt {
  Sample,    // a whole sample at once
  Strip,     // what a strip of rows sees
  Channels,  // of that the channels of a tile
  Tile,      // what a tile of points sees
  Nowhere,   // computed wherever it is read
};

// Lays out and vectorizes the staged source, of which `channels` are computed at a time.
void scheduleStage(Graph &graph, Halide::Func source, const Convolution &conv, int channels);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_STAGING_H
