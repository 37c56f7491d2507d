#include "data/SequenceChange.h"

#include <algorithm>
#include <cmath>

namespace nncc::data {

namespace {

// Step i of the result lies between two steps of the sequence, or on one.
void stretch(int64_t features, int64_t length, int64_t newLength, const float *from, float *to) {
  for (int64_t i = 0; i < newLength; ++i) {
    double place = newLength > 1 ? static_cast<double>(i) * static_cast<double>(length - 1) /
                                       static_cast<double>(newLength - 1)
                                 : 0;
    int64_t before = std::min(static_cast<int64_t>(place), std::max<int64_t>(length - 2, 0));
    int64_t after = std::min(before + 1, length - 1);
    double share = place - static_cast<double>(before);
    for (int64_t f = 0; f < features; ++f) {
      double a = from[before * features + f], b = from[after * features + f];
      to[i * features + f] = static_cast<float>(a + share * (b - a));
    }
  }
}

void turn(const Rotation &r, int64_t vectors, float *values) {
  for (int64_t i = 0; i < vectors; ++i, values += 3) {
    double x = values[0], y = values[1], z = values[2];
    for (int row = 0; row < 3; ++row)
      values[row] = static_cast<float>(r[3 * row] * x + r[3 * row + 1] * y + r[3 * row + 2] * z);
  }
}

}  // namespace

Rotation rotationAbout(double height, double longitude, double radians) {
  double flat = std::sqrt(std::max(0.0, 1 - height * height));
  double x = flat * std::cos(longitude), y = flat * std::sin(longitude), z = height;
  double c = std::cos(radians), s = std::sin(radians), d = 1 - c;
  return {c + x * x * d,     x * y * d - z * s, x * z * d + y * s,
          y * x * d + z * s, c + y * y * d,     y * z * d - x * s,
          z * x * d - y * s, z * y * d + x * s, c + z * z * d};
}

int64_t change(const SequenceShape &shape, const SequenceChange &how, int64_t length, const float *from, float *to) {
  int64_t newLength =
      how.stretch == 1 ? length
                       : std::clamp<int64_t>(std::llround(how.stretch * static_cast<double>(length)), 1, shape.steps);
  int64_t values = newLength * shape.features;
  if (newLength == length)
    std::copy_n(from, values, to);
  else
    stretch(shape.features, length, newLength, from, to);
  std::fill(to + values, to + shape.elements(), 0.0f);
  if (how.turns) turn(how.rotation, values / 3, to);
  return newLength;
}

}  // namespace nncc::data
