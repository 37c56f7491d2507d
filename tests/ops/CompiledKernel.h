// Kernels from the worker process, as shared objects that can be called. All is kept in a
// folder by the hash of specification, target, candidate and worker.
#ifndef NNCC_TESTS_OPS_COMPILEDKERNEL_H
#define NNCC_TESTS_OPS_COMPILEDKERNEL_H

#include <functional>
#include <string>
#include <vector>

#include "schedule/KernelSpec.h"

namespace nncc::ops {

using schedule::KernelInfo;
using schedule::KernelSpec;
using schedule::Target;

// One thing to compile. `candidate` empty: the schedule that the compiler chooses.
struct Job {
  const KernelSpec *spec;
  Target target;
  std::string candidate;

  // For people: the worker's command line for this job.
  std::string command() const;
};

// Throws std::runtime_error with the command and its output where a step fails: the
// compiler refuses or dies, the object refers to halide_* or to the heap, or does not link.
struct Compiled {
  std::string library;  // path of the shared object
  std::string object;
  KernelInfo info;
};
Compiled compile(const Job &job);
// The same without looking into the cache, to another path.
void compileObject(const Job &job, const std::string &object, const std::string &info);

// The candidates that fit, those expected to be fastest first.
std::vector<std::string> candidatesFor(const KernelSpec &spec, const Target &target);

// Runs `count` tasks on as many threads as there are processors, two at most (ctest runs
// several tests at a time). Rethrows the first exception.
void inParallel(size_t count, const std::function<void(size_t)> &task);

// The function of a compiled kernel. Arguments are given by address: of a halide_buffer_t,
// or of the scalar itself.
class LoadedKernel {
public:
  explicit LoadedKernel(const Compiled &compiled);
  ~LoadedKernel();
  LoadedKernel(const LoadedKernel &) = delete;
  LoadedKernel &operator=(const LoadedKernel &) = delete;

  int call(void **arguments) const { return function(arguments); }

private:
  void *library;
  int (*function)(void **);
};

// The levels that kernels are compiled for, and whether this CPU runs them.
struct Level {
  std::string name;
  bool runs;
};
const std::vector<Level> &levels();

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_COMPILEDKERNEL_H
