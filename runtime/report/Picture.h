// A picture to draw on, written as PNG.
#ifndef NNCC_REPORT_PICTURE_H
#define NNCC_REPORT_PICTURE_H

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nncc::report {

struct Colour {
  uint8_t red, green, blue;
};

constexpr Colour grey(uint8_t level) { return {level, level, level}; }

// What is drawn beyond the edges is cut off.
class Picture {
 public:
  Picture(int width, int height, Colour background);

  int width() const { return columns; }
  int height() const { return rows; }

  void fill(int left, int top, int width, int height, Colour colour);
  // The upper left corner of the first letter; a point of a letter is `scale` pixels wide. Bytes
  // that are no printable ASCII become '?'.
  void text(int left, int top, const std::string &text, int scale, Colour colour);

  // An image of 1 or 3 channels, rows dense; each of its pixels is `scale` pixels wide and high.
  void image(int left, int top, int width, int height, int channels, const uint8_t *values, int scale);

  void draw(int left, int top, const Picture &other);

  static int textWidth(const std::string &text, int scale);
  static int textHeight(int scale);  // down to the line that the letters stand on

  // The bytes of a PNG file.
  std::vector<std::byte> png() const;
  // Replaces the file atomically; throws UserError naming it.
  void writePng(const std::filesystem::path &path) const;

 private:
  int columns, rows;
  std::vector<Colour> pixels;
};

}  // namespace nncc::report

#endif  // NNCC_REPORT_PICTURE_H
