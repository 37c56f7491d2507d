//===- Passes.h - passes on the nn dialect ---------------------------------===//
#ifndef NNCC_NN_PASSES_H
#define NNCC_NN_PASSES_H

#include "mlir/Pass/Pass.h"
#include "nn/Dialect.h"

namespace nncc::nn {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "nn/Passes.h.inc"
} // namespace nncc::nn

#endif // NNCC_NN_PASSES_H
