#include "data/Batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>

#include "Files.h"

using namespace nncc::data;

namespace {

// Sample i: 4 * 5 * 3 bytes that only i has, label i.
Dataset numbered(int64_t samples) {
  ImageColumns columns(4, 5, 3);
  Dataset dataset("test", columns, samples);
  for (int64_t i = 0; i < samples; ++i) {
    Bytes pixels = testPixels(dataset.sampleBytes(0), i);
    int32_t label = i;
    std::memcpy(dataset.sample(0, i), pixels.data(), pixels.size());
    std::memcpy(dataset.sample(1, i), &label, sizeof label);
  }
  return dataset;
}

// What a batch holds, by its labels; checks that images and sampleIndex agree with them.
std::vector<int32_t> contents(const Dataset &dataset, const Batch &batch) {
  std::vector<int32_t> labels(batch.samples);
  std::memcpy(labels.data(), batch.inputs[1], batch.samples * sizeof(int32_t));
  EXPECT_EQ(batch.sampleIndex.size(), labels.size());
  for (int32_t i = 0; i < batch.samples; ++i) {
    EXPECT_EQ(batch.sampleIndex[i], static_cast<uint32_t>(labels[i]));
    auto *image = static_cast<const std::byte *>(batch.inputs[0]) + i * dataset.sampleBytes(0);
    EXPECT_EQ(std::memcmp(image, dataset.sample(0, labels[i]), dataset.sampleBytes(0)), 0);
  }
  return labels;
}

std::vector<uint32_t> order(uint64_t seed, int64_t epoch, size_t samples) {
  std::vector<uint32_t> result(samples);
  shuffledOrder(seed, epoch, result);
  return result;
}

TEST(ShuffledOrder, IsAPermutation) {
  for (size_t samples : {1, 2, 3, 10, 1000, 50000}) {
    std::vector<uint32_t> result = order(3, 5, samples);
    std::sort(result.begin(), result.end());
    for (size_t i = 0; i < samples; ++i) ASSERT_EQ(result[i], i);
  }
}

TEST(ShuffledOrder, DependsOnSeedAndEpochOnly) {
  EXPECT_EQ(order(1, 0, 1000), order(1, 0, 1000));
  EXPECT_NE(order(1, 0, 1000), order(2, 0, 1000));
  EXPECT_NE(order(1, 0, 1000), order(1, 1, 1000));
  EXPECT_NE(order(1, 2, 1000), order(2, 1, 1000));
  // Pinned: another order would break every resume and every stored trajectory.
  EXPECT_EQ(order(0, 0, 8), (std::vector<uint32_t>{3, 5, 0, 2, 6, 4, 1, 7}));
  EXPECT_EQ(order(1, 2, 8), (std::vector<uint32_t>{6, 4, 5, 0, 1, 2, 3, 7}));
}

TEST(ShuffledOrder, EverySampleComesEverywhere) {
  int counts[4][4] = {};
  const int rounds = 8000;
  for (int epoch = 0; epoch < rounds; ++epoch) {
    std::vector<uint32_t> result = order(9, epoch, 4);
    for (int i = 0; i < 4; ++i) ++counts[i][result[i]];
  }
  for (auto &row : counts)
    for (int count : row) EXPECT_NEAR(count, rounds / 4, 200);  // 5 standard deviations
}

class BatchesOf : public testing::TestWithParam<std::tuple<int, int>> {};

TEST_P(BatchesOf, WalkEveryEpochInItsOrder) {
  auto [samples, batchSize] = GetParam();
  Dataset dataset = numbered(samples);
  for (bool shuffle : {false, true}) {
    Batches batches(dataset, {.batchSize = batchSize, .shuffle = shuffle, .seed = 4});
    int64_t perEpoch = (samples + batchSize - 1) / batchSize;
    ASSERT_EQ(batches.batchesPerEpoch(), perEpoch);
    for (int64_t epoch = 0; epoch < 3; ++epoch) {
      std::vector<uint32_t> expected = order(4, epoch, samples);
      if (!shuffle) std::iota(expected.begin(), expected.end(), 0u);
      std::vector<int32_t> walked;
      for (int64_t index = 0; index < perEpoch; ++index) {
        const Batch &batch = batches.next();
        EXPECT_EQ(batch.epoch, epoch);
        EXPECT_EQ(batch.index, index);
        EXPECT_EQ(batch.lastOfEpoch, index == perEpoch - 1);
        EXPECT_EQ(batch.samples, std::min<int64_t>(batchSize, samples - index * batchSize));
        for (const void *input : batch.inputs)
          EXPECT_EQ(reinterpret_cast<uintptr_t>(input) % NNCC_ALIGNMENT, 0u);
        std::vector<int32_t> labels = contents(dataset, batch);
        walked.insert(walked.end(), labels.begin(), labels.end());
      }
      EXPECT_TRUE(std::equal(walked.begin(), walked.end(), expected.begin(), expected.end()));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, BatchesOf,
                         testing::Values(std::tuple(10, 3), std::tuple(9, 3), std::tuple(5, 1),
                                         std::tuple(1, 1), std::tuple(3, 32),
                                         std::tuple(100, 32)));

TEST(Batches, ResumeAnywhere) {
  Dataset dataset = numbered(10);
  std::vector<std::vector<int32_t>> whole;
  BatchOptions options{.batchSize = 3, .shuffle = true, .seed = 11};
  Batches batches(dataset, options);
  for (int i = 0; i < 12; ++i) whole.push_back(contents(dataset, batches.next()));
  for (int64_t epoch = 0; epoch < 2; ++epoch)
    for (int64_t batch = 0; batch <= 4; ++batch) {  // 4: the end of the epoch
      options.epoch = epoch;
      options.batch = batch;
      Batches resumed(dataset, options);
      for (size_t i = epoch * 4 + batch; i < whole.size(); ++i) {
        const Batch &next = resumed.next();
        ASSERT_EQ(next.epoch * 4 + next.index, static_cast<int64_t>(i));
        ASSERT_EQ(contents(dataset, next), whole[i]);
      }
    }
}

TEST(Batches, GatherTheNextWhileTheCallerWorks) {
  Dataset dataset = numbered(12);
  std::promise<void> thirdGathered;
  Batches batches(dataset, {.batchSize = 3,
                            .transform = [&](int64_t, int64_t sample, std::span<void *const>) {
                              if (sample == 8) thirdGathered.set_value();
                            }});
  batches.next();
  const Batch &second = batches.next();
  std::vector<int32_t> before = contents(dataset, second);
  // Without another call of next():
  ASSERT_EQ(thirdGathered.get_future().wait_for(std::chrono::seconds(60)),
            std::future_status::ready);
  EXPECT_EQ(contents(dataset, second), before);
  EXPECT_EQ(before, (std::vector<int32_t>{3, 4, 5}));
}

TEST(Batches, NeverWriteIntoTheCallersBatch) {
  Dataset dataset = numbered(1000);
  Batches batches(dataset, {.batchSize = 10, .shuffle = true, .seed = 1});
  for (int i = 0; i < 500; ++i) {
    const Batch &batch = batches.next();
    std::vector<int32_t> first = contents(dataset, batch);
    if (i % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_EQ(contents(dataset, batch), first);
  }
}

TEST(Batches, TransformSeesEachSampleOfItsEpoch) {
  Dataset dataset = numbered(7);
  Batches batches(dataset, {.batchSize = 3,
                            .transform = [](int64_t epoch, int64_t sample,
                                            std::span<void *const> columns) {
                              int32_t label;
                              std::memcpy(&label, columns[1], sizeof label);
                              if (label != sample) throw std::logic_error("another sample");
                              std::memset(columns[0], static_cast<int>(10 * epoch + sample), 60);
                            }});
  for (int i = 0; i < 6; ++i) {
    const Batch &batch = batches.next();
    auto *bytes = static_cast<const uint8_t *>(batch.inputs[0]);
    for (int32_t k = 0; k < batch.samples * 60; ++k)
      ASSERT_EQ(bytes[k], 10 * batch.epoch + batch.sampleIndex[k / 60]);
  }
  EXPECT_EQ(sampleOf(dataset, 3), testPixels(60, 3)) << "the data set itself has changed";
}

TEST(Batches, ExceptionsOfTheThreadReachTheCaller) {
  Dataset dataset = numbered(10);
  Batches batches(dataset, {.batchSize = 2,
                            .transform = [](int64_t, int64_t sample, std::span<void *const>) {
                              if (sample == 5) throw std::domain_error("sample 5");
                            }});
  EXPECT_EQ(contents(dataset, batches.next()), (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(contents(dataset, batches.next()), (std::vector<int32_t>{2, 3}));
  EXPECT_THROW(batches.next(), std::domain_error);
  EXPECT_THROW(batches.next(), std::domain_error);
}

TEST(Batches, MayBeLeftAtAnyTime) {
  Dataset dataset = numbered(100);
  for (int calls = 0; calls < 30; ++calls) {
    Batches batches(dataset, {.batchSize = 7, .shuffle = true, .seed = 2});
    for (int i = 0; i < calls; ++i) batches.next();
  }
}

TEST(Batches, CountTheTimeTheCallerWaits) {
  Dataset dataset = numbered(4);
  auto slow = [](int64_t, int64_t, std::span<void *const>) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  };
  Batches batches(dataset, {.batchSize = 1, .transform = slow});
  EXPECT_EQ(batches.secondsWaited(), 0);
  for (int i = 0; i < 4; ++i) batches.next();
  EXPECT_GT(batches.secondsWaited(), 0.05);
  double waited = batches.secondsWaited();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  batches.next();
  EXPECT_LT(batches.secondsWaited() - waited, 0.02);
}

// The background thread waits until another one has come to help.
TEST(Batches, OthersHelpWhileTheCallerWaits) {
  Dataset dataset = numbered(64);
  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::thread::id> seen;
  auto meet = [&](int64_t epoch, int64_t sample, std::span<void *const> columns) {
    std::memset(columns[0], static_cast<int>(epoch + sample), 60);
    std::unique_lock lock(mutex);
    seen.insert(std::this_thread::get_id());
    changed.notify_all();
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(60), [&] { return seen.size() >= 3; }));
  };
  Batches batches(dataset, {.batchSize = 16, .transform = meet, .threads = 3});
  for (int i = 0; i < 8; ++i) {
    const Batch &batch = batches.next();
    auto *bytes = static_cast<const uint8_t *>(batch.inputs[0]);
    for (int32_t k = 0; k < batch.samples * 60; ++k)
      ASSERT_EQ(bytes[k], batch.epoch + batch.sampleIndex[k / 60]);
  }
  EXPECT_EQ(seen.size(), 3u);
}

TEST(Batches, ExceptionsOfHelpersReachTheCaller) {
  Dataset dataset = numbered(64);
  std::thread::id background;  // of sample 0: nobody helps before the caller waits
  std::atomic<bool> helped = false;
  auto fail = [&](int64_t, int64_t, std::span<void *const>) {
    static std::atomic<int> calls;
    if (calls++ == 0) background = std::this_thread::get_id();
    else if (std::this_thread::get_id() != background) {
      helped = true;
      throw std::domain_error("a helper's");
    }
    while (!helped) std::this_thread::yield();
  };
  Batches batches(dataset, {.batchSize = 16, .transform = fail, .threads = 2});
  EXPECT_THROW(batches.next(), std::domain_error);
  EXPECT_THROW(batches.next(), std::domain_error);
}

TEST(Batches, MayBeLeftWhileOthersHelp) {
  Dataset dataset = numbered(100);
  auto slow = [](int64_t, int64_t, std::span<void *const>) { std::this_thread::yield(); };
  for (int calls = 0; calls < 30; ++calls) {
    Batches batches(dataset, {.batchSize = 7, .transform = slow, .threads = 4});
    for (int i = 0; i < calls; ++i) batches.next();
  }
}

TEST(Batches, MemoryIsKnownBefore) {
  ImageColumns columns(4, 5, 3);
  Dataset dataset = numbered(1000);
  // Per slot: images and labels rounded up to 64 bytes, and the samples' numbers.
  int64_t slot = 1920 + 128 + 32 * 4;
  EXPECT_EQ(Batches::bytes(columns, 1000, 32, true), 2 * slot + 1000 * 4);
  EXPECT_EQ(Batches::bytes(columns, 1000, 32, false), 2 * slot);
  EXPECT_EQ(Batches(dataset, {.batchSize = 32, .shuffle = true}).bytes(), 2 * slot + 1000 * 4);
  EXPECT_EQ(Batches(numbered(5), {.batchSize = 32}).bytes(), Batches::bytes(columns, 5, 32, false));
}

TEST(Batches, RefuseWhatCannotBe) {
  Dataset none = numbered(0), some = numbered(3);
  EXPECT_THROW(Batches(none, {}), std::invalid_argument);
  EXPECT_THROW(Batches(some, {.batchSize = 0}), std::invalid_argument);
  EXPECT_THROW(Batches(some, {.epoch = -1}), std::invalid_argument);
}

}  // namespace
