#include "data/ImageFile.h"

#include <algorithm>
#include <array>
#include <string>

#include "data/InputFile.h"
#include "error.h"

namespace nncc::data {

namespace {

template <size_t N>
bool startsWith(std::span<const std::byte> bytes, const std::array<uint8_t, N> &magic) {
  return bytes.size() >= N && std::equal(magic.begin(), magic.end(), bytes.begin(),
                                         [](uint8_t a, std::byte b) { return std::byte{a} == b; });
}

constexpr std::array<uint8_t, 3> jpegMagic = {0xFF, 0xD8, 0xFF};
constexpr std::array<uint8_t, 8> pngMagic = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
constexpr int64_t mostBytes = int64_t{256} << 20;

}  // namespace

ImageDecoder::ImageDecoder(const NnccTensor &input)
    : size{static_cast<int>(input.shape[0]), static_cast<int>(input.shape[1]),
           input.rank == 3 ? static_cast<int>(input.shape[2]) : 1} {}

void ImageDecoder::decode(const std::filesystem::path &path, std::byte *to) {
  {
    InputFile file(path);
    if (file.size() == 0) throw UserError(path.string() + ": the file is empty");
    if (file.size() > mostBytes)
      throw UserError(path.string() + ": " + std::to_string(file.size()) +
                      " bytes are too many for an image; at most 256 MiB are read");
    bytes.resize(file.size());
    file.read(0, bytes);
  }

  const char *format = nullptr;
  ImageResult result;
  if (startsWith(bytes, jpegMagic)) {
    format = "JPEG";
    result = jpeg.decode(bytes, size, to);
  } else if (startsWith(bytes, pngMagic)) {
    format = "PNG";
    result = png.decode(bytes, size, to);
  } else {
    throw UserError(path.string() + ": neither a JPEG nor a PNG image; convert it or remove it");
  }
  switch (result.outcome) {
    case ImageResult::Decoded: return;
    case ImageResult::OtherSize:
      throw UserError(path.string() + ": the image is " + std::to_string(result.width) + " x " +
                      std::to_string(result.height) + " pixels (width x height), but the model's "
                      "input is " + std::to_string(size.width) + " x " +
                      std::to_string(size.height) + "; resize the images or change the model's "
                      "input shape");
    case ImageResult::Broken:
      throw UserError(path.string() + ": broken " + format + " image: " + result.message +
                      "; replace or remove the file");
  }
}

}  // namespace nncc::data
