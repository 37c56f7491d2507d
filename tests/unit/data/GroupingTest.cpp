// Batches by length and by classes: what is in them, and that seed and epoch alone decide.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "Fixtures.h"
#include "data/Batches.h"
#include "data/Random.h"

using namespace nncc::data;

namespace {

Column value("input", NNCC_F32, {1}), lengths("input.lengths", NNCC_I32, {}), label("labels", NNCC_I32, {});

// Samples of these classes; lengths are drawn from 1 to 100.
Dataset dataset(const std::vector<int32_t> &labels) {
  std::vector<NnccTensor> columns = {value.tensor, lengths.tensor, label.tensor};
  Dataset set("samples", columns, static_cast<int64_t>(labels.size()));
  Random random(7, Purpose::Initializer, 0);
  for (int64_t i = 0; i < set.size(); ++i) {
    float number = static_cast<float>(i);
    int32_t length = static_cast<int32_t>(random.below(i, 100)) + 1;
    std::memcpy(set.sample(0, i), &number, sizeof number);
    std::memcpy(set.sample(1, i), &length, sizeof length);
    std::memcpy(set.sample(2, i), &labels[i], sizeof(int32_t));
  }
  return set;
}

std::vector<int32_t> classes(int32_t count, int32_t each) {
  std::vector<int32_t> labels;
  for (int32_t i = 0; i < count * each; ++i) labels.push_back(i % count);
  return labels;
}

const Grouping kByLength{true};

TEST(BatchesByLength, HoldEverySampleOnceAndAreShort) {
  Dataset set = dataset(std::vector<int32_t>(1003, 0));
  constexpr int32_t size = 16;
  int64_t padded = 0, plain = 0;
  for (bool shuffle : {true, false}) {
    std::vector<uint32_t> order = epochOrder(set, size, shuffle, kByLength, 5, 2);
    std::vector<uint32_t> sorted = order;
    std::ranges::sort(sorted);
    for (uint32_t i = 0; i < 1003; ++i) ASSERT_EQ(sorted[i], i);
    // The last batch is the one that is not full, of any samples.
    padded = plain = 0;
    std::vector<uint32_t> shuffled(1003);
    shuffledOrder(5, 2, shuffled);
    for (size_t first = 0; first + size <= order.size(); first += size) {
      auto longest = [&](const std::vector<uint32_t> &samples) {
        int32_t most = 0;
        for (size_t i = first; i < first + size; ++i) most = std::max(most, set.integer(1, samples[i]));
        return most;
      };
      for (size_t i = first; i < first + size; ++i) {
        padded += longest(order) - set.integer(1, order[i]);
        plain += longest(shuffled) - set.integer(1, shuffled[i]);
      }
    }
    EXPECT_LT(10 * padded, plain) << shuffle;
  }
}

TEST(BatchesByLength, DependOnSeedAndEpochOnly) {
  Dataset set = dataset(std::vector<int32_t>(1003, 0));
  auto order = [&](uint64_t seed, int64_t epoch) { return epochOrder(set, 16, true, kByLength, seed, epoch); };
  EXPECT_EQ(order(1, 0), order(1, 0));
  EXPECT_NE(order(1, 0), order(1, 1));
  EXPECT_NE(order(1, 0), order(2, 0));
  // Long and short batches come in any order.
  std::vector<int32_t> first;
  for (size_t i = 0; i < 992; i += 16) first.push_back(set.integer(1, order(1, 0)[i]));
  EXPECT_FALSE(std::ranges::is_sorted(first.begin(), first.begin() + 32));
}

TEST(BatchesByLength, ResumeAnywhere) {
  Dataset set = dataset(std::vector<int32_t>(50, 0));
  BatchOptions options{.batchSize = 8, .shuffle = true, .seed = 3, .grouping = kByLength};
  std::vector<std::vector<uint32_t>> whole;
  Batches again(set, options);
  ASSERT_EQ(again.batchesPerEpoch(), 7);
  for (int64_t i = 0; i < 14; ++i) {
    const Batch &batch = again.next();
    whole.emplace_back(batch.sampleIndex.begin(), batch.sampleIndex.end());
    EXPECT_EQ(batch.samples, i % 7 == 6 ? 2 : 8);
  }
  for (int64_t i = 0; i < 14; ++i) {
    options.epoch = i / 7;
    options.batch = i % 7;
    Batches resumed(set, options);
    const Batch &batch = resumed.next();
    EXPECT_EQ(std::vector<uint32_t>(batch.sampleIndex.begin(), batch.sampleIndex.end()), whole[i]);
  }
}

TEST(BatchesByLength, NeedLengths) {
  std::vector<NnccTensor> columns = {value.tensor, label.tensor};
  Dataset set("samples", columns, 3);
  EXPECT_EQ(errorOf([&] { requireGrouping(set, kByLength); }),
            "samples: batches by length need samples with lengths; give the model's input `lengths: true`, or leave "
            "`batch_by` out");
}

TEST(BatchesByClasses, HaveSoManyOfEach) {
  Dataset set = dataset(classes(11, 9));
  Grouping grouping{false, 4, 3};
  EXPECT_EQ(batchesPerEpoch(set.size(), 12, grouping), 8);
  EXPECT_EQ(samplesPerEpoch(set.size(), 12, grouping), 96);
  std::map<uint32_t, int> seen;
  for (int64_t epoch = 0; epoch < 20; ++epoch) {
    std::vector<uint32_t> order = epochOrder(set, 12, true, grouping, 5, epoch);
    ASSERT_EQ(order.size(), 96u);
    std::set<int32_t> round;
    for (size_t batch = 0; batch < 8; ++batch) {
      std::map<int32_t, std::set<uint32_t>> members;
      for (size_t i = batch * 12; i < batch * 12 + 12; ++i) {
        members[set.integer(2, order[i])].insert(order[i]);
        ++seen[order[i]];
      }
      ASSERT_EQ(members.size(), 4u);
      for (auto &[number, samples] : members) {
        EXPECT_EQ(samples.size(), 3u);
        // Two batches are a round of eight of the eleven classes: none comes twice.
        EXPECT_TRUE(round.insert(number).second) << "class " << number;
      }
      if (batch % 2 == 1) round.clear();
    }
  }
  EXPECT_EQ(seen.size(), 99u);
  // 20 epochs of 96: each about 19 times.
  for (auto [sample, count] : seen) {
    EXPECT_GT(count, 8) << sample;
    EXPECT_LT(count, 32) << sample;
  }
}

TEST(BatchesByClasses, AllSamplesOfAClassComeBeforeOneComesAgain) {
  Dataset set = dataset(classes(2, 12));
  std::vector<uint32_t> order = epochOrder(set, 8, true, {false, 2, 4}, 1, 0);
  ASSERT_EQ(order.size(), 24u);
  EXPECT_EQ(std::set<uint32_t>(order.begin(), order.end()).size(), 24u);
}

TEST(BatchesByClasses, DependOnSeedAndEpochOnlyAndResume) {
  Dataset set = dataset(classes(11, 9));
  Grouping grouping{false, 4, 3};
  auto order = [&](uint64_t seed, int64_t epoch) { return epochOrder(set, 12, true, grouping, seed, epoch); };
  EXPECT_EQ(order(1, 0), order(1, 0));
  EXPECT_NE(order(1, 0), order(1, 1));
  EXPECT_NE(order(1, 0), order(2, 0));
  for (int64_t batch = 0; batch < 8; ++batch) {
    Batches resumed(set, {.batchSize = 12, .shuffle = true, .seed = 1, .epoch = 3, .batch = batch, .grouping = grouping});
    const Batch &next = resumed.next();
    std::vector<uint32_t> whole = order(1, 3);
    EXPECT_TRUE(std::ranges::equal(next.sampleIndex, std::span(whole).subspan(batch * 12, 12)));
    EXPECT_EQ(next.lastOfEpoch, batch == 7);
  }
}

TEST(BatchesByClasses, OfAPartSeeItsClassesOnly) {
  Dataset set = dataset(classes(6, 5));
  std::vector<uint32_t> chosen;
  for (uint32_t i = 0; i < 30; ++i)
    if (i % 6 >= 4) chosen.push_back(i);
  Dataset part = set.subset(chosen);
  for (uint32_t sample : epochOrder(part, 4, true, {false, 2, 2}, 1, 0)) EXPECT_GE(part.integer(2, sample), 4);
}

TEST(BatchesByClasses, WhatCannotBe) {
  Dataset few = dataset({0, 0, 1, 1, 1});
  few.setClassNames({"a", "b"});
  EXPECT_EQ(errorOf([&] { requireGrouping(few, {false, 3, 2}); }),
            "samples: has samples of 2 classes, but a batch takes classes_per_batch: 3; use a smaller number, or add classes");
  EXPECT_EQ(errorOf([&] { requireGrouping(few, {false, 2, 3}); }),
            "samples: class 'a' has 2 samples, but a batch takes samples_per_class: 3 of each of its classes; add samples, "
            "leave the class out, or use a smaller number");
  Dataset one = dataset({0, 0, 1});
  EXPECT_EQ(errorOf([&] { requireGrouping(one, {false, 2, 2}); }),
            "samples: class '1' has 1 sample, but a batch takes samples_per_class: 2 of each of its classes; add samples, "
            "leave the class out, or use a smaller number");
  one.setLines({4, 5, 9});
  EXPECT_EQ(errorOf([&] { requireGrouping(one, {false, 2, 2}); }).find("samples:9: class '1' has 1 sample"), 0u);
  std::vector<NnccTensor> columns = {value.tensor};
  Dataset none("samples", columns, 3);
  EXPECT_EQ(errorOf([&] { requireGrouping(none, {false, 2, 2}); }),
            "samples: batches by classes need class numbers as targets, i32 [], which the model's loss doesn't take");
}

TEST(Grouping, OfAProgram) {
  NnccOption length[] = {{"by", "length", 0}};
  EXPECT_TRUE(groupingOf({"batches", length, 1}).byLength);
  NnccOption both[] = {{"classes_per_batch", "4", 4}, {"samples_per_class", "3", 3}};
  Grouping grouping = groupingOf({"batches", both, 2});
  EXPECT_EQ(grouping.classes, 4);
  EXPECT_EQ(grouping.samplesPerClass, 3);
  EXPECT_FALSE(groupingOf({}).any());
}

}  // namespace
