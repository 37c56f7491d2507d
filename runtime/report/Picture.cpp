#include "report/Picture.h"

#include <png.h>

#include <algorithm>

#include "error.h"
#include "report/AtomicFile.h"
#include "report/Font.h"

namespace nncc::report {

static_assert(sizeof(Colour) == 3, "rows of pixels are handed to libpng as they are");

Picture::Picture(int width, int height, Colour background)
    : columns(width),
      rows(height),
      pixels(static_cast<size_t>(width) * static_cast<size_t>(height), background) {}

void Picture::fill(int left, int top, int width, int height, Colour colour) {
  int right = std::min(left + width, columns), bottom = std::min(top + height, rows);
  left = std::max(left, 0);
  if (left >= right) return;
  for (int row = std::max(top, 0); row < bottom; ++row)
    std::fill_n(pixels.begin() + static_cast<ptrdiff_t>(row) * columns + left, right - left,
                colour);
}

void Picture::text(int left, int top, const std::string &text, int scale, Colour colour) {
  for (char letter : text) {
    if (letter < kFirstGlyph || letter > kLastGlyph) letter = '?';
    const uint8_t(&glyph)[kGlyphRows] = kGlyphs[letter - kFirstGlyph];
    for (int row = 0; row < kGlyphRows; ++row)
      for (int column = 0; column < kGlyphWidth; ++column)
        if (glyph[row] >> (kGlyphWidth - 1 - column) & 1)
          fill(left + column * scale, top + row * scale, scale, scale, colour);
    left += (kGlyphWidth + 1) * scale;
  }
}

int Picture::textWidth(const std::string &text, int scale) {
  return static_cast<int>(text.size()) * (kGlyphWidth + 1) * scale;
}

int Picture::textHeight(int scale) { return kGlyphHeight * scale; }

void Picture::image(int left, int top, int width, int height, int channels, const uint8_t *values, int scale) {
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x, values += channels)
      fill(left + x * scale, top + y * scale, scale, scale,
           channels == 1 ? grey(values[0]) : Colour{values[0], values[1], values[2]});
}

void Picture::draw(int left, int top, const Picture &other) {
  image(left, top, other.columns, other.rows, 3, &other.pixels[0].red, 1);
}

std::vector<std::byte> Picture::png() const {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(columns);
  image.height = static_cast<png_uint_32>(rows);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t bytes = 0;
  std::vector<std::byte> encoded;
  // The first call only says how many bytes there will be.
  for (bool measured : {false, true}) {
    encoded.resize(bytes);
    if (!png_image_write_to_memory(&image, measured ? encoded.data() : nullptr, &bytes, 0,
                                   pixels.data(), 0, nullptr))
      throw UserError(std::string("cannot make a picture: ") + image.message);
  }
  encoded.resize(bytes);
  return encoded;
}

void Picture::writePng(const std::filesystem::path &path) const {
  std::vector<std::byte> encoded = png();
  AtomicFile file(path);
  file.write(encoded.data(), encoded.size());
  file.commit();
}

}  // namespace nncc::report
