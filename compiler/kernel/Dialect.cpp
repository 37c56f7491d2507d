//===- Dialect.cpp - the kernel dialect ------------------------------------===//
#include "kernel/Dialect.h"
#include "kernel/Views.h"
#include "mlir/IR/DialectImplementation.h"
#include "nn/ops/Recurrent.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numeric>

using namespace mlir;

#include "kernel/KernelDialect.cpp.inc"
#include "kernel/KernelEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "kernel/KernelAttributes.cpp.inc"

#define GET_OP_CLASSES
#include "kernel/KernelOps.cpp.inc"

namespace nncc::kernel {

void KernelDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "kernel/KernelOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "kernel/KernelAttributes.cpp.inc"
      >();
}

Value viewed(Value value) {
  while (isView(value.getDefiningOp())) value = value.getDefiningOp()->getOperand(0);
  return value;
}

Operation *recurrenceIn(FusedOp kernel) {
  Operation &first = kernel.getBody().front().front();
  return nn::isRecurrence(&first) ? &first : nullptr;
}

Operation *rowsIn(FusedOp kernel) {
  for (Operation &op : kernel.getBody().front())
    if (op.hasTrait<nn::ComputesRows>()) return &op;
  return nullptr;
}

int64_t rowsOfSlice(FusedOp kernel) {
  constexpr int64_t bytesOfSlice = 16 << 10;
  // Tiles of rows are even, and slices start aligned.
  constexpr int64_t tile = 8;
  Type type = kernel.getResult(0).getType();
  int64_t rows = cast<RankedTensorType>(type).getDimSize(0), rowBytes = bytesOf(type) / rows;
  int64_t unit = std::lcm(tile, kAlignment / std::gcd(kAlignment, rowBytes));
  return std::min(rows, std::max<int64_t>(1, bytesOfSlice / rowBytes / unit) * unit);
}

int slicedDimension(FusedOp kernel, unsigned input) {
  Operation *op = rowsIn(kernel);
  return op && op->getOperand(0) == kernel.getBody().front().getArgument(input) ? 1 : 0;
}

int64_t bytesOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.getNumElements() * (tensor.getElementTypeBitWidth() / 8);
}

int64_t rowsPerSample(Type type, int64_t batch) {
  int64_t rows = cast<RankedTensorType>(type).getDimSize(0);
  return rows % batch == 0 ? rows / batch : 0;
}

int64_t rowsPerSample(FusedOp kernel, int64_t batch) {
  for (auto [input, sliced] : llvm::zip_equal(kernel.getInputs(), kernel.getSlicedInputs()))
    if (sliced) return rowsPerSample(input.getType(), batch);
  for (auto [result, sliced] : llvm::zip_equal(kernel.getResults(), kernel.getSlicedResults()))
    if (sliced) return rowsPerSample(result.getType(), batch);
  return 1;
}

SmallVector<SmallVector<FusedOp>> chainsOf(ArrayRef<FusedOp> kernels) {
  llvm::EquivalenceClasses<Operation *> connected;
  for (FusedOp kernel : kernels) connected.insert(kernel);
  for (FusedOp kernel : kernels)
    for (Value input : kernel.getInputs())
      if (Operation *producer = viewed(input).getDefiningOp(); producer && connected.contains(producer))
        connected.unionSets(producer, kernel);
  llvm::MapVector<Operation *, SmallVector<FusedOp>> chains;
  for (FusedOp kernel : kernels) chains[connected.getLeaderValue(kernel)].push_back(kernel);
  return llvm::map_to_vector(chains, [](auto &chain) { return chain.second; });
}

bool isPrepared(FusedOp kernel) {
  return kernel.getKeptScratch() && llvm::is_contained(*kernel.getKeptScratch(), true) &&
         !llvm::is_contained(kernel.getAccumulates(), true);
}

LogicalResult StageOp::verify() {
  if (!getJoined()) return success();
  Operation *op = getOperation()->getPrevNode();
  while (op && !isa<StageOp>(op)) op = op->getPrevNode();
  auto before = dyn_cast_or_null<StageOp>(op);
  if (getOver() != Over::Samples || !before || before.getOver() != Over::Samples || before.getTasks() != getTasks())
    return emitOpError("is joined to a stage that is not over samples with as many tasks");
  return success();
}

LogicalResult FusedOp::verify() {
  if (getSlicedInputs().size() != getInputs().size())
    return emitOpError("sliced_inputs must have one flag an input");
  for (auto [name, size] : {std::pair<const char *, size_t>{"sliced_results", getSlicedResults().size()},
                            {"accumulates", getAccumulates().size()},
                            {"in_place", getInPlace().size()}})
    if (size != getNumResults()) return emitOpError(name) << " must have one entry a result";
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getInputs().getTypes())
    return emitOpError("the body's arguments must have the types of the inputs");
  auto yield = cast<YieldOp>(block.getTerminator());
  if (yield.getNumOperands() != getNumResults())
    return emitOpError("the body must yield one value a result");
  for (auto [index, value] : llvm::enumerate(yield.getOperands())) {
    auto inner = cast<RankedTensorType>(value.getType());
    auto outer = cast<RankedTensorType>(getResult(index).getType());
    bool fits = getAccumulates()[index] ? outer.getShape().drop_front() == inner.getShape()
                                        : outer == inner;
    if (!fits || outer.getElementType() != inner.getElementType())
      return emitOpError("result ") << index << " has type " << outer << ", its value " << inner;
    int64_t from = getInPlace()[index];
    if (from >= int64_t(getInputs().size()) ||
        (from >= 0 && getInputs()[from].getType() != outer))
      return emitOpError("result ") << index << " cannot overwrite input " << from;
  }
  int anchors = 0;
  for (Operation &op : block)
    if (auto fusible = dyn_cast<nn::FusibleOpInterface>(op))
      anchors += fusible.getFusionRole() == nn::FusionRole::Anchor;
  if (anchors > 1) return emitOpError("has ") << anchors << " anchors, at most one expected";
  if (llvm::any_of(block, [](Operation &op) { return nn::isRecurrence(&op); }) && !llvm::hasNItems(block, 2))
    return emitOpError("holds a recurrence, which must be alone in its kernel");
  return success();
}

} // namespace nncc::kernel
