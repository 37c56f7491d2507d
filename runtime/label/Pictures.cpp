#include "label/Pictures.h"

#include <algorithm>
#include <vector>

#include "data/ImageFile.h"
#include "data/Resize.h"
#include "label/Encode.h"

namespace nncc::label {

namespace {

// PNG takes too long beyond, and JPEG's wider sides end at 65500.
constexpr int64_t mostPngPixels = 512 * 512;
constexpr int mostJpegSide = 65500;
constexpr int thumbnailSide = 128;

Picture encoded(const std::vector<std::byte> &pixels, data::ImageSize size) {
  bool png = int64_t{size.height} * size.width <= mostPngPixels || std::max(size.height, size.width) > mostJpegSide;
  if (png) return {encodePng(pixels.data(), size), "image/png"};
  return {encodeJpeg(pixels.data(), size), "image/jpeg"};
}

}  // namespace

Picture wholePicture(const ImageList &images, int64_t image) {
  std::vector<std::byte> pixels;
  data::ImageSize size = data::ImageDecoder().decodeWhole(images.path(image), pixels);
  return encoded(pixels, size);
}

Picture thumbnail(const ImageList &images, int64_t image) {
  std::vector<std::byte> pixels;
  data::ImageSize own = data::ImageDecoder().decodeWhole(images.path(image), pixels);
  double scale = static_cast<double>(thumbnailSide) / std::max(own.height, own.width);
  if (scale >= 1) return encoded(pixels, own);
  data::ImageSize small{std::max(1, static_cast<int>(own.height * scale)),
                        std::max(1, static_cast<int>(own.width * scale)), 3};
  std::vector<std::byte> shrunk(static_cast<size_t>(small.height) * small.width * 3);
  data::Resizer().resize(pixels.data(), own, shrunk.data(), small, {data::Resizing::Bilinear});
  return {encodeJpeg(shrunk.data(), small), "image/jpeg"};
}

}  // namespace nncc::label
