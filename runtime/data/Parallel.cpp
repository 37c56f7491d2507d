#include "data/Parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace nncc::data {

namespace {

class Loop {
 public:
  Loop(int64_t total, int64_t grain) : total(total), grain(grain) {}

  // `afterRange` runs between ranges, with the number of bodies that have returned.
  void work(const std::function<std::function<void(int64_t)>()> &makeBody,
            const std::function<void(int64_t)> &afterRange) {
    std::function<void(int64_t)> body;
    try {
      body = makeBody();
    } catch (...) {
      return fail(-1);
    }
    for (;;) {
      int64_t begin = next.fetch_add(grain);
      if (begin >= total || begin > failed) return;
      int64_t end = std::min(begin + grain, total);
      for (int64_t i = begin; i < end && i < failed; ++i) {
        try {
          body(i);
        } catch (...) {
          return fail(i);
        }
      }
      done += end - begin;
      if (!afterRange) continue;
      try {
        afterRange(done);
      } catch (...) {
        return fail(-1);
      }
    }
  }

  void rethrow() {
    if (error) std::rethrow_exception(error);
  }

 private:
  void fail(int64_t index) {
    std::lock_guard lock(mutex);
    if (index >= failed) return;
    failed = index;
    error = std::current_exception();
  }

  const int64_t total, grain;
  std::atomic<int64_t> next = 0, done = 0;
  std::atomic<int64_t> failed = std::numeric_limits<int64_t>::max();
  std::mutex mutex;
  std::exception_ptr error;
};

}  // namespace

void parallelFor(int64_t total, int threads,
                 const std::function<std::function<void(int64_t)>()> &makeBody,
                 const ReadProgress &progress) {
  threads = static_cast<int>(std::clamp<int64_t>(threads, 1, std::max<int64_t>(total, 1)));
  Loop loop(total, std::clamp<int64_t>(total / (int64_t{threads} * 8), 1, 64));
  if (progress) progress(0, total);

  std::vector<std::thread> others;
  others.reserve(threads - 1);
  try {
    for (int i = 1; i < threads; ++i)
      others.emplace_back([&] { loop.work(makeBody, {}); });
  } catch (const std::exception &) {
    // The system grants no more threads: those that run, this one among them, do it all.
  }
  std::function<void(int64_t)> afterRange;
  if (progress)
    afterRange = [&](int64_t done) {
      if (done < total) progress(done, total);
    };
  loop.work(makeBody, afterRange);
  for (std::thread &other : others) other.join();
  loop.rethrow();
  if (progress) progress(total, total);
}

}  // namespace nncc::data
