// PNG through libpng. See ImageFile.h for what comes out.
#ifndef NNCC_DATA_PNGFILE_H
#define NNCC_DATA_PNGFILE_H

#include <cstddef>
#include <memory>
#include <span>

#include "data/ImageResult.h"

namespace nncc::data {

class PngDecoder {
 public:
  PngDecoder();
  ~PngDecoder();

  // Writes height * width * channels bytes if the outcome is Decoded; else `to` is arbitrary.
  ImageResult decode(std::span<const std::byte> file, ImageSize size, std::byte *to);

 private:
  struct State;
  std::unique_ptr<State> state;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_PNGFILE_H
