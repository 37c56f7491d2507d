//===- TuneReport.h - how the cost model did beside the measurements -------===//
#ifndef NNCC_DRIVER_TUNEREPORT_H
#define NNCC_DRIVER_TUNEREPORT_H

#include "codegen/ScheduleDatabase.h"
#include "llvm/Support/raw_ostream.h"

namespace nncc::driver {

// For each kernel with several measured candidates: the cost model's choice, the fastest, what the choice
// loses to it, and the rank correlation (Spearman's) of expected cycles and measured times; then their
// means.
void reportTuning(const codegen::TunedTarget &target, llvm::raw_ostream &out);

} // namespace nncc::driver

#endif // NNCC_DRIVER_TUNEREPORT_H
