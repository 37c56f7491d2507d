//===- Importer.h - model -> nn --------------------------------------------===//
#ifndef NNCC_FRONTEND_IMPORTER_H
#define NNCC_FRONTEND_IMPORTER_H

#include "frontend/Diagnostics.h"
#include "frontend/Frontend.h"
#include "frontend/Model.h"

namespace nncc::frontend {

// Builds the program. Of a model with errors it builds what can be built, to report the
// shapes that don't fit too. Null after any error, its own or earlier.
mlir::OwningOpRef<mlir::ModuleOp> buildModule(const Model &model, mlir::MLIRContext &context,
                                              const Options &options, Diagnostics &diagnostics);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_IMPORTER_H
