#include "report/Text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace nncc::report {

namespace {

template <typename Float>
std::string shortest(Float value) {
  if (!std::isfinite(value)) return "null";
  char text[32];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

// Bytes of the UTF-8 sequence that starts at `i`, 0 if there is none.
int sequenceLength(const std::string &text, size_t i) {
  auto byte = [&](size_t j) { return j < text.size() ? static_cast<unsigned char>(text[j]) : 0u; };
  auto follows = [&](size_t j, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(j) >= low && byte(j) <= high;
  };
  unsigned first = byte(i);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(i + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF)
    return follows(i + 1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) &&
                   follows(i + 2)
               ? 3
               : 0;
  if (first >= 0xF0 && first <= 0xF4)
    return follows(i + 1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) &&
                   follows(i + 2) && follows(i + 3)
               ? 4
               : 0;
  return 0;
}

}  // namespace

std::string jsonNumber(double value) { return shortest(value); }
std::string jsonNumber(float value) { return shortest(value); }

std::string utf8(const std::string &text) {
  std::string valid;
  for (size_t i = 0; i < text.size();) {
    int length = sequenceLength(text, i);
    valid += length ? text.substr(i, length) : "\xEF\xBF\xBD";
    i += std::max(length, 1);
  }
  return valid;
}

std::string jsonString(const std::string &text) {
  static const char hex[] = "0123456789abcdef";
  std::string json = "\"";
  for (char c : utf8(text)) {
    unsigned char byte = c;
    if (c == '"' || c == '\\')
      json += {'\\', c};
    else if (byte < 0x20)
      json += {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
    else
      json += c;
  }
  return json + "\"";
}

std::string fixed(double value, int decimals) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char text[400];
  auto end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals).ptr;
  return {text, end};
}

std::string count(int64_t value) {
  std::string digits = std::to_string(value);
  size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

std::string byteSize(int64_t bytes) {
  const char *const units[] = {"B", "KB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes);
  int unit = 0;
  // 999.95 and more would be shown as 1000.0
  while (value >= 999.95 && unit < 5) {
    value /= 1000;
    ++unit;
  }
  return fixed(value, 1) + " " + units[unit];
}

std::string duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e12) return "?";
  if (seconds < 59.95) return fixed(seconds, seconds < 9.95 ? 1 : 0) + " s";
  int64_t whole = std::llround(seconds);
  auto two = [](int64_t n) { return std::string(n < 10 ? "0" : "").append(std::to_string(n)); };
  std::string tail = two(whole / 60 % 60) + ":" + two(whole % 60);
  if (whole >= 3600) return std::to_string(whole / 3600) + ":" + tail;
  return std::to_string(whole / 60) + ":" + two(whole % 60);
}

std::string percent(double fraction) { return fixed(100 * fraction, 2) + "%"; }

}  // namespace nncc::report
