//===- SpecBuilder.h - a fused kernel as the schedule room wants it --------===//
#ifndef NNCC_CODEGEN_SPECBUILDER_H
#define NNCC_CODEGEN_SPECBUILDER_H

#include "kernel/Dialect.h"
#include "schedule/KernelSpec.h"

namespace nncc::codegen {

// The spec of a kernel of a stage cut over `over`. Over elements, tensors become rows of
// elements ([lanes, elements] for sums by lane), so that a slice is a range.
schedule::KernelSpec buildSpec(kernel::FusedOp kernel, kernel::Over over);

// The type of a value outside of the kernel as its buffer shows it to the kernel.
schedule::TensorType bufferType(mlir::Value value, bool sliced, kernel::Over over);

// The same for a kernel's inputs and results.
schedule::TensorType inputType(kernel::FusedOp kernel, unsigned input, kernel::Over over);
schedule::TensorType resultType(kernel::FusedOp kernel, unsigned result, kernel::Over over);

// The same for a buffer that no value stands for (scratch), cut along dimension 0 if at all.
schedule::TensorType bufferType(mlir::RankedTensorType type, bool sliced);
// Of one step [N,columns] of a sequence [N,T,...].
schedule::TensorType stepType(mlir::RankedTensorType sequence, int64_t columns);
// And back: the type of a scratch buffer that the schedule asks for.
mlir::RankedTensorType tensorOf(mlir::MLIRContext *context, const schedule::TensorType &type);

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_SPECBUILDER_H
