//===- Views.h - ops that show their operand ------------------------------===//
#ifndef NNCC_KERNEL_VIEWS_H
#define NNCC_KERNEL_VIEWS_H

#include "kernel/Dialect.h"
#include "nn/ops/Metric.h"

namespace nncc::kernel {

// An op that shows its operand and computes nothing.
inline bool isView(mlir::Operation *op) {
  auto fusible = llvm::dyn_cast_or_null<nn::FusibleOpInterface>(op);
  return fusible && fusible.getFusionRole() == nn::FusionRole::View;
}

// Is one of the views that a value is seen through one of a whole batch?
inline bool showsWholeBatch(mlir::Value value) {
  for (; isView(value.getDefiningOp()); value = value.getDefiningOp()->getOperand(0))
    if (value.getDefiningOp()->hasTrait<nn::ShowsWholeBatch>()) return true;
  return false;
}

} // namespace nncc::kernel

#endif // NNCC_KERNEL_VIEWS_H
