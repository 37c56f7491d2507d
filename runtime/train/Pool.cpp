#include "train/Pool.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>

#include "error.h"

namespace {

// Longer than the serial pieces between two stages, shorter than what a user would
// notice as a busy CPU while the next batch is awaited.
constexpr int64_t kSpinNanoseconds = 100'000;

// Stages that take less in all are not handed out: on a virtual machine waking, and being waited for,
// was seen to cost as much.
constexpr int64_t kAloneNanoseconds = 40'000;

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Spins until `done()` holds or the time is up; says whether it holds.
template <typename Condition>
bool spinUntil(int64_t nanoseconds, Condition done) {
  if (done()) return true;
  if (nanoseconds == 0) return false;
  int64_t end = now() + nanoseconds;
  do {
    for (int i = 0; i < 32; ++i) {
      pause();
      if (done()) return true;
    }
  } while (now() < end);
  return false;
}

}  // namespace

NnccPool::NnccPool(int threads) {
  threads = std::clamp(threads, 1, kMaxThreads);
  if (threads <= nncc::train::usableCpus()) spinNanoseconds = kSpinNanoseconds;
  workers.reserve(threads - 1);
  try {
    for (int worker = 1; worker < threads; ++worker)
      workers.emplace_back([this, worker] { workerLoop(worker); });
  } catch (const std::system_error &) {
    int started = this->threads();
    stop();
    throw nncc::UserError("cannot start " + std::to_string(threads) +
                          " threads: the system allowed " + std::to_string(started) +
                          "; use a smaller --threads");
  }
}

NnccPool::~NnccPool() { stop(); }

void NnccPool::stop() {
  stopping.store(true);
  wakeups.fetch_add(1);
  wakeups.notify_all();
  for (std::thread &worker : workers) worker.join();
  workers.clear();
}

bool NnccPool::runOne(int32_t worker) {
  int32_t left = remaining.load(std::memory_order_relaxed);
  do {
    if (left == 0) return false;
  } while (!remaining.compare_exchange_weak(left, left - 1, std::memory_order_acquire,
                                             std::memory_order_relaxed));
  jobTask(jobCall, jobTasks - left, worker);
  if (unfinished.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished.notify_one();
  return true;
}

void NnccPool::workerLoop(int32_t worker) {
  auto hasWork = [this] {
    return remaining.load(std::memory_order_relaxed) != 0 ||
           stopping.load(std::memory_order_relaxed);
  };
  while (!stopping.load(std::memory_order_acquire)) {
    if (runOne(worker)) continue;
    if (spinUntil(spinNanoseconds, hasWork)) continue;
    // Either this thread sees the job that the caller has published, or the caller sees
    // this sleeper and changes `wakeups`: all four accesses are sequentially consistent.
    sleepers.fetch_add(1);
    int32_t seen = wakeups.load();
    if (remaining.load() == 0 && !stopping.load()) wakeups.wait(seen);
    sleepers.fetch_sub(1);
  }
}

void NnccPool::runTasks(int32_t tasks, NnccTask task, const NnccCall *call) {
  auto alone = [&] {
    for (int32_t i = 0; i < tasks; ++i) task(call, i, 0);
  };
  if (workers.empty() || tasks <= 1) {
    alone();
    return;
  }
  auto [known, isNew] = took.try_emplace(task, 0);
  if (isNew || known->second > kAloneNanoseconds) {
    known->second = share(tasks, task, call);
    return;
  }
  int64_t started = now();
  alone();
  known->second = now() - started;
}

int64_t NnccPool::share(int32_t tasks, NnccTask task, const NnccCall *call) {
  jobTask = task;
  jobCall = call;
  jobTasks = tasks;
  unfinished.store(tasks, std::memory_order_relaxed);
  remaining.store(tasks);
  if (sleepers.load() > 0) {
    wakeups.fetch_add(1);
    wakeups.notify_all();
  }
  int64_t started = now(), own = 0;
  while (runOne(0)) ++own;
  int64_t taking = own ? (now() - started) / own * tasks : kAloneNanoseconds + 1;
  auto allDone = [this] { return unfinished.load(std::memory_order_acquire) == 0; };
  if (spinUntil(spinNanoseconds, allDone)) return taking;
  for (int32_t left; (left = unfinished.load(std::memory_order_acquire)) != 0;)
    unfinished.wait(left, std::memory_order_acquire);
  return taking;
}

void NnccPool::runTasksOf(NnccPool *pool, int32_t tasks, NnccTask task, const NnccCall *call) {
  pool->runTasks(tasks, task, call);
}

namespace nncc::train {

int usableCpus() {
  // The kernel refuses masks smaller than its own: grow until it fits.
  for (int cpus = CPU_SETSIZE; cpus <= (1 << 20); cpus *= 2) {
    cpu_set_t *set = CPU_ALLOC(cpus);
    size_t bytes = CPU_ALLOC_SIZE(cpus);
    bool known = set && sched_getaffinity(0, bytes, set) == 0;
    int count = known ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (known) return std::max(count, 1);
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace nncc::train
