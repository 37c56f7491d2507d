#include "train/Pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace {

using nncc::train::Pool;

// What the tasks of a test see; NnccCall's first input points to it.
struct Observed {
  explicit Observed(int tasks, int workers) : runs(tasks), busy(workers) {}
  std::vector<std::atomic<int>> runs, busy;
  std::atomic<int> clashes{0}, foreignWorkers{0};
  std::thread::id onlyThread;
  std::atomic<int> otherThreads{0};
};

void observe(const NnccCall *call, int32_t task, int32_t worker) {
  Observed &observed = *const_cast<Observed *>(static_cast<const Observed *>(call->inputs[0]));
  if (worker < 0 || worker >= static_cast<int>(observed.busy.size())) {
    ++observed.foreignWorkers;
    return;
  }
  if (observed.busy[worker].exchange(1)) ++observed.clashes;
  ++observed.runs[task];
  if (std::this_thread::get_id() != observed.onlyThread) ++observed.otherThreads;
  observed.busy[worker].store(0);
}

void runObserved(Pool &pool, int tasks, Observed &observed) {
  const void *inputs[] = {&observed};
  NnccCall call{};
  call.inputs = inputs;
  call.workers = pool.threads();
  Pool::runTasksOf(&pool, tasks, observe, &call);
}

TEST(Pool, RunsEachTaskOnceAndWorkersNeverClash) {
  for (int threads : {1, 2, 3, 8}) {
    Pool pool(threads);
    ASSERT_EQ(pool.threads(), threads);
    for (int tasks : {0, 1, 2, 3, 7, 64, 1000}) {
      Observed observed(tasks, threads);
      runObserved(pool, tasks, observed);
      for (int i = 0; i < tasks; ++i) ASSERT_EQ(observed.runs[i], 1) << threads << " " << tasks;
      EXPECT_EQ(observed.clashes, 0);
      EXPECT_EQ(observed.foreignWorkers, 0);
    }
  }
}

TEST(Pool, OneThreadRunsInline) {
  Pool pool(1);
  Observed observed(20, 1);
  observed.onlyThread = std::this_thread::get_id();
  runObserved(pool, 20, observed);
  EXPECT_EQ(observed.otherThreads, 0);
}

// Stages follow each other at once, so workers are still leaving one when the next begins;
// plain (not atomic) data must pass from stage to stage in both directions.
struct Chain {
  std::vector<int64_t> values;
  int64_t sum = 0;
};

void addOne(const NnccCall *call, int32_t task, int32_t) {
  Chain &chain = *static_cast<Chain *>(call->state);
  chain.values[task] += chain.sum + 1;
}

TEST(Pool, StagesSeeWhatTheOnesBeforeWrote) {
  for (int threads : {2, 3, 5}) {
    Pool pool(threads);
    Chain chain{std::vector<int64_t>(9), 0};
    NnccCall call{};
    call.state = &chain;
    int64_t expected = 0, expectedSum = 0;
    for (int stage = 0; stage < 3000; ++stage) {
      pool.runTasks(1 + stage % 9, addOne, &call);
      chain.sum = chain.values[0] % 1000;
      expected += expectedSum + 1;
      expectedSum = expected % 1000;
    }
    EXPECT_EQ(chain.values[0], expected) << threads;
  }
}

TEST(Pool, WakesWorkersThatSleep) {
  Pool pool(3);
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(round % 3));
    Observed observed(50, 3);
    runObserved(pool, 50, observed);
    for (const std::atomic<int> &runs : observed.runs) ASSERT_EQ(runs, 1);
  }
}

// Both threads must be at work at once, or neither task would end.
void meet(const NnccCall *call, int32_t, int32_t) {
  std::atomic<int> &arrived = *static_cast<std::atomic<int> *>(call->state);
  ++arrived;
  while (arrived.load() < 2) std::this_thread::yield();
}

TEST(Pool, RunsTasksAtTheSameTime) {
  Pool pool(2);
  std::atomic<int> arrived{0};
  NnccCall call{};
  call.state = &arrived;
  pool.runTasks(2, meet, &call);
  EXPECT_EQ(arrived, 2);
}

TEST(Pool, StartsAndEndsWithoutWork) {
  for (int i = 0; i < 50; ++i) Pool pool(1 + i % 6);
}

TEST(Pool, CountsUsableCpus) { EXPECT_GE(nncc::train::usableCpus(), 1); }

}  // namespace
