//===- StepLowering.h - entry functions as LLVM functions ------------------===//
//
// Turns each planned entry function (kernel.stage, kernel.fused, views, reads and writes)
// into functions of the LLVM dialect: one `void NAME(const NnccCall *)` that runs the
// stages in order through NnccCall.run_tasks, and one NnccTask a stage that walks its
// slices and calls the kernels with halide_buffer_t's on its stack.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_CODEGEN_STEPLOWERING_H
#define NNCC_CODEGEN_STEPLOWERING_H

#include "codegen/Layout.h"
#include "mlir/IR/OwningOpRef.h"

namespace nncc::codegen {

// Name of the LLVM function of an entry.
std::string entrySymbol(mlir::func::FuncOp entry);

// A new module with the functions of all entries. The entries must be planned and their
// kernels carry symbols. `profile`: calls of kernels are timed, see NnccCall.ticks.
mlir::OwningOpRef<mlir::ModuleOp> lowerEntries(nn::ProgramOp program, const Layout &layout, bool profile);

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_STEPLOWERING_H
