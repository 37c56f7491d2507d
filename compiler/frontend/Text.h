//===- Text.h - words and numbers as users write them ----------------------===//
#ifndef NNCC_FRONTEND_TEXT_H
#define NNCC_FRONTEND_TEXT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace nncc::frontend {

// Insertions, deletions, replacements and exchanges of neighbours that turn one word into the
// other, capitals and small letters being the same. Quadratic: for words, not for texts.
size_t editDistance(llvm::StringRef left, llvm::StringRef right);

// What the user most likely meant: the known word at the smallest distance, or one that
// contains the word or is contained in it ("maxpool" for "max_pool2d"). "" if none is close.
llvm::StringRef nearest(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> known);

// "; did you mean 'filters'?" or, where nothing is close, "; known: a, b, c".
std::string suggestion(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> known);

// -12, 32. What int64_t can't hold becomes its nearest bound, so that range checks refuse it.
std::optional<int64_t> parseInteger(llvm::StringRef text);

// 0.001, 1e-7, 1/255. Finite; hexadecimal, `inf` and a division by zero are refused.
std::optional<double> parseNumber(llvm::StringRef text);

// Shortest decimal that reads back as the same number: 0.1, 65536, 1e-07.
std::string formatNumber(double value);

// In quotes, shortened to a readable length, with control characters escaped.
std::string quote(llvm::StringRef text);

// "[32, 32, 3]".
std::string shapeText(llvm::ArrayRef<int64_t> shape);

// "a, b, c".
std::string join(llvm::ArrayRef<llvm::StringRef> words);

// Letters, digits, '_' and '-', and '.' if `dots`; the first is a letter, digit or '_'; at most
// 100. Names of layers become parts of weight names ("layer.kernel"), which dots separate.
bool isName(llvm::StringRef text, bool dots);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_TEXT_H
