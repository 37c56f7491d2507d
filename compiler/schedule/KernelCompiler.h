// From a kernel's specification to an object file.
#ifndef NNCC_SCHEDULE_KERNELCOMPILER_H
#define NNCC_SCHEDULE_KERNELCOMPILER_H

#include <string>
#include <vector>

#include "schedule/KernelSpec.h"

namespace nncc::schedule {

// Files to write; an empty path is not written.
struct KernelOutputs {
  std::string object;
  std::string statements;  // Halide's loop nest as text
  std::string assembly;
};

struct KernelOptions {
  std::string schedule;   // name of the candidate to use; empty: the first that fits
  bool preferred = false;  // where it is not there, or does not fit, the first that fits will do
};

// One row of the list of candidates for a kernel.
struct CandidateInfo {
  std::string name;
  std::string refusal;  // empty: it fits
  bool reference = false;
  double cycles = 0;  // what the cost model expects of it, 0 where it has no say
};

// Best first, the reference last. Throws std::runtime_error as compileKernel does.
std::vector<CandidateInfo> listCandidates(const KernelSpec &spec, const Target &target);

// Compiles `spec` to a function `symbol` with the signature that KernelSpec.h describes.
// The object refers to no symbol of Halide's runtime. Names inside the object count up
// over a process: equal bytes need a fresh process for each kernel (nncc-kernel).
// Throws std::runtime_error with one line that names the symbol. Errors inside Halide's
// lowering cannot be thrown through its frames and end the process: installErrorReporter
// turns them into a line and status 1.
KernelInfo compileKernel(const KernelSpec &spec, const Target &target, const std::string &symbol,
                         const KernelOutputs &outputs, const KernelOptions &options = {});

// For processes that compile one kernel: errors and warnings of Halide become one line each on
// stderr, errors end the process with status 1 after `cleanUp`.
void installErrorReporter(const std::string &prefix, void (*cleanUp)());

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_KERNELCOMPILER_H
