//===- Layout.cpp - where parameters and slots lie in their blocks ---------===//
#include "codegen/Layout.h"
#include "abi.h"
#include "llvm/Support/MathExtras.h"

namespace nncc::codegen {

static_assert(kernel::kAlignment == NNCC_ALIGNMENT);

Layout::Layout(nn::ProgramOp program) {
  auto place = [&](llvm::StringRef name, mlir::Type type, bool slot) {
    int64_t &end = slot ? stateBytes : parameterBytes;
    places[name] = {slot, end};
    end = llvm::alignTo(end + kernel::bytesOf(type), NNCC_ALIGNMENT);
  };
  for (mlir::Operation &op : program.getBody().front())
    if (auto parameter = mlir::dyn_cast<nn::ParameterOp>(op))
      place(parameter.getSymName(), parameter.getType(), false);
    else if (auto slot = mlir::dyn_cast<nn::SlotOp>(op))
      place(slot.getSymName(), slot.getType(), true);
}

} // namespace nncc::codegen
