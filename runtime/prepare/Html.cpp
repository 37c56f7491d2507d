#include "prepare/Html.h"

#include <cstdint>

#include "report/Text.h"

namespace nncc::prepare {

std::string escaped(const std::string &given) {
  std::string text;
  for (char c : report::utf8(given)) {
    switch (c) {
      case '&': text += "&amp;"; break;
      case '<': text += "&lt;"; break;
      case '>': text += "&gt;"; break;
      case '"': text += "&quot;"; break;
      case '\'': text += "&#39;"; break;
      default: text += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
  }
  return text;
}

std::string inlineImage(const report::Picture &picture, const std::string &title) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::byte> png = picture.png();
  std::string text = "<img title=\"" + escaped(title) + "\" src=\"data:image/png;base64,";
  for (size_t i = 0; i < png.size(); i += 3) {
    uint32_t three = 0;
    size_t bytes = std::min<size_t>(3, png.size() - i);
    for (size_t j = 0; j < 3; ++j) three = three << 8 | (j < bytes ? std::to_integer<uint32_t>(png[i + j]) : 0);
    for (size_t j = 0; j < 4; ++j) text += j <= bytes ? digits[three >> (18 - 6 * j) & 63] : '=';
  }
  return text + "\">";
}

}  // namespace nncc::prepare
