// The weights of a 3x3 convolution as Winograd's products read them.
#ifndef NNCC_SCHEDULE_SCHEDULES_WINOGRADPANELS_H
#define NNCC_SCHEDULE_SCHEDULES_WINOGRADPANELS_H

#include "schedule/algorithms/Convolution.h"
#include "schedule/schedules/Tiles.h"
#include "schedule/schedules/WinogradTransform.h"

namespace nncc::schedule {

// G g G^T: (channel in panel, depth, panel, i, j). Channels of a panel of `width`, a register tile's, lie side
// by side, where rows of all channels would meet in few lines of the nearest cache.
struct WinogradPanels {
  Halide::Func weights;
  int width;
};

// Transformed once, before the lanes walk their samples. `turned`: with the window turned around, as an input
// gradient's sums need it.
WinogradPanels keepWinogradPanels(Graph &graph, const Convolution &conv, const WinogradTransform &transform,
                                  bool turned, const RegisterTile &tile);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_WINOGRADPANELS_H
