//===- Registration.cpp - the dialects and passes that both mains know -----===//
#include "driver/Registration.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Transforms/Passes.h"
#include "kernel/Passes.h"
#include "nn/Passes.h"

namespace nncc::driver {

void registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<nn::NNDialect, kernel::KernelDialect, mlir::func::FuncDialect, mlir::LLVM::LLVMDialect>();
}

void registerPasses() {
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  nn::registerNNPasses();
  kernel::registerKernelPasses();
}

} // namespace nncc::driver
