// Two sums over all but the channels (the last dimension): what batch normalization needs of
// its source and of its gradient.
#ifndef NNCC_SCHEDULE_ALGORITHMS_CHANNELSUMS_H
#define NNCC_SCHEDULE_ALGORITHMS_CHANNELSUMS_H

#include "schedule/algorithms/Graph.h"

namespace nncc::schedule {

struct ChannelSums {
  int channels;
  // (c, r...): both sums of one row (the innermost dimension before the channels), and their
  // terms' variable; undefined where there is none: [N, C].
  Halide::Func row;
  Halide::RVar column;
  // (c): both sums.
  Halide::Func total;
  Halide::RVar rows;  // innermost loop over rows
};

// For a batch_norm_statistics or channel_affine_bwd_weights node. Throws where shapes do not fit.
ChannelSums makeChannelSums(Graph &graph, const Node &node);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_CHANNELSUMS_H
