// Image files as libjpeg and libpng write them, readers' components, and the text of errors.
#ifndef NNCC_TESTS_DATA_FILES_H
#define NNCC_TESTS_DATA_FILES_H

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "abi.h"
#include "data/Reader.h"

using Bytes = std::vector<uint8_t>;

// `pixels`: height * width * channels bytes. channels: 1 grey, 3 RGB, 4 CMYK.
std::string jpegFile(int height, int width, int channels, const Bytes &pixels, int quality = 100,
                     bool progressive = false);

struct PngOptions {
  int colourType;  // libpng's PNG_COLOR_TYPE_...
  int bits = 8;
  bool interlaced = false;
  std::vector<std::array<uint8_t, 3>> palette = {};
  std::vector<uint8_t> paletteAlpha = {};
};
// `rows`: the file's rows one after the other, packed as PNG packs them.
std::string pngFile(int height, int width, const Bytes &rows, const PngOptions &options);
std::string pngFile(int height, int width, const Bytes &rgb);

// Different in every pixel, the same every time.
Bytes testPixels(size_t bytes, uint32_t seed);

// A component that owns its strings.
class Component {
 public:
  Component(const char *kind, std::vector<std::pair<std::string, std::string>> options);
  operator const NnccComponent &() const { return component; }

 private:
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<NnccOption> options;
  NnccComponent component;
};

// The columns of a classifier: u8 [height, width, channels] and i32 [].
class ImageColumns {
 public:
  ImageColumns(int64_t height, int64_t width, int64_t channels)
      : shape{height, width, channels},
        tensors{{"input", NNCC_U8, 3, shape}, {"label", NNCC_I32, 0, nullptr}} {}
  ImageColumns(const ImageColumns &) = delete;
  operator std::span<const NnccTensor>() const { return tensors; }
  const NnccTensor &image() const { return tensors[0]; }

 private:
  int64_t shape[3];
  NnccTensor tensors[2];
};

Bytes sampleOf(const nncc::data::Dataset &dataset, int64_t index);
int32_t labelOf(const nncc::data::Dataset &dataset, int64_t index);

// The text of the UserError that `action` throws; "no error" if it doesn't.
std::string errorOf(const std::function<void()> &action);

#endif  // NNCC_TESTS_DATA_FILES_H
