#include "data/Random.h"

#include <gtest/gtest.h>

#include <set>

using namespace nncc::data;

namespace {

using Words = std::array<uint32_t, 4>;

// The known answers that come with Random123, the authors' own library.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, LayoutIsAsDocumented) {
  uint64_t seed = 0x0123456789abcdef;
  Words block = philox4x32({3, 0, 77, 2u << 24}, {0x89abcdef, 0x01234567});
  Random random(seed, Purpose::Initializer, 77);
  EXPECT_EQ(random.bits(6), uint64_t{block[1]} << 32 | block[0]);
  EXPECT_EQ(random.bits(7), uint64_t{block[3]} << 32 | block[2]);
}

TEST(Random, EveryArgumentMatters) {
  std::set<uint64_t> seen;
  for (uint64_t seed : {0ull, 1ull, 1ull << 40})
    for (Purpose purpose : {Purpose::Shuffle, Purpose::Initializer})
      for (uint64_t index : {0ull, 1ull, 1ull << 40})
        for (uint64_t position : {0ull, 1ull, 2ull, 1ull << 40})
          seen.insert(Random(seed, purpose, index).bits(position));
  EXPECT_EQ(seen.size(), 3u * 2 * 3 * 4);
}

TEST(Random, UniformHasItsMoments) {
  Random random(5, Purpose::Initializer, 0);
  double sum = 0, squares = 0;
  const int count = 100000;
  for (int i = 0; i < count; ++i) {
    double x = random.uniform(i);
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / count, 0.5, 0.005);
  EXPECT_NEAR(squares / count, 1.0 / 3, 0.005);
}

TEST(Random, NormalHasItsMoments) {
  Random random(6, Purpose::Initializer, 1);
  double sum = 0, squares = 0, fourth = 0;
  const int count = 100000;
  for (int i = 0; i < count; ++i) {
    double x = random.normal(i);
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / count, 0, 0.02);
  EXPECT_NEAR(squares / count, 1, 0.03);
  EXPECT_NEAR(fourth / count, 3, 0.2);
}

TEST(Random, BelowStaysBelowAndReachesAll) {
  Random random(7, Purpose::Shuffle, 0);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60000; ++i) ++counts.at(random.below(i, 6));
  for (int count : counts) EXPECT_NEAR(count, 10000, 400);
  EXPECT_EQ(random.below(3, 1), 0u);
}

}  // namespace
