//===- SourceFile.h - a model file's text, or why there is none ------------===//
#ifndef NNCC_FRONTEND_SOURCEFILE_H
#define NNCC_FRONTEND_SOURCEFILE_H

#include "frontend/Yaml.h"

namespace nncc::frontend {

// The file's text: at most 1 MB of UTF-8 that has more than blanks in it, in lines that end with
// LF or CR LF, without control characters and without tabs before a line's first character. A
// larger file is refused before it is read. Null with a problem otherwise.
std::optional<std::string> readSource(llvm::StringRef path, std::vector<Problem> &problems);

// The checks of the text alone.
bool checkSource(llvm::StringRef text, std::vector<Problem> &problems);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_SOURCEFILE_H
