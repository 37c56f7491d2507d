//===- Tune.h - schedules chosen by measurement ----------------------------===//
#ifndef NNCC_DRIVER_TUNE_H
#define NNCC_DRIVER_TUNE_H

#include "driver/Compiler.h"

namespace nncc::driver {

struct TuneOptions {
  CompileOptions compile;    // the model; `database` is where the result goes
  double budgetSeconds = 300;
  int threads = 0;           // 0: as many as there are CPUs
  bool report = false;       // no measuring: how the cost model did, from what the database holds
};

// Measures schedules of the model's kernels inside whole steps and writes those that are faster to the
// database, which grows as it goes: a run that was ended goes on where it was. Errors have been printed
// when it returns false.
bool tune(const Installation &installation, const TuneOptions &options);

} // namespace nncc::driver

#endif // NNCC_DRIVER_TUNE_H
