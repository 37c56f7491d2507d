//===- Dialect.h - the kernel dialect --------------------------------------===//
#ifndef NNCC_KERNEL_DIALECT_H
#define NNCC_KERNEL_DIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nn/Dialect.h"

#include "kernel/KernelDialect.h.inc"
#include "kernel/KernelEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "kernel/KernelAttributes.h.inc"

#define GET_OP_CLASSES
#include "kernel/KernelOps.h.inc"

namespace nncc::kernel {

// The value that a chain of views shows: their memory is one.
mlir::Value viewed(mlir::Value value);

// The loop over time that a kernel computes one step of, null for one that runs once.
mlir::Operation *recurrenceIn(FusedOp kernel);

// Bytes of a tensor.
int64_t bytesOf(mlir::Type type);

// Rows of dimension 0 that each sample has in what a kernel cuts over samples: 1, or the steps that are folded into
// the samples. 0 where the batch's samples have no equal parts of the tensor.
int64_t rowsPerSample(mlir::Type type, int64_t batch);
// Of all that the kernel cuts, which is one number; 1 where it cuts nothing.
int64_t rowsPerSample(FusedOp kernel, int64_t batch);

// The op whose result's rows the kernel computes apart from each other (nn::ComputesRows), null where it has none.
// Such a kernel and the elementwise ones that read its result go together through slices of rows.
mlir::Operation *rowsIn(FusedOp kernel);
// How many rows a slice has: what it holds of the result stays in the nearest caches, from one kernel to the next.
int64_t rowsOfSlice(FusedOp kernel);

// The dimension in which a kernel's input is cut, where it is.
int slicedDimension(FusedOp kernel, unsigned input);

// The tasks of a stage over nothing: kernels that read what another one of them writes run behind it, in
// one task.
llvm::SmallVector<llvm::SmallVector<FusedOp>> chainsOf(llvm::ArrayRef<FusedOp> kernels);

// Does the kernel fill scratch that it keeps before the tasks of its stage begin, once for all of them? It
// is called without samples for that. One that adds to its results is not: the call would set them to zero.
bool isPrepared(FusedOp kernel);

// On entry functions after kernel-plan: bytes of the arena and of each worker's part.
inline constexpr llvm::StringLiteral kArenaBytesAttr = "kernel.arena_bytes";
inline constexpr llvm::StringLiteral kWorkerBytesAttr = "kernel.worker_bytes";
// Every buffer starts at a multiple of this (NNCC_ALIGNMENT of the ABI).
inline constexpr int64_t kAlignment = 64;

} // namespace nncc::kernel

#endif // NNCC_KERNEL_DIALECT_H
