//===- Emit.h - LLVM module -> object -> program ---------------------------===//
#ifndef NNCC_CODEGEN_EMIT_H
#define NNCC_CODEGEN_EMIT_H

#include "codegen/Layout.h"
#include "schedule/KernelSpec.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace nncc::codegen {

struct StepOptions {
  std::string dataDir;   // where relative paths of the data section start
  bool profile = false;  // the program counts what its kernels take
};

// The step functions and program tables as LLVM IR for the target.
llvm::Expected<std::unique_ptr<llvm::Module>> translateProgram(nn::ProgramOp program,
                                                               const schedule::Target &target,
                                                               const StepOptions &options,
                                                               llvm::LLVMContext &context);

// Writes the module's object. The step is compiled for the target's level.
llvm::Error writeObject(llvm::Module &module, const schedule::Target &target, llvm::StringRef path);

struct LinkOptions {
  std::string runtimeDir;   // folder of libnncc_cli.a and its like
  bool relocatable = false; // one object instead of a program
  std::string sanitize;     // sanitizers that the runtime was built with: links dynamically
};

// Links objects and the runtime into `output`, written aside and renamed.
llvm::Error link(llvm::ArrayRef<std::string> objects, llvm::StringRef output, const LinkOptions &options);

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_EMIT_H
