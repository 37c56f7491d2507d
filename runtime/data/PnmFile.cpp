#include "data/PnmFile.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace nncc::data {

namespace {

bool isBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class Parser {
 public:
  explicit Parser(std::span<const std::byte> file)
      : next(reinterpret_cast<const char *>(file.data())), end(next + file.size()) {}

  bool atEnd() const { return next == end; }
  size_t left() const { return end - next; }

  // A number behind blanks and comments; nothing if something else stands there.
  std::optional<int> number() {
    while (next != end && (isBlank(*next) || *next == '#')) {
      if (*next == '#') next = std::find(next, end, '\n');
      else ++next;
    }
    const char *first = next;
    int value = 0;
    for (; next != end && *next >= '0' && *next <= '9'; ++next)
      if ((value = value * 10 + (*next - '0')) > 1 << 20) return std::nullopt;
    return next == first ? std::nullopt : std::optional(value);
  }

  bool blank() { return next != end && isBlank(*next++); }
  int byte() { return static_cast<uint8_t>(*next++); }

 private:
  const char *next, *end;
};

ImageResult broken(const char *why) {
  ImageResult result;
  std::snprintf(result.message, sizeof result.message, "%s", why);
  return result;
}

}  // namespace

bool isPnm(std::span<const std::byte> file) {
  if (file.size() < 3 || file[0] != std::byte{'P'}) return false;
  char kind = static_cast<char>(file[1]), behind = static_cast<char>(file[2]);
  return (kind == '2' || kind == '3' || kind == '5' || kind == '6') &&
         (isBlank(behind) || behind == '#');
}

ImageResult decodePnm(std::span<const std::byte> file, ImageSize size, std::byte *to) {
  char kind = static_cast<char>(file[1]);
  bool binary = kind >= '5', coloured = kind == '3' || kind == '6';
  Parser parser(file.subspan(2));
  auto width = parser.number(), height = parser.number(), most = parser.number();
  if (!width || !height || !most || *width < 1 || *height < 1)
    return broken("its header has no width, height and largest value");
  if (*most < 1 || *most > 65535) return broken("its largest value is not within 1 to 65535");
  if (!parser.blank()) return broken("no blank after its header");
  if (*width != size.width || *height != size.height) {
    ImageResult result;
    result.outcome = ImageResult::OtherSize;
    result.width = *width;
    result.height = *height;
    return result;
  }
  int64_t pixels = static_cast<int64_t>(size.height) * size.width;
  int samples = coloured ? 3 : 1, bytes = *most > 255 ? 2 : 1;
  if (binary && static_cast<int64_t>(parser.left()) < pixels * samples * bytes)
    return broken("the file ends too soon");
  for (int64_t i = 0; i < pixels; ++i) {
    int value[3];
    for (int s = 0; s < samples; ++s) {
      if (binary) {
        value[s] = parser.byte();
        if (bytes == 2) value[s] = value[s] << 8 | parser.byte();
      } else if (auto number = parser.number()) {
        value[s] = *number;
      } else {
        return broken(parser.atEnd() ? "the file ends too soon" : "a value is no number");
      }
      if (value[s] > *most) return broken("a value is larger than its header says");
      if (*most != 255) value[s] = (value[s] * 255 + *most / 2) / *most;
    }
    if (size.channels == 3) {
      for (int c = 0; c < 3; ++c) *to++ = std::byte(value[coloured ? c : 0]);
    } else {
      *to++ = std::byte(coloured ? (value[0] * 19595 + value[1] * 38470 + value[2] * 7471 +
                                    0x8000) >> 16
                                 : value[0]);
    }
  }
  return {ImageResult::Decoded};
}

}  // namespace nncc::data
