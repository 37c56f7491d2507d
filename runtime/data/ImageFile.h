// Decodes JPEG, PNG, PGM and PPM files, recognised by content, to bytes of a fixed size
// [H, W, C]. The image must have that size unless it is to be resized.
//
// C = 3: grey becomes three equal channels. C = 1: a JPEG's own luma; other colours by
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
#include "data/Findings.h"
#include "data/JpegFile.h"
#include "data/PngFile.h"
#include "data/ReaderTable.h"
#include "data/Resize.h"

namespace nncc::data {

// The options of image readers: `resize` (false; true or bilinear; nearest) and `fit` (stretch,
// crop, pad).
Resizing resizingOf(const ReaderInput &input);

// Does the file begin as one of these formats does? False too where it can't be read.
bool looksLikeImage(const std::filesystem::path &file);

// One for each thread: it keeps its buffers from file to file.
class ImageDecoder {
 public:
  // u8 [H, W, C] or [H, W]
  explicit ImageDecoder(const NnccTensor &input, Resizing resizing = {});

  // For decodeWhole only.
  ImageDecoder() : size{0, 0, 3} {}

  // Writes H * W * C bytes. Throws UserError naming the file if it is missing, corrupt, cut
  // short, of another size without resizing, or of no known format.
  void decode(const std::filesystem::path &file, std::byte *to);
  // Fills `to` with the image at its own size, RGB. Same errors.
  ImageSize decodeWhole(const std::filesystem::path &file, std::vector<std::byte> &to);
  // Of the last image that was decoded, as it is in its file.
  const ImageFacts &facts() const { return last; }

 private:
  void read(const std::filesystem::path &file);
  ImageResult decodeBytes(ImageSize wanted, std::byte *to, const char *&format);
  // Where decodeBytes found another size than it wanted.
  ImageSize ownSize(const std::filesystem::path &file, const ImageResult &result) const;

  ImageSize size;
  ImageFacts last;
  Resizing resizing;
  std::vector<std::byte> bytes;  // the file's
  std::vector<std::byte> whole;  // the image before it is resized
  Resizer resizer;
  JpegDecoder jpeg;
  PngDecoder png;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_IMAGEFILE_H
