#include "prepare/Likeness.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <set>

using namespace nncc::prepare;

// Hashes around a few centres, so that there are pairs at every distance, many of them at the edge.
TEST(Likeness, TheIndexFindsWhatComparingAllWithAllFinds) {
  std::mt19937_64 random(1);
  std::vector<uint64_t> hashes;
  for (int centre = 0; centre < 40; ++centre) {
    uint64_t middle = random();
    for (int i = 0; i < 50; ++i) {
      uint64_t hash = middle;
      for (uint64_t flips = random() % 14; flips > 0; --flips) hash ^= uint64_t{1} << random() % 64;
      hashes.push_back(hash);
    }
  }
  HashIndex index(hashes);
  ASSERT_EQ(index.radius(), 11);
  int64_t near = 0, atTheEdge = 0;
  for (uint32_t i = 0; i < hashes.size(); ++i) {
    std::multiset<uint32_t> expected, found;
    for (uint32_t j = 0; j < i; ++j) {
      int distance = std::popcount(hashes[i] ^ hashes[j]);
      if (distance <= index.radius()) expected.insert(j);
      atTheEdge += distance == index.radius();
    }
    index.before(i, [&](uint32_t other) { found.insert(other); });
    ASSERT_EQ(found, expected) << i;
    near += std::ssize(expected);
  }
  EXPECT_GT(near, 1000);
  EXPECT_GT(atTheEdge, 100);
}

// Black borders make most bits the same; less is found then, in a time that is known.
TEST(Likeness, TheIndexLooksLessFarWhereHashesAreAlmostAllTheSame) {
  std::mt19937_64 random(1);
  std::vector<uint64_t> hashes;
  for (int i = 0; i < 60000; ++i) hashes.push_back(random() & 0x0000001111000000);
  HashIndex index(hashes);
  EXPECT_LT(index.radius(), 11);
}

TEST(Likeness, CopiesOfAnImageAreAlikeAndOthersAreNot) {
  constexpr ImageForm form{1, 40, 30, 3};
  std::mt19937 random(2);
  auto waves = [&] {
    std::vector<std::byte> image(40 * 30 * 3);
    double a = random() % 100 / 200.0, b = random() % 100 / 200.0, c = random() % 60 / 10.0, d = random() % 100 / 150.0;
    for (int i = 0; i < 40 * 30 * 3; ++i) {
      int x = i / 3 % 30, y = i / 90;
      double value = 120 + 50 * std::sin(a * x + b * y + c) + 30 * std::sin(d * x - a * y + i % 3);
      image[i] = std::byte(static_cast<int>(value));
    }
    return image;
  };
  std::vector<std::byte> first = waves(), other = waves(), brighter = first, plain(first.size(), std::byte{9});
  for (size_t i = 0; i < brighter.size(); ++i)
    brighter[i] = std::byte(std::to_integer<int>(first[i]) * 9 / 10 + 20 + static_cast<int>(random() % 5));
  SmallCopies copies(form, 4);
  int64_t number = 0;
  for (const auto *image : {&first, &brighter, &other, &plain}) copies.set(number++, image->data());
  EXPECT_GT(copies.likeness(0, 1), 0.99);
  EXPECT_LE(std::popcount(copies.hash(0) ^ copies.hash(1)), 4);
  EXPECT_LT(copies.likeness(0, 2), 0.8);
  EXPECT_EQ(copies.likeness(0, 3), 0);
  EXPECT_EQ(copies.likeness(3, 3), 0);
}
