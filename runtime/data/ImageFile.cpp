#include "data/ImageFile.h"

#include <algorithm>
#include <array>
#include <string>

#include "data/InputFile.h"
#include "data/PnmFile.h"
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
constexpr int64_t mostBytes = int64_t{256} << 20, mostPixels = int64_t{256} << 20;

}  // namespace

Resizing resizingOf(const ReaderInput &input) {
  Resizing resizing;
  std::string method = input.option("resize"), fit = input.option("fit");
  if (method == "true" || method == "bilinear") resizing.method = Resizing::Bilinear;
  if (method == "nearest") resizing.method = Resizing::Nearest;
  if (fit == "crop") resizing.fit = Resizing::Crop;
  if (fit == "pad") resizing.fit = Resizing::Pad;
  return resizing;
}

bool looksLikeImage(const std::filesystem::path &path) try {
  InputFile file(path);
  std::vector<std::byte> start(std::min<int64_t>(file.size(), pngMagic.size()));
  file.read(0, start);
  return startsWith(std::span<const std::byte>(start), jpegMagic) ||
         startsWith(std::span<const std::byte>(start), pngMagic) || isPnm(start);
} catch (const UserError &) {
  return false;
}

ImageDecoder::ImageDecoder(const NnccTensor &input, Resizing resizing)
    : size{static_cast<int>(input.shape[0]), static_cast<int>(input.shape[1]),
           input.rank == 3 ? static_cast<int>(input.shape[2]) : 1},
      resizing(resizing) {}

// `format` stays null if no decoder knows the file.
ImageResult ImageDecoder::decodeBytes(ImageSize wanted, std::byte *to, const char *&format) {
  if (startsWith(bytes, jpegMagic)) {
    format = "JPEG";
    return jpeg.decode(bytes, wanted, to);
  }
  if (startsWith(bytes, pngMagic)) {
    format = "PNG";
    return png.decode(bytes, wanted, to);
  }
  if (isPnm(bytes)) {
    format = "PGM or PPM";
    return decodePnm(bytes, wanted, to);
  }
  return {};
}

void ImageDecoder::read(const std::filesystem::path &path) {
  InputFile file(path);
  if (file.size() == 0) throw UserError(path.string() + ": the file is empty");
  if (file.size() > mostBytes)
    throw UserError(path.string() + ": " + std::to_string(file.size()) +
                    " bytes are too many for an image; at most 256 MiB are read");
  bytes.resize(file.size());
  file.read(0, bytes);
}

ImageSize ImageDecoder::ownSize(const std::filesystem::path &path, const ImageResult &result) const {
  if (result.width > mostPixels / result.height)
    throw UserError(path.string() + ": " + std::to_string(result.width) + " x " +
                    std::to_string(result.height) + " pixels are too many for an image; at most "
                    "256 million are read");
  return {static_cast<int>(result.height), static_cast<int>(result.width), size.channels};
}

namespace {

// What is wrong with a file whose format no decoder knows, and with one that its decoder refused.
[[noreturn]] void refuseFormat(const std::filesystem::path &path) {
  throw UserError(path.string() +
                  ": neither a JPEG nor a PNG, PGM or PPM image; convert it or remove it");
}

[[noreturn]] void refuseBroken(const std::filesystem::path &path, const char *format, const ImageResult &result) {
  throw UserError(path.string() + ": broken " + format + " image: " + result.message +
                  "; replace or remove the file");
}

}  // namespace

void ImageDecoder::decode(const std::filesystem::path &path, std::byte *to) {
  read(path);
  const char *format = nullptr;
  ImageResult result = decodeBytes(size, to, format);
  last = {format, size.width, size.height};
  if (!format) refuseFormat(path);
  if (result.outcome == ImageResult::OtherSize && resizing.method != Resizing::None) {
    ImageSize own = ownSize(path, result);
    last.width = own.width;
    last.height = own.height;
    whole.resize(static_cast<size_t>(own.height) * own.width * own.channels);
    result = decodeBytes(own, whole.data(), format);
    if (result.outcome == ImageResult::Decoded)
      resizer.resize(whole.data(), own, to, size, resizing);
  }
  if (result.outcome == ImageResult::Broken) refuseBroken(path, format, result);
  if (result.outcome == ImageResult::OtherSize)
    throw UserError(path.string() + ": the image is " + std::to_string(result.width) + " x " +
                    std::to_string(result.height) + " pixels (width x height), but the model's "
                    "input is " + std::to_string(size.width) + " x " +
                    std::to_string(size.height) +
                    (resizing.offered ? "; give the reader `resize: true`, or change the model's input shape"
                                      : "; expected an image of that size"));
}

ImageSize ImageDecoder::decodeWhole(const std::filesystem::path &path, std::vector<std::byte> &to) {
  read(path);
  const char *format = nullptr;
  // No image has no pixels: this tells the size.
  ImageResult result = decodeBytes({0, 0, size.channels}, nullptr, format);
  if (!format) refuseFormat(path);
  if (result.outcome == ImageResult::Broken) refuseBroken(path, format, result);
  ImageSize own = ownSize(path, result);
  to.resize(static_cast<size_t>(own.height) * own.width * own.channels);
  result = decodeBytes(own, to.data(), format);
  if (result.outcome != ImageResult::Decoded) refuseBroken(path, format, result);
  last = {format, own.width, own.height};
  return own;
}

}  // namespace nncc::data
