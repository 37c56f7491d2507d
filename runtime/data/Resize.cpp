// Rows first, then columns; weights are fixed point with 14 bits, what is between the passes is
// rounded to a byte, as Pillow has it. Both inner loops run over independent values side by side
// (eight rows at a time across, a whole row down), so that the compiler makes vectors of them.
#include "data/Resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nncc::data {

namespace {

constexpr int weightBits = 14, one = 1 << weightBits, half = one / 2;
constexpr int rowsAtOnce = 8;

uint8_t byteOf(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> weightBits, 0, 255));
}

}  // namespace

void Resizer::Axis::prepare(int newBegin, int newLength, int newOutputs,
                            Resizing::Method newMethod) {
  if (begin == newBegin && length == newLength && outputs == newOutputs && method == newMethod)
    return;
  begin = newBegin, length = newLength, outputs = newOutputs, method = newMethod;
  double scale = static_cast<double>(length) / outputs, reach = std::max(scale, 1.0);
  taps = method == Resizing::Nearest ? 1 : std::min(length, 2 * static_cast<int>(std::ceil(reach)) + 1);
  first.assign(outputs, begin);
  weights.assign(static_cast<size_t>(outputs) * taps, 0);
  std::vector<double> shares(taps);
  for (int i = 0; i < outputs; ++i) {
    double centre = (i + 0.5) * scale;
    int16_t *weight = weights.data() + static_cast<size_t>(i) * taps;
    if (method == Resizing::Nearest) {
      first[i] = begin + std::min(static_cast<int>(centre), length - 1);
      weight[0] = one;
      continue;
    }
    int from = std::max(0, static_cast<int>(centre - reach + 0.5));
    int to = std::min(length, static_cast<int>(centre + reach + 0.5));
    from = std::min(from, length - taps);  // the window stays inside; what is beyond weighs nothing
    double sum = 0;
    for (int k = 0; k < taps; ++k) {
      double distance = std::abs(from + k + 0.5 - centre) / reach;
      shares[k] = from + k < to && distance < 1 ? 1 - distance : 0;
      sum += shares[k];
    }
    first[i] = begin + from;
    int rest = one, largest = 0;
    for (int k = 0; k < taps; ++k) {
      weight[k] = static_cast<int16_t>(std::lround(shares[k] / sum * one));
      rest -= weight[k];
      if (weight[k] > weight[largest]) largest = k;
    }
    weight[largest] = static_cast<int16_t>(weight[largest] + rest);  // a flat area stays as it is
  }
}

void Resizer::across(const std::byte *from, int fromWidth, int rows, int channels, std::byte *to,
                     int toWidth) {
  int fromRow = fromWidth * channels, toRow = toWidth * channels;
  columns.resize(static_cast<size_t>(fromRow) * rowsAtOnce);
  for (int row = 0; row < rows; row += rowsAtOnce) {
    int count = std::min(rowsAtOnce, rows - row);
    for (int r = 0; r < rowsAtOnce; ++r) {
      const std::byte *source = from + static_cast<int64_t>(row + std::min(r, count - 1)) * fromRow;
      for (int x = 0; x < fromRow; ++x)
        columns[static_cast<size_t>(x) * rowsAtOnce + r] = std::to_integer<int16_t>(source[x]);
    }
    std::byte *target = to + static_cast<int64_t>(row) * toRow;
    for (int x = 0; x < toWidth; ++x) {
      const int16_t *weight = horizontal.weights.data() + static_cast<size_t>(x) * horizontal.taps;
      for (int c = 0; c < channels; ++c) {
        const int16_t *source =
            columns.data() + (static_cast<size_t>(horizontal.first[x]) * channels + c) * rowsAtOnce;
        int32_t sum[rowsAtOnce];
        for (int32_t &value : sum) value = half;
        for (int k = 0; k < horizontal.taps; ++k, source += channels * rowsAtOnce)
          for (int r = 0; r < rowsAtOnce; ++r) sum[r] += source[r] * weight[k];
        for (int r = 0; r < count; ++r)
          target[static_cast<int64_t>(r) * toRow + x * channels + c] = std::byte{byteOf(sum[r])};
      }
    }
  }
}

void Resizer::down(const std::byte *from, int rowBytes, std::byte *to, int toHeight,
                   int64_t toStride) {
  sums.resize(rowBytes);
  for (int y = 0; y < toHeight; ++y, to += toStride) {
    const int16_t *weight = vertical.weights.data() + static_cast<size_t>(y) * vertical.taps;
    std::fill(sums.begin(), sums.end(), half);
    for (int k = 0; k < vertical.taps; ++k) {
      if (!weight[k]) continue;
      auto *source = reinterpret_cast<const uint8_t *>(from) +
                     static_cast<int64_t>(vertical.first[y] + k) * rowBytes;
      int32_t *sum = sums.data();
      for (int x = 0; x < rowBytes; ++x) sum[x] += static_cast<int16_t>(source[x]) * weight[k];
    }
    for (int x = 0; x < rowBytes; ++x) to[x] = std::byte{byteOf(sums[x])};
  }
}

void Resizer::resize(const std::byte *from, ImageSize fromSize, std::byte *to, ImageSize toSize,
                     Resizing resizing) {
  int channels = toSize.channels;
  int top = 0, left = 0, height = fromSize.height, width = fromSize.width;
  int toTop = 0, toLeft = 0, toHeight = toSize.height, toWidth = toSize.width;
  double wide = static_cast<double>(toSize.width) * fromSize.height,
         tall = static_cast<double>(toSize.height) * fromSize.width;
  auto atLeastOne = [](double size) { return std::max(1, static_cast<int>(std::lround(size))); };
  if (resizing.fit == Resizing::Crop) {
    if (tall > wide) width = std::min(width, atLeastOne(wide / toSize.height));
    if (wide > tall) height = std::min(height, atLeastOne(tall / toSize.width));
    left = (fromSize.width - width) / 2;
    top = (fromSize.height - height) / 2;
  } else if (resizing.fit == Resizing::Pad) {
    if (tall > wide) toHeight = std::min(toHeight, atLeastOne(wide / fromSize.width));
    if (wide > tall) toWidth = std::min(toWidth, atLeastOne(tall / fromSize.height));
    toLeft = (toSize.width - toWidth) / 2;
    toTop = (toSize.height - toHeight) / 2;
    std::memset(to, 0, static_cast<size_t>(toSize.height) * toSize.width * channels);
  }
  horizontal.prepare(left, width, toWidth, resizing.method);
  vertical.prepare(0, height, toHeight, resizing.method);
  narrowed.resize(static_cast<size_t>(height) * toWidth * channels);
  across(from + static_cast<int64_t>(top) * fromSize.width * channels, fromSize.width, height,
         channels, narrowed.data(), toWidth);
  down(narrowed.data(), toWidth * channels,
       to + (static_cast<int64_t>(toTop) * toSize.width + toLeft) * channels, toHeight,
       static_cast<int64_t>(toSize.width) * channels);
}

}  // namespace nncc::data
