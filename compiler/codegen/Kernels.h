//===- Kernels.h - compiles the kernels of a program -----------------------===//
#ifndef NNCC_CODEGEN_KERNELS_H
#define NNCC_CODEGEN_KERNELS_H

#include "codegen/KernelStore.h"
#include "codegen/ScheduleDatabase.h"
#include "kernel/Dialect.h"
#include "llvm/ADT/MapVector.h"

namespace nncc::codegen {

// A kernel of the program's entries, as the schedule room sees it.
struct ListedKernel {
  kernel::FusedOp op;
  schedule::KernelSpec spec;
  std::string key;   // hash of the spec
  std::string name;  // "conv2d+relu of layer conv2d_1"
  int64_t rows = 1;  // of what it is cut over for each sample
};

// All of them, in the order in which they stand.
std::vector<ListedKernel> listKernels(nn::ProgramOp program);

struct CompiledKernels {
  std::vector<std::string> objects;  // each once
  size_t chosen = 0;                 // kernels that have got the schedule asked for
  // Kernels that have not, because there is no such schedule, or it does not fit.
  std::vector<kernel::FusedOp> refused;
};

// Compiles every kernel of the program's entries (or takes it from the cache) and notes on
// it its symbol, schedule, FLOPs and scratch buffers. Kernels that `choices` does not name get the cost
// model's choice.
llvm::Expected<CompiledKernels>
compileKernels(nn::ProgramOp program, KernelStore &store, const ScheduleChoices &choices,
               llvm::function_ref<void(size_t done, size_t total)> progress);

// Every kernel of the program's entries and its number, in the order in which they stand.
using KernelNumbers = llvm::MapVector<mlir::Operation *, int64_t>;
KernelNumbers numberKernels(nn::ProgramOp program);

// Lowered loop nests (or assembly) of all kernels as one text, each under its name.
llvm::Expected<std::string> printKernels(nn::ProgramOp program, KernelStore &store, bool assembly);

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_KERNELS_H
