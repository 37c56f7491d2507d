#include "train/References.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "MiniProgram.h"
#include "TinyData.h"
#include "error.h"

namespace {

using namespace nncc;
using namespace nncc::tests;
using namespace nncc::train;

std::string messageOf(const std::function<void()> &action) {
  try {
    action();
  } catch (const UserError &error) {
    return error.what();
  }
  return "";
}

bool has(const std::string &text, const std::string &part) { return text.find(part) != text.npos; }

// Two examples of one class, one of another.
References some() {
  References references(2, "0123456789abcdef");
  const float a[] = {0, 0}, b[] = {1, 0}, c[] = {0, 3};
  references.add("left", a);
  references.add("right \"hand\"", c);
  references.add("left", b);
  return references;
}

// The euclidean distance to a point.
std::function<double(std::span<const float>)> from(std::span<const float> point) {
  return [point](std::span<const float> example) {
    return std::hypot(double{point[0]} - example[0], double{point[1]} - example[1]);
  };
}

TEST(References, NearestExampleAndLimit) {
  References references = some();
  const float near[] = {1, 0.5}, far[] = {9, 3};
  auto nearest = references.nearest(from(near));
  EXPECT_EQ(nearest.name, "left");
  EXPECT_DOUBLE_EQ(nearest.distance, 0.5);
  EXPECT_TRUE(nearest.known);
  EXPECT_EQ(references.nearest(from(far)).name, "left");
  EXPECT_TRUE(references.nearest(from(far)).known);  // no limit: nothing is unknown
  references.limit = 5;
  EXPECT_FALSE(references.nearest(from(far)).known);
  EXPECT_TRUE(references.nearest(from(near)).known);
  const float between[] = {0, 1.5};  // as far from left as from the other: the first
  EXPECT_EQ(references.nearest(from(between)).name, "left");
}

TEST(References, ComeBackFromTheFile) {
  TemporaryFolder folder;
  References references = some();
  references.limit = 0.1;
  references.save(folder / "r.safetensors");
  References loaded = References::load(folder / "r.safetensors", 2, "0123456789abcdef");
  ASSERT_EQ(loaded.classes().size(), 2u);
  EXPECT_EQ(loaded.classes()[0].name, "left");
  EXPECT_EQ(loaded.classes()[0].examples, 2);
  EXPECT_EQ(loaded.classes()[1].name, "right \"hand\"");
  EXPECT_EQ(*loaded.limit, 0.1);
  const float point[] = {0, 2.5};
  EXPECT_EQ(loaded.nearest(from(point)).name, "right \"hand\"");
  loaded.save(folder / "again.safetensors");
  EXPECT_EQ(TemporaryFolder::read(folder / "r.safetensors"), TemporaryFolder::read(folder / "again.safetensors"));

  EXPECT_EQ(loaded.forget("left"), 2);
  EXPECT_EQ(loaded.forget("left"), 0);
  EXPECT_EQ(loaded.forget("right \"hand\""), 1);
  EXPECT_TRUE(loaded.empty());
  loaded.save(folder / "none.safetensors");
  References none = References::load(folder / "none.safetensors", 2, "0123456789abcdef");
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(*none.limit, 0.1);
  EXPECT_TRUE(References::load(folder / "not there", 2, "x").empty());
}

TEST(References, DamagedOrOfOtherWeightsAreRefused) {
  TemporaryFolder folder;
  auto load = [&](const char *name, const char *weights = "0123456789abcdef") {
    return messageOf([&] { References::load(folder / name, 2, weights); });
  };
  References references = some();
  references.limit = 0.25;
  references.save(folder / "r.safetensors");
  EXPECT_EQ(load("r.safetensors"), "");
  std::string other = load("r.safetensors", "fedcba9876543210");
  EXPECT_TRUE(has(other, "r.safetensors' holds references that other weights made (0123456789abcdef, these are "
                         "fedcba9876543210)")) << other;
  EXPECT_TRUE(has(messageOf([&] { References::load(folder / "r.safetensors", 3, "0123456789abcdef"); }), "other weights"));

  // Every byte of the file, changed: refused by name.
  std::string bytes = TemporaryFolder::read(folder / "r.safetensors");
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x04);
    folder.write("damaged", damaged);
    EXPECT_TRUE(has(load("damaged"), "damaged'")) << "byte " << i << ": " << load("damaged");
  }
  for (size_t length : {size_t{0}, size_t{7}, bytes.size() / 2, bytes.size() - 1}) {
    folder.write("cut", bytes.substr(0, length));
    EXPECT_TRUE(has(load("cut"), "cut'")) << length;
  }
}

TEST(References, FingerprintIsOfTheValues) {
  NnccProgram program = miniProgram();
  alignas(64) float values[32] = {};
  std::string zeros = weightsFingerprint(program, values);
  EXPECT_EQ(zeros.size(), 16u);
  values[5] = 1e-30f;
  std::string one = weightsFingerprint(program, values);
  EXPECT_NE(zeros, one);
  values[7] = 3;  // between parameters
  EXPECT_EQ(one, weightsFingerprint(program, values));
}

}  // namespace
