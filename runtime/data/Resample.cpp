#include "data/Resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nncc::data {

namespace {

// Pixels of `Channels` bytes, or of `channels` where that is 0: the compiler knows the usual ones.
template <int Channels>
class Placer {
 public:
  Placer(const ImageShape &size, const Fill &fill, const Placement &placement)
      : size(size), fill(fill), placement(placement) {}

  void run(const uint8_t *from, uint8_t *to) const {
    int64_t rowBytes = int64_t{size.width} * channels();
    for (int64_t y = 0; y < size.height; ++y, to += rowBytes) {
      int64_t row = filledIndex(y - placement.shiftY, size.height, fill.mode);
      if (row < 0) {
        std::memset(to, fill.value, rowBytes);
        continue;
      }
      if (placement.flipY) row = size.height - 1 - row;
      copyRow(from + row * rowBytes, to);
    }
  }

 private:
  int channels() const { return Channels ? Channels : size.channels; }

  void copyRow(const uint8_t *from, uint8_t *to) const {
    int64_t width = size.width, shift = placement.shiftX;
    // Columns first..last-1 show the image itself.
    int64_t first = std::clamp<int64_t>(shift, 0, width);
    int64_t last = std::clamp<int64_t>(width + shift, 0, width);
    if (last < first) last = first;
    for (int64_t x = 0; x < first; ++x) copyOutside(x, from, to);
    if (placement.flipX)
      copyReversed(from + (width - last + shift) * channels(), to + first * channels(),
                   last - first);
    else
      std::memcpy(to + first * channels(), from + (first - shift) * channels(),
                  (last - first) * channels());
    for (int64_t x = last; x < width; ++x) copyOutside(x, from, to);
  }

  void copyOutside(int64_t x, const uint8_t *from, uint8_t *to) const {
    int64_t column = filledIndex(x - placement.shiftX, size.width, fill.mode);
    if (column >= 0 && placement.flipX) column = size.width - 1 - column;
    for (int c = 0; c < channels(); ++c)
      to[x * channels() + c] = column < 0 ? fill.value : from[column * channels() + c];
  }

  void copyReversed(const uint8_t *from, uint8_t *to, int64_t pixels) const {
    const uint8_t *pixel = from + pixels * channels();
    if constexpr (Channels == 3) {
      // Four bytes at once; the fourth is overwritten by the next pixel. The row's last pixel,
      // in either order, has no byte behind it that may be touched.
      if (pixels == 0) return;
      std::memcpy(to, pixel -= 3, 3);
      if (pixels == 1) return;
      for (int64_t i = 1; i < pixels - 1; ++i) std::memcpy(to += 3, pixel -= 3, 4);
      std::memcpy(to + 3, pixel - 3, 3);
    } else {
      for (int64_t i = 0; i < pixels; ++i) {
        pixel -= channels();
        for (int c = 0; c < channels(); ++c) *to++ = pixel[c];
      }
    }
  }

  const ImageShape &size;
  const Fill &fill;
  const Placement &placement;
};

// Coordinates have 32 bits of fraction, weights 11: their products and the sum of four of them
// times 255 stay below 2^31.
constexpr int kFraction = 32, kWeight = 11;
constexpr int32_t kOne = 1 << kWeight;

int64_t fixed(double value) { return std::llround(std::ldexp(value, kFraction)); }

int32_t weightOf(int64_t coordinate) {
  return static_cast<int32_t>(coordinate >> (kFraction - kWeight)) & (kOne - 1);
}

template <int Channels>
class Resampler {
 public:
  Resampler(const ImageShape &size, const Fill &fill, const uint8_t *from)
      : size(size), fill(fill), from(from), rowBytes(int64_t{size.width} * channels()) {
    std::memset(constant, fill.value, sizeof constant);
  }

  void run(const Affine &map, uint8_t *to) const {
    int64_t stepX = fixed(map.xx), stepY = fixed(map.yx);
    for (int64_t row = 0; row < size.height; ++row) {
      int64_t x = fixed(map.xy * static_cast<double>(row) + map.x0);
      int64_t y = fixed(map.yy * static_cast<double>(row) + map.y0);
      for (int64_t i = 0; i < size.width; ++i, x += stepX, y += stepY, to += channels())
        pixel(x, y, to);
    }
  }

 private:
  int channels() const { return Channels ? Channels : size.channels; }

  void pixel(int64_t x, int64_t y, uint8_t *to) const {
    int64_t left = x >> kFraction, top = y >> kFraction;
    const uint8_t *a, *b, *c, *d;
    if (static_cast<uint64_t>(left) < static_cast<uint64_t>(size.width - 1) &&
        static_cast<uint64_t>(top) < static_cast<uint64_t>(size.height - 1)) {
      a = from + top * rowBytes + left * channels();
      b = a + channels();
      c = a + rowBytes;
      d = c + channels();
    } else {
      a = tap(left, top);
      b = tap(left + 1, top);
      c = tap(left, top + 1);
      d = tap(left + 1, top + 1);
    }
    int32_t right = weightOf(x), below = weightOf(y);
    int32_t weightD = right * below, weightC = (kOne - right) * below;
    int32_t weightB = right * (kOne - below), weightA = (kOne - right) * (kOne - below);
    for (int i = 0; i < channels(); ++i)
      to[i] = static_cast<uint8_t>((weightA * a[i] + weightB * b[i] + weightC * c[i] +
                                    weightD * d[i] + (1 << (2 * kWeight - 1))) >>
                                   (2 * kWeight));
  }

  const uint8_t *tap(int64_t x, int64_t y) const {
    x = filledIndex(x, size.width, fill.mode);
    y = filledIndex(y, size.height, fill.mode);
    return x < 0 || y < 0 ? constant : from + y * rowBytes + x * channels();
  }

  const ImageShape &size;
  const Fill &fill;
  const uint8_t *from;
  int64_t rowBytes;
  uint8_t constant[4];  // a pixel; no image has more channels
};

}  // namespace

void place(const ImageShape &size, const Fill &fill, const Placement &placement,
           const uint8_t *from, uint8_t *to) {
  switch (size.channels) {
    case 1: return Placer<1>(size, fill, placement).run(from, to);
    case 3: return Placer<3>(size, fill, placement).run(from, to);
    default: return Placer<0>(size, fill, placement).run(from, to);
  }
}

Affine affine(const ImageShape &size, const Placement &placement, double radians, double side) {
  double centreX = (size.width - 1) / 2.0, centreY = (size.height - 1) / 2.0;
  double cosine = side * std::cos(radians), sine = side * std::sin(radians);
  // Back from the result to the placed image, about the centre ...
  Affine map{cosine, sine, 0, -sine, cosine, 0};
  map.x0 = centreX - map.xx * centreX - map.xy * centreY - placement.shiftX;
  map.y0 = centreY - map.yx * centreX - map.yy * centreY - placement.shiftY;
  // ... and to the one before the flips.
  if (placement.flipX) map = {-map.xx, -map.xy, size.width - 1 - map.x0, map.yx, map.yy, map.y0};
  if (placement.flipY) map = {map.xx, map.xy, map.x0, -map.yx, -map.yy, size.height - 1 - map.y0};
  return map;
}

void resample(const ImageShape &size, const Fill &fill, const Affine &map, const uint8_t *from,
              uint8_t *to) {
  switch (size.channels) {
    case 1: return Resampler<1>(size, fill, from).run(map, to);
    case 3: return Resampler<3>(size, fill, from).run(map, to);
    default: return Resampler<0>(size, fill, from).run(map, to);
  }
}

}  // namespace nncc::data
