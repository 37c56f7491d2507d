//===- Diagnostics.h - file:line:col: error: message -----------------------===//
#ifndef NNCC_DRIVER_DIAGNOSTICS_H
#define NNCC_DRIVER_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"

namespace nncc::driver {

// Prints the context's diagnostics to standard error while it lives.
class DiagnosticPrinter : public mlir::ScopedDiagnosticHandler {
public:
  explicit DiagnosticPrinter(mlir::MLIRContext *context);
};

} // namespace nncc::driver

#endif // NNCC_DRIVER_DIAGNOSTICS_H
