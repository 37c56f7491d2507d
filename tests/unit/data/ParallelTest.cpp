#include "data/Parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

using namespace nncc::data;

namespace {

class Parallel : public testing::TestWithParam<int> {};

TEST_P(Parallel, RunsEachOnce) {
  for (int64_t total : {0, 1, 2, 3, 100, 1000}) {
    std::vector<std::atomic<int>> runs(total);
    parallelFor(total, GetParam(), [&] { return [&](int64_t i) { ++runs[i]; }; }, {});
    for (const auto &count : runs) ASSERT_EQ(count, 1);
  }
}

TEST_P(Parallel, EachThreadHasItsOwnBody) {
  std::atomic<int> bodies = 0;
  parallelFor(
      1000, GetParam(),
      [&] {
        ++bodies;
        return [own = std::make_shared<int>(0), id = std::this_thread::get_id()](int64_t) {
          ++*own;  // a race if shared
          if (std::this_thread::get_id() != id) throw std::logic_error("another thread's body");
        };
      },
      {});
  EXPECT_LE(bodies, GetParam());
  EXPECT_GE(bodies, 1);
}

TEST_P(Parallel, TheLowestErrorComesOut) {
  for (int repeat = 0; repeat < 20; ++repeat) {
    try {
      parallelFor(
          5000, GetParam(),
          [] {
            return [](int64_t i) {
              if (i == 1234 || i == 1235 || i == 1300 || i > 2000)
                throw std::runtime_error(std::to_string(i));
            };
          },
          {});
      FAIL();
    } catch (const std::runtime_error &error) {
      ASSERT_STREQ(error.what(), "1234");
    }
  }
}

TEST_P(Parallel, ProgressGrowsFromZeroToTotalInTheCallersThread) {
  std::vector<int64_t> seen;
  auto caller = std::this_thread::get_id();
  parallelFor(
      1000, GetParam(), [] { return [](int64_t) {}; },
      [&](int64_t done, int64_t total) {
        EXPECT_EQ(total, 1000);
        EXPECT_EQ(std::this_thread::get_id(), caller);
        seen.push_back(done);
      });
  ASSERT_GE(seen.size(), 2u);
  EXPECT_EQ(seen.front(), 0);
  EXPECT_EQ(seen.back(), 1000);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_P(Parallel, ProgressMayInterrupt) {
  std::atomic<int64_t> ran = 0;
  EXPECT_THROW(parallelFor(
                   1000000, GetParam(),
                   [&] {
                     return [&](int64_t) {
                       ++ran;
                       std::this_thread::sleep_for(std::chrono::microseconds(10));
                     };
                   },
                   [](int64_t done, int64_t) {
                     if (done > 0) throw std::domain_error("interrupt");
                   }),
               std::domain_error);
  EXPECT_LT(ran, 1000000);
}

INSTANTIATE_TEST_SUITE_P(Threads, Parallel, testing::Values(1, 2, 3, 7));

}  // namespace
