// Pixels, RGB, to the bytes of an image file.
#ifndef NNCC_LABEL_ENCODE_H
#define NNCC_LABEL_ENCODE_H

#include <cstddef>
#include <string>

#include "data/ImageResult.h"

namespace nncc::label {

// size.height * size.width * 3 bytes. Both throw std::bad_alloc where memory is short.
std::string encodePng(const std::byte *pixels, data::ImageSize size);
// Colours at full resolution, quality 92.
std::string encodeJpeg(const std::byte *pixels, data::ImageSize size);

}  // namespace nncc::label

#endif  // NNCC_LABEL_ENCODE_H
