//===- Target.h - the CPU that a program is compiled for -------------------===//
#ifndef NNCC_CODEGEN_TARGET_H
#define NNCC_CODEGEN_TARGET_H

#include "schedule/KernelSpec.h"
#include "llvm/Support/Error.h"

namespace nncc::codegen {

// What `--target` says: `host`, a level (x86-64, x86-64-v3 or avx2, x86-64-v4 or avx512), or
// the name of an x86-64 CPU as LLVM knows it (znver4, skylake-avx512, ...). The error names
// what can be written.
llvm::Expected<schedule::Target> parseTarget(llvm::StringRef name);

// The features that a program for the target asks of its CPU, for the check at its start.
std::string requiredFeatures(const schedule::Target &target);

// "x86-64-v4 (znver4)", for people.
std::string describe(const schedule::Target &target);

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_TARGET_H
