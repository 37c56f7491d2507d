// The threads that run the tasks of a stage (the NnccPool of abi.h).
//
// A training step is a handful of stages of some hundred microseconds each, so waking and
// joining must cost microseconds: workers that have nothing to do spin for a short while
// before they sleep in the kernel, and so does the caller before it sleeps until the last
// task is done. Where there are more threads than CPUs nobody spins. A stage that takes less than
// handing it out does is run by the caller alone.
//
// Assumes that one thread at a time calls runTasks, that tasks do not throw and do not
// call runTasks themselves.
#ifndef NNCC_TRAIN_POOL_H
#define NNCC_TRAIN_POOL_H

#include <atomic>
#include <cstdint>
#include <thread>
#include <unordered_map>
#include <vector>

#include "abi.h"

struct NnccPool {
 public:
  // Most threads a pool may have.
  static constexpr int kMaxThreads = 1024;

  // `threads` counts the thread that calls runTasks: 1 starts none and runs tasks inline.
  // Throws nncc::UserError where the system refuses to start as many.
  explicit NnccPool(int threads);
  ~NnccPool();
  NnccPool(const NnccPool &) = delete;
  NnccPool &operator=(const NnccPool &) = delete;

  int threads() const { return static_cast<int>(workers.size()) + 1; }

  // Runs tasks 0..tasks-1, each once, and returns when all are done. Task functions get
  // worker numbers below threads(); the calling thread is worker 0.
  void runTasks(int32_t tasks, NnccTask task, const NnccCall *call);

  // The same as a function pointer for NnccCall::run_tasks.
  static void runTasksOf(NnccPool *pool, int32_t tasks, NnccTask task, const NnccCall *call);

 private:
  // Hands the tasks out. Returns what all of them take together, going by those of the caller.
  int64_t share(int32_t tasks, NnccTask task, const NnccCall *call);
  void workerLoop(int32_t worker);
  bool runOne(int32_t worker);
  void stop();

  // The job. Written by the caller while `remaining` is 0, read only by threads that
  // have taken a task, which keeps the job alive until they have finished it.
  NnccTask jobTask = nullptr;
  const NnccCall *jobCall = nullptr;
  int32_t jobTasks = 0;

  alignas(64) std::atomic<int32_t> remaining{0};   // tasks nobody has taken yet
  alignas(64) std::atomic<int32_t> unfinished{0};  // tasks not done yet
  alignas(64) std::atomic<int32_t> sleepers{0};    // workers asleep or about to be
  std::atomic<int32_t> wakeups{0};                 // what sleepers wait for a change of
  std::atomic<bool> stopping{false};
  int64_t spinNanoseconds = 0;
  std::unordered_map<NnccTask, int64_t> took;  // nanoseconds that all tasks of a stage took together, by the caller's clock
  std::vector<std::thread> workers;
};

namespace nncc::train {

using Pool = ::NnccPool;

// CPUs that this process may run on (its affinity mask), at least 1.
int usableCpus();

}  // namespace nncc::train

#endif  // NNCC_TRAIN_POOL_H
