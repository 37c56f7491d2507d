// How many sums of a contraction are held in registers at a time.
#ifndef NNCC_SCHEDULE_SCHEDULES_TILES_H
#define NNCC_SCHEDULE_SCHEDULES_TILES_H

#include <cstdint>
#include <string>
#include <vector>

#include "schedule/KernelSpec.h"

namespace nncc::schedule {

// The largest vector a register holds, or less where there are fewer channels than lanes.
int lanesFor(const Target &target, ElementType element, int channels);

// A block of sums: `vectors` of `lanes` channels at each of x times y points. Every term takes
// one load for each vector (weights) and one broadcast for each point (source).
struct RegisterTile {
  int lanes, vectors, x, y;
  int channels() const { return lanes * vectors; }
  std::string text() const;  // "2x14x1": vectors, x, y
};

// What is computed at the edges of a plane that a tile does not divide, and how.
enum class Remainder {
  Overlap,  // the last tile moves inwards and computes some points again
  None,     // tiles must divide: sums are added to memory
  Points,   // in x and y the last tile moves; channels must divide: a group ends with them
};

// Cycles of one term of a tile: its multiply-adds, its loads or the latency of as many sums, whichever
// takes longest.
double termCycles(int sums, double loads);

// A tile with the cycles that a term of all sums of a plane is expected to take.
struct TileChoice {
  RegisterTile tile;
  double cycles;
};

// The `count` tiles that need the fewest cycles for a plane of `channels` x `width` x `height` sums,
// best first, at least one. Model: a multiply-add a cycle, as many loads, at least as many
// independent sums as hide the latency, and what overlapping tiles compute twice. Tiles
// take at most `height` rows.
std::vector<TileChoice> chooseTiles(const Target &target, ElementType element, int channels, int width,
                                    int height, Remainder remainder, int count);

// The same where each source channel has results of its own: a vector of them at x times y points,
// for windows of `kernelWidth` columns. `reused`: windows side by side see the same columns, so that
// a load of the source serves several of them. Cycles are those of a row of the window.
std::vector<TileChoice> chooseChannelwiseTiles(const Target &target, ElementType element, int channels,
                                               int width, int height, int kernelWidth, bool reused, int count);

// The largest divisor of `number` that is at most `limit` (at least 1).
int largestDivisor(int number, int limit);

int ceilDiv(int a, int b);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_TILES_H
