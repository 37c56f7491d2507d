//===- Sections.h - the options of the sections themselves -----------------===//
//
// Declared as those of layers are. What is no option (shapes, layers, readers) is read by
// ModelReader by hand.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_FRONTEND_SECTIONS_H
#define NNCC_FRONTEND_SECTIONS_H

#include "nn/Registry.h"

namespace nncc::frontend {

struct SectionSpec {
  std::string name;
  std::string doc; // with what the options do not say
  std::vector<nn::OptionSpec> options;
};

// In the file's usual order.
llvm::ArrayRef<SectionSpec> sectionSpecs();

// The options of one of them.
llvm::ArrayRef<nn::OptionSpec> sectionOptions(llvm::StringRef name);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_SECTIONS_H
