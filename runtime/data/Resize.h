// Images of any size made to fit a size, as Pillow's Image.resize does it (within a grey level).
#ifndef NNCC_DATA_RESIZE_H
#define NNCC_DATA_RESIZE_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/ImageResult.h"

namespace nncc::data {

struct Resizing {
  // Bilinear weighs by distance over the area that a pixel covers, so that a smaller image has
  // no aliases; Nearest takes the pixel at the centre.
  enum Method { None, Bilinear, Nearest } method = None;
  // Where the aspect ratios differ: Stretch changes the image's, Crop cuts off what is too long
  // on both ends, Pad keeps all and leaves the rest black.
  enum Fit { Stretch, Crop, Pad } fit = Stretch;
  bool offered = true;  // by the reader: an image of another size may be told of it
};

// One for each thread: it keeps its tables and buffers.
class Resizer {
 public:
  // `channels` is the same in both; rows are dense.
  void resize(const std::byte *from, ImageSize fromSize, std::byte *to, ImageSize toSize,
              Resizing resizing);

 private:
  // The source pixels first ... first + taps - 1 that make up an output pixel, and their weights,
  // which add up to 1 << weightBits.
  struct Axis {
    int taps = 0;
    std::vector<int32_t> first;
    std::vector<int16_t> weights;  // [outputs][taps]
    // What it was made for.
    int begin = 0, length = 0, outputs = 0;
    Resizing::Method method = Resizing::None;
    void prepare(int begin, int length, int outputs, Resizing::Method method);
  };
  void across(const std::byte *from, int fromWidth, int rows, int channels, std::byte *to,
              int toWidth);
  void down(const std::byte *from, int rowBytes, std::byte *to, int toHeight, int64_t toStride);

  Axis horizontal, vertical;
  std::vector<std::byte> narrowed;
  std::vector<int16_t> columns;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_RESIZE_H
