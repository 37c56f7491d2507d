//===- Layout.h - where parameters and slots lie in their blocks -----------===//
//
// The one place that decides offsets: the step's addresses and the program's tables both
// come from here. Parameters in the program's order in one block, slots in another, each
// aligned to NNCC_ALIGNMENT.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_CODEGEN_LAYOUT_H
#define NNCC_CODEGEN_LAYOUT_H

#include "kernel/Dialect.h"
#include "llvm/ADT/StringMap.h"

namespace nncc::codegen {

struct Layout {
  explicit Layout(nn::ProgramOp program);

  struct Place {
    bool slot;       // in the state block, else in the parameter block
    int64_t offset;  // bytes
  };
  Place of(llvm::StringRef symbol) const { return places.at(symbol); }
  int64_t parameterBytes = 0, stateBytes = 0;

private:
  llvm::StringMap<Place> places;
};

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_LAYOUT_H
