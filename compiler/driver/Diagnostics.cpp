//===- Diagnostics.cpp - file:line:col: error: message ---------------------===//
#include "driver/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace nncc::driver {

static const char *word(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error: return "error";
  case DiagnosticSeverity::Warning: return "warning";
  case DiagnosticSeverity::Note: return "note";
  case DiagnosticSeverity::Remark: return "remark";
  }
  llvm_unreachable("all severities are listed");
}

static void print(Diagnostic &diagnostic) {
  if (auto place = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>())
    llvm::errs() << place.getFilename().getValue() << ":" << place.getLine() << ":"
                 << place.getColumn() << ": ";
  else
    llvm::errs() << "nncc: ";
  llvm::errs() << word(diagnostic.getSeverity()) << ": " << diagnostic << "\n";
  for (Diagnostic &note : diagnostic.getNotes()) print(note);
}

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context) : ScopedDiagnosticHandler(context) {
  setHandler([](Diagnostic &diagnostic) {
    print(diagnostic);
    return success();
  });
}

} // namespace nncc::driver
