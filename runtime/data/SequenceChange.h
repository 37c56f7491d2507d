// Sequences changed: drawn out or shortened in time, their vectors turned in space.
//
// Samples are f32 [steps, features], row-major, of which the first `length` steps are the sequence; those behind it
// are zeros, in what comes out too. The first step becomes the first one, the last the last.
#ifndef NNCC_DATA_SEQUENCECHANGE_H
#define NNCC_DATA_SEQUENCECHANGE_H

#include <array>
#include <cstdint>

namespace nncc::data {

struct SequenceShape {
  int64_t steps, features;
  int64_t elements() const { return steps * features; }
};

// Row-major: what stands in row i becomes coordinate i.
using Rotation = std::array<double, 9>;

// About the axis whose cosine with z is `height` and whose longitude is `longitude`, in radians.
Rotation rotationAbout(double height, double longitude, double radians);

struct SequenceChange {
  double stretch = 1;  // the new length is this times the old one, rounded, 1 to the shape's steps
  bool turns = false;  // features are triples, which `rotation` turns
  Rotation rotation{};
};

// Writes the whole of `to`, which must not overlap `from`, and returns its length.
int64_t change(const SequenceShape &shape, const SequenceChange &how, int64_t length, const float *from, float *to);

}  // namespace nncc::data

#endif  // NNCC_DATA_SEQUENCECHANGE_H
