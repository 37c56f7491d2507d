//===- Diagnostics.cpp - errors at lines of the model file -----------------===//
#include "frontend/Diagnostics.h"

using namespace mlir;

namespace nncc::frontend {

InFlightDiagnostic Diagnostics::error(Location location) {
  if (!full()) {
    ++errors;
    return emitError(location);
  }
  if (!saidFull) emitError(location) << "more errors from here on are not shown; mend those above first";
  saidFull = true;
  // One that callers can still write to; an inactive one would not take it.
  InFlightDiagnostic hidden = emitError(location);
  hidden.abandon();
  return hidden;
}

void Diagnostics::report(const Problem &problem) {
  InFlightDiagnostic diagnostic = error(problem.mark);
  diagnostic << problem.message;
  if (problem.noteMark) diagnostic.attachNote(at(*problem.noteMark)) << problem.note;
}

} // namespace nncc::frontend
