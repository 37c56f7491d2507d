// The files of the folder page/, which the build puts into the program.
#ifndef NNCC_LABEL_PAGE_H
#define NNCC_LABEL_PAGE_H

#include <span>
#include <string_view>

namespace nncc::label {

struct PageFile {
  std::string_view name, content;
};

extern const std::span<const PageFile> pageFiles;

}  // namespace nncc::label

#endif  // NNCC_LABEL_PAGE_H
