//===- Frontend.h - YAML -> nn ---------------------------------------------===//
//
// Reads a model, checks it and builds its nn.program. Nothing of the YAML library gets out
// of this room: whatever is wrong with a file becomes diagnostics at the file's lines.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_FRONTEND_FRONTEND_H
#define NNCC_FRONTEND_FRONTEND_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include <optional>
#include <string>

namespace nncc::frontend {

struct Options {
  bool f64 = false; // element type f64, for checking gradients; pixels stay u8
  // As if the file had no `freeze` and no `trainable: false`, to tell what they save.
  bool unfrozen = false;
};

// The module holds one nn.program with its parameters and the entry functions `predict` and
// `evaluate`; it has passed the verifier. Loads the dialects it needs.
//
// Null after errors. These went to the context's diagnostic engine, each at a FileLineColLoc,
// or at a NameLoc (a layer) over one; lines and columns count from 1, columns in bytes. An
// error that concerns the whole file (it is missing, too large) is at 1:1.
mlir::OwningOpRef<mlir::ModuleOp> importModel(llvm::StringRef path, mlir::MLIRContext &context,
                                              const Options &options);

// The checked model as JSON (README.md shows it), for tools that build the same network
// elsewhere. Checks as importModel does; nullopt after errors.
std::optional<std::string> toJson(llvm::StringRef path, mlir::MLIRContext &context,
                                  const Options &options);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_FRONTEND_H
