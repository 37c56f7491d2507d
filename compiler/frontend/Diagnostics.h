//===- Diagnostics.h - errors at lines of the model file -------------------===//
#ifndef NNCC_FRONTEND_DIAGNOSTICS_H
#define NNCC_FRONTEND_DIAGNOSTICS_H

#include "frontend/Yaml.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"

namespace nncc::frontend {

// Counts errors and turns positions into locations. After 20 errors it says so once and
// keeps the rest to itself: they hardly help, and a broken file can hold thousands.
class Diagnostics {
public:
  Diagnostics(mlir::MLIRContext &context, llvm::StringRef file)
      : file(mlir::StringAttr::get(&context, file)) {}

  mlir::FileLineColLoc at(Mark mark) const {
    return mlir::FileLineColLoc::get(file, mark.line, mark.column);
  }
  // A name over the place, for ops.
  mlir::Location named(llvm::StringRef name, Mark mark) const {
    return mlir::NameLoc::get(mlir::StringAttr::get(file.getContext(), name), at(mark));
  }

  mlir::InFlightDiagnostic error(Mark mark) { return error(at(mark)); }
  mlir::InFlightDiagnostic error(mlir::Location location);
  void report(const Problem &problem);
  // An error that the nn room has emitted.
  void countForeign() { ++errors; }

  bool failed() const { return errors > 0; }
  bool full() const { return errors >= most; }

private:
  static constexpr unsigned most = 20;
  mlir::StringAttr file;
  unsigned errors = 0;
  bool saidFull = false;
};

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_DIAGNOSTICS_H
