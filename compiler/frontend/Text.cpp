//===- Text.cpp - words and numbers as users write them --------------------===//
#include "frontend/Text.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

using llvm::ArrayRef;
using llvm::StringRef;

namespace nncc::frontend {

// Longer words than any that a model file knows; they resemble none.
static constexpr size_t longestWord = 64;
static constexpr size_t longestQuote = 48;

size_t editDistance(StringRef left, StringRef right) {
  // Rows of the table of distances between the beginnings of both words.
  std::vector<size_t> before, above(right.size() + 1), row(right.size() + 1);
  for (size_t j = 0; j <= right.size(); ++j) above[j] = j;
  auto same = [&](size_t i, size_t j) {
    return llvm::toLower(left[i]) == llvm::toLower(right[j]);
  };
  for (size_t i = 0; i < left.size(); ++i) {
    row[0] = i + 1;
    for (size_t j = 0; j < right.size(); ++j) {
      row[j + 1] = std::min({above[j] + !same(i, j), above[j + 1] + 1, row[j] + 1});
      if (i > 0 && j > 0 && same(i, j - 1) && same(i - 1, j))
        row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
    before = above;
    above = row;
  }
  return above[right.size()];
}

// Small letters and digits only: "Max-Pool_2D" and "maxpool2d" are the same word.
static std::string plain(StringRef word) {
  std::string letters;
  for (char c : word)
    if (llvm::isAlnum(c)) letters += llvm::toLower(c);
  return letters;
}

StringRef nearest(StringRef word, ArrayRef<StringRef> known) {
  if (word.empty() || word.size() > longestWord) return {};
  StringRef best;
  size_t smallest = std::max<size_t>(1, word.size() / 3) + 1;
  for (StringRef candidate : known)
    if (size_t distance = editDistance(word, candidate); distance < smallest) {
      smallest = distance;
      best = candidate;
    }
  if (!best.empty()) return best;
  std::string letters = plain(word);
  if (letters.size() < 3) return {};
  auto within = [](StringRef part, StringRef whole) { return part.size() >= 4 && whole.contains(part); };
  for (StringRef candidate : known)
    if (StringRef(plain(candidate)).starts_with(letters)) return candidate;
  for (StringRef candidate : known)
    if (std::string other = plain(candidate); within(letters, other) || within(other, letters)) return candidate;
  return {};
}

std::string suggestion(StringRef word, ArrayRef<StringRef> known) {
  if (StringRef close = nearest(word, known); !close.empty())
    return "; did you mean '" + close.str() + "'?";
  return known.empty() ? "" : "; known: " + join(known);
}

std::optional<int64_t> parseInteger(StringRef text) {
  StringRef digits = text;
  bool negative = digits.consume_front("-");
  if (!negative) digits.consume_front("+");
  if (digits.empty() || !llvm::all_of(digits, llvm::isDigit)) return std::nullopt;
  int64_t value = 0;
  auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  if (error == std::errc::result_out_of_range)
    return negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  return negative ? -value : value;
}

static std::optional<double> parseDecimal(StringRef text) {
  StringRef rest = text;
  if (rest.consume_front("+") && rest.starts_with("-")) return std::nullopt;
  StringRef unsignedRest = rest.starts_with("-") ? rest.drop_front() : rest;
  if (unsignedRest.empty() || !(llvm::isDigit(unsignedRest[0]) || unsignedRest[0] == '.'))
    return std::nullopt;
  double value = 0;
  auto [end, error] = std::from_chars(rest.begin(), rest.end(), value);
  if (error != std::errc() || end != rest.end() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parseNumber(StringRef text) {
  auto [above, below] = text.split('/');
  auto numerator = parseDecimal(above.trim(' '));
  if (!numerator || !text.contains('/')) return numerator;
  auto denominator = parseDecimal(below.trim(' '));
  if (!denominator || *denominator == 0) return std::nullopt;
  double value = *numerator / *denominator;
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::string formatNumber(double value) {
  char buffer[32];
  if (value == std::trunc(value) && std::abs(value) < 1e15)
    return std::to_string(static_cast<int64_t>(value));
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, end);
}

std::string quote(StringRef text) {
  std::string quoted = "'";
  size_t length = text.size();
  if (length > longestQuote) {
    length = longestQuote;
    while (length > 0 && (text[length] & 0xc0) == 0x80) --length; // not inside a UTF-8 sequence
  }
  for (char c : text.take_front(length)) {
    if (c == '\n')
      quoted += "\\n";
    else if (c == '\t')
      quoted += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += "\\x" + llvm::utohexstr(static_cast<unsigned char>(c), /*LowerCase=*/true, 2);
    else
      quoted += c;
  }
  return quoted + (length < text.size() ? "...'" : "'");
}

std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << '[';
  llvm::interleaveComma(shape, out);
  out << ']';
  return text;
}

std::string join(ArrayRef<StringRef> words) { return llvm::join(words, ", "); }

bool isName(StringRef text, bool dots) {
  auto inside = [&](char c) {
    return llvm::isAlnum(c) || c == '_' || c == '-' || (dots && c == '.');
  };
  return !text.empty() && text.size() <= 100 && (llvm::isAlnum(text[0]) || text[0] == '_') &&
         llvm::all_of(text, inside);
}

} // namespace nncc::frontend
