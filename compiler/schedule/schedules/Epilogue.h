// What stands between an anchor's sums and the kernel's results, as far as a schedule
// must know it to compute both tile by tile.
#ifndef NNCC_SCHEDULE_SCHEDULES_EPILOGUE_H
#define NNCC_SCHEDULE_SCHEDULES_EPILOGUE_H

#include <string>

#include "schedule/KernelSpec.h"

namespace nncc::schedule {

// Result point x needs the sums from x * stride - before (clamped) over `size` points.
struct Epilogue {
  std::string refusal;  // not computable at a tile, and why; empty: it is
  bool window = false;  // there is a window (at most one)
  int strideX = 1, strideY = 1, sizeX = 1, sizeY = 1;
  int padTop = 0, padLeft = 0;
};

// For the anchor of `spec`: pointwise ops, at most one window, and reshapes that all results
// go through last.
Epilogue epilogueOf(const KernelSpec &spec);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_EPILOGUE_H
