//===- nncc-opt.cpp - runs passes on printed IR, for tests and people ------===//
#include "driver/Registration.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "nn/Dialect.h"
#include <cstring>

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  nncc::driver::registerDialects(registry);
  nncc::driver::registerPasses();

  // For the test that every op has all its parts.
  if (argc == 2 && std::strcmp(argv[1], "--list-nn-ops") == 0) {
    mlir::MLIRContext context(registry);
    context.loadDialect<nncc::nn::NNDialect>();
    for (mlir::RegisteredOperationName op : context.getRegisteredOperationsByDialect("nn"))
      // A view of a whole batch stands between kernels, never in one.
      if (op.hasInterface<nncc::nn::FusibleOpInterface>() && !op.hasTrait<nncc::nn::ShowsWholeBatch>())
        llvm::outs() << op.getIdentifier().getValue().drop_front(3) << "\n";
    return 0;
  }
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "nncc-opt\n", registry));
}
