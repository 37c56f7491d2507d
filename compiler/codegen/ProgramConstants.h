//===- ProgramConstants.h - the NnccProgram of a model ---------------------===//
#ifndef NNCC_CODEGEN_PROGRAMCONSTANTS_H
#define NNCC_CODEGEN_PROGRAMCONSTANTS_H

#include "codegen/Layout.h"
#include "schedule/KernelSpec.h"

namespace llvm {
class Module;
}

namespace nncc::codegen {

// Adds the constant `nncc_program` (runtime/abi.h) to a module that has the entries' functions.
// `dataDir`: where relative paths of the data section start unless the user says otherwise.
// `kernels`: as many are counted, see NnccProgram.kernels.
void addProgramConstants(llvm::Module &module, nn::ProgramOp program, const Layout &layout,
                         const schedule::Target &target, llvm::StringRef dataDir, int64_t kernels);

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_PROGRAMCONSTANTS_H
