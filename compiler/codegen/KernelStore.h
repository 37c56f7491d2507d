//===- KernelStore.h - kernels compiled in worker processes, and cached ----===//
//
// A kernel's object is a function of its spec, the target, the schedule asked for and the
// worker program, and is kept under the hash of these four. What is missing is compiled by
// nncc-kernel processes, as many at a time as there are cores, each with limits on time and
// memory.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_CODEGEN_KERNELSTORE_H
#define NNCC_CODEGEN_KERNELSTORE_H

#include "schedule/KernelSpec.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace nncc::codegen {

// A way to compute a kernel, as the worker lists them.
struct ListedCandidate {
  std::string schedule;
  double cycles;  // that the cost model expects
};

struct CompiledKernel {
  std::string symbol;
  std::string object;  // path
  schedule::KernelInfo info;
};

class KernelStore {
public:
  // `worker`: path of nncc-kernel. `cacheDir`: made if missing.
  KernelStore(std::string worker, std::string cacheDir, schedule::Target target);

  // One entry a spec, in their order; equal specs share an object. `schedules`: for each the one that is
  // preferred, empty for the cost model's choice. `names` are for messages. `progress(done, total)` is called as kernels are finished, with the number
  // that had to be compiled. The error names the kernel that failed and the worker's words.
  llvm::Expected<std::vector<CompiledKernel>>
  compile(llvm::ArrayRef<schedule::KernelSpec> specs, llvm::ArrayRef<std::string> schedules,
          llvm::ArrayRef<std::string> names,
          llvm::function_ref<void(size_t done, size_t total)> progress);

  // The lowered loop nest (`assembly` false) or the assembly of one kernel as text.
  llvm::Expected<std::string> print(const schedule::KernelSpec &spec, llvm::StringRef name,
                                    bool assembly);

  // The schedules that fit a kernel, the cost model's choice first and the reference left out.
  llvm::Expected<std::vector<ListedCandidate>> candidates(const schedule::KernelSpec &spec, llvm::StringRef name);

  // $NNCC_CACHE, else nncc/kernels in $XDG_CACHE_HOME or ~/.cache.
  static std::string defaultCacheDir();

private:
  // What the worker writes, and how its name in the cache ends.
  struct Output {
    llvm::StringRef option, suffix;
  };
  llvm::Error prepare();
  std::string keyOf(const std::string &specJson, llvm::StringRef schedule) const;
  // With the spec and the target in it, for one worker.
  llvm::Expected<std::string> makeFolder(const llvm::Twine &prefix, const std::string &specJson);
  llvm::Error runWorker(llvm::StringRef key, const std::string &specJson, llvm::StringRef schedule,
                        llvm::StringRef name, llvm::ArrayRef<Output> outputs);

  std::string worker, cacheDir, targetJson, workerHash;
};

} // namespace nncc::codegen

#endif // NNCC_CODEGEN_KERNELSTORE_H
