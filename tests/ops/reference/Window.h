// The geometry that convolutions and pools share: where a window lies on its source.
#ifndef NNCC_TESTS_OPS_REFERENCE_WINDOW_H
#define NNCC_TESTS_OPS_REFERENCE_WINDOW_H

#include "reference/Op.h"

namespace nncc::ops {

struct Window {
  int64_t sh, sw;             // strides
  int64_t top, left;          // padding before the first row and column
  int64_t bottom, right;
  int64_t dh = 1, dw = 1;     // from one element of the window to the next

  explicit Window(const Attributes &attributes) {
    const std::vector<double> &strides = listOf(attributes, "strides");
    const std::vector<double> &pads = listOf(attributes, "pads");
    require(strides.size() == 2 && pads.size() == 4, "two strides and four pads expected");
    sh = strides[0], sw = strides[1];
    top = pads[0], left = pads[1], bottom = pads[2], right = pads[3];
    if (attributes.count("dilations")) {
      const std::vector<double> &dilations = listOf(attributes, "dilations");
      require(dilations.size() == 2, "two dilations expected");
      dh = dilations[0], dw = dilations[1];
    }
  }

  // Rows and columns of the source under position (y, x) of the result.
  int64_t row(int64_t y, int64_t i) const { return y * sh + i * dh - top; }
  int64_t column(int64_t x, int64_t j) const { return x * sw + j * dw - left; }

  static bool inside(const Tensor &image, int64_t row, int64_t column) {
    return 0 <= row && row < image.shape[1] && 0 <= column && column < image.shape[2];
  }

  // `image` [N, H, W, C] gives `result` [N, oh, ow, ...] for a window of kh x kw.
  void check(const Tensor &image, const Tensor &result, int64_t kh, int64_t kw) const {
    require(image.shape.size() == 4 && result.shape.size() == 4, "four dimensions expected");
    require(image.shape[0] == result.shape[0], "samples differ");
    require(result.shape[1] == (image.shape[1] + top + bottom - (kh - 1) * dh - 1) / sh + 1 &&
                result.shape[2] == (image.shape[2] + left + right - (kw - 1) * dw - 1) / sw + 1,
            "result size does not follow from source, window, strides and pads");
  }
};

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_REFERENCE_WINDOW_H
