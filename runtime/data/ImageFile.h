// Decodes JPEG and PNG files, recognised by content, to bytes of a fixed size [H, W, C].
//
// C = 3: grey becomes three equal channels. C = 1: a JPEG's own luma; a PNG's colours by
// ITU-R 601 (0.299 R + 0.587 G + 0.114 B, rounded). Alpha is dropped, 16 bits are scaled to 8,
// palettes are looked up. JPEG with the library's defaults (exact inverse transform, smooth
// chroma), as other programs decode it.
#ifndef NNCC_DATA_IMAGEFILE_H
#define NNCC_DATA_IMAGEFILE_H

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "abi.h"
#include "data/JpegFile.h"
#include "data/PngFile.h"

namespace nncc::data {

// One for each thread: it keeps its buffers from file to file.
class ImageDecoder {
 public:
  explicit ImageDecoder(const NnccTensor &input);  // u8 [H, W, C] or [H, W]

  // Writes H * W * C bytes. Throws UserError naming the file if it is missing, corrupt, cut
  // short, of another size or no JPEG or PNG.
  void decode(const std::filesystem::path &file, std::byte *to);

 private:
  ImageSize size;
  std::vector<std::byte> bytes;  // the file's
  JpegDecoder jpeg;
  PngDecoder png;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_IMAGEFILE_H
