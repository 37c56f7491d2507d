//===- Kernels.h - compiles the kernels of a program -----------------------===//
#ifndef NNCC_CODEGEN_KERNELS_H
#define NNCC_CODEGEN_KERNELS_H

#include "codegen/KernelStore.h"
#include "kernel/Dialect.h"

namespace nncc::codegen {

// Compiles every kernel of the program's entries (or takes it from the cache) and notes on
// it its symbol, schedule, FLOPs and scratch buffers. Returns the objects, each once.
llvm::Expected<std::vector<std::string>>
compileKernels(nn::ProgramOp program, KernelStore &store,
               llvm::function_ref<void(size_t done, size_t total)> progress);

// Lowered loop nests (or assembly) of all kernels as one text, each under its name.
llvm::Expected<std::string> printKernels(nn::ProgramOp program, KernelStore &store, bool assembly);

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_KERNELS_H
