// Images moved: by whole pixels, as exact copies, or by any affine map, between pixels.
//
// An image goes on beyond its edges as its Fill says; a pixel's place is its centre, the first
// one's (0, 0). Images are u8, row-major, channels last.
#ifndef NNCC_DATA_RESAMPLE_H
#define NNCC_DATA_RESAMPLE_H

#include <cstdint>

namespace nncc::data {

struct ImageShape {
  int32_t height, width, channels;
  int64_t bytes() const { return int64_t{height} * width * channels; }
};

// Keras's fill modes, for a row a b c d:
enum class FillMode {
  Reflect,   // d c b a | a b c d | d c b a
  Constant,  // k k k k | a b c d | k k k k
  Nearest,   // a a a a | a b c d | d d d d
  Wrap,      // a b c d | a b c d | a b c d
};

struct Fill {
  FillMode mode = FillMode::Reflect;
  uint8_t value = 0;  // of Constant
};

// Where the pixel `i` of `size` in a row comes from: 0..size-1, or -1 for the constant.
inline int64_t filledIndex(int64_t i, int64_t size, FillMode mode) {
  if (i >= 0 && i < size) return i;
  switch (mode) {
    case FillMode::Constant: return -1;
    case FillMode::Nearest: return i < 0 ? 0 : size - 1;
    case FillMode::Wrap: {
      int64_t rest = i % size;
      return rest < 0 ? rest + size : rest;
    }
    case FillMode::Reflect: break;
  }
  if (i < 0) i = -1 - i;  // the mirror at the first edge
  if (i >= 2 * size) i %= 2 * size;
  return i < size ? i : 2 * size - 1 - i;
}

// Flipped first, then shifted down and to the right.
struct Placement {
  bool flipX = false, flipY = false;
  int32_t shiftX = 0, shiftY = 0;
};

// `to` must not overlap `from`.
void place(const ImageShape &size, const Fill &fill, const Placement &placement,
           const uint8_t *from, uint8_t *to);

// Pixel (x, y) of the result is what the image has at (xx * x + xy * y + x0, yx * x + yy * y + y0).
struct Affine {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;
};

// The image placed, then turned clockwise by `radians` and zoomed about its centre: the result
// shows a part whose sides are `side` times the image's.
Affine affine(const ImageShape &size, const Placement &placement, double radians, double side);

// Bilinear, rounded to the nearest grey level; within one level of exact. `to` must not overlap
// `from`.
void resample(const ImageShape &size, const Fill &fill, const Affine &map, const uint8_t *from,
              uint8_t *to);

}  // namespace nncc::data

#endif  // NNCC_DATA_RESAMPLE_H
