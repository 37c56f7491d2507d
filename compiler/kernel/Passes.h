//===- Passes.h - passes on the kernel dialect -----------------------------===//
#ifndef NNCC_KERNEL_PASSES_H
#define NNCC_KERNEL_PASSES_H

#include "kernel/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace nncc::kernel {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "kernel/Passes.h.inc"
} // namespace nncc::kernel

#endif // NNCC_KERNEL_PASSES_H
