//===- Program.cpp - programs, parameters, reads and writes ----------------===//
#include "nn/Registry.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

LogicalResult ProgramOp::verify() {
  if (getBatch() < 1) return emitOpError("batch must be positive, found ") << getBatch();
  if (getLanes() < 1 || getLanes() > 64)
    return emitOpError("lanes must be from 1 to 64, found ") << getLanes();
  for (Operation &op : getBody().front())
    if (!isa<ParameterOp, SlotOp>(op) && !op.getAttr(kEntryAttr))
      return op.emitOpError("is neither a parameter, a slot nor an entry function (attribute '")
             << kEntryAttr << "')";
  return success();
}

// The type of the parameter or slot `symbol`, null with an error where there is none.
static Type symbolType(Operation *op, FlatSymbolRefAttr symbol, SymbolTableCollection &tables) {
  Operation *target = tables.lookupNearestSymbolFrom(op, symbol);
  if (auto parameter = dyn_cast_or_null<ParameterOp>(target)) return parameter.getType();
  if (auto slot = dyn_cast_or_null<SlotOp>(target)) return slot.getType();
  op->emitOpError("no parameter or slot is named ") << symbol;
  return {};
}

static LogicalResult verifyAccess(Operation *op, FlatSymbolRefAttr symbol, Type type,
                                  SymbolTableCollection &tables) {
  Type declared = symbolType(op, symbol, tables);
  if (!declared) return failure();
  if (declared != type)
    return op->emitOpError() << symbol << " has type " << declared << ", found " << type;
  return success();
}

LogicalResult ReadOp::verifySymbolUses(SymbolTableCollection &tables) {
  return verifyAccess(*this, getSymbolAttr(), getType(), tables);
}

LogicalResult WriteOp::verifySymbolUses(SymbolTableCollection &tables) {
  return verifyAccess(*this, getSymbolAttr(), getValue().getType(), tables);
}

LogicalResult checkWindow(std::optional<Location> loc, StringRef what, ArrayRef<int64_t> size,
                          ArrayRef<int64_t> strides, ArrayRef<int64_t> pads) {
  auto positive = [](int64_t value) { return value > 0; };
  if (size.size() != 2 || !llvm::all_of(size, positive))
    return emitOptionalError(loc, what, " must be two positive numbers");
  if (strides.size() != 2 || !llvm::all_of(strides, positive))
    return emitOptionalError(loc, "strides must be two positive numbers");
  if (pads.size() != 4 || llvm::any_of(pads, [](int64_t value) { return value < 0; }))
    return emitOptionalError(loc, "pads must be four numbers that are not negative: top, left, "
                                  "bottom, right");
  return success();
}

LogicalResult checkRank(std::optional<Location> loc, StringRef operand, Value value, int64_t rank,
                        StringRef dims) {
  if (tensorType(value).getRank() == rank) return success();
  return emitOptionalError(loc, operand, " must be ", dims, ", found ", value.getType());
}

} // namespace nncc::nn
