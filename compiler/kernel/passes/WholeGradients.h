//===- WholeGradients.h - dense weights' gradients of a whole batch --------===//
#ifndef NNCC_KERNEL_PASSES_WHOLEGRADIENTS_H
#define NNCC_KERNEL_PASSES_WHOLEGRADIENTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace nncc::kernel {

// Gives dense layers whose weights are many for their samples a gradient of rows, each summed over the whole
// batch by one task: nn.dense_bwd_weights_whole. What `lanes` tasks would each sum up for their samples
// is as much memory as so many copies of the weights, written and read again.
void takeGradientsWhole(mlir::func::FuncOp function, int64_t batch, int64_t lanes);

} // namespace nncc::kernel

#endif // NNCC_KERNEL_PASSES_WHOLEGRADIENTS_H
