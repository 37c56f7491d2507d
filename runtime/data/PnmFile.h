// PGM and PPM, as text (P2, P3) and binary (P5, P6). See ImageFile.h for what comes out.
#ifndef NNCC_DATA_PNMFILE_H
#define NNCC_DATA_PNMFILE_H

#include <cstddef>
#include <span>

#include "data/ImageResult.h"

namespace nncc::data {

bool isPnm(std::span<const std::byte> file);

// Writes height * width * channels bytes if the outcome is Decoded; else `to` is arbitrary.
ImageResult decodePnm(std::span<const std::byte> file, ImageSize size, std::byte *to);

}  // namespace nncc::data

#endif  // NNCC_DATA_PNMFILE_H
