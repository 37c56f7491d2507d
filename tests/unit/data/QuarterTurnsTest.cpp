// Quarter turns as classes: what is in them, and that others are refused.
#include "data/QuarterTurns.h"

#include <gtest/gtest.h>

#include <map>

#include "Fixtures.h"
#include "error.h"

using namespace nncc::data;

namespace {

Column label("labels", NNCC_I32, {});

// Two samples, of classes 1 and 0, with bytes that count on.
Dataset samples(const Column &image) {
  std::vector<NnccTensor> columns = {image.tensor, label.tensor};
  Dataset set("drawings", columns, 2);
  for (int64_t i = 0; i < 2; ++i) {
    for (int64_t j = 0; j < set.sampleBytes(0); ++j)
      set.sample(0, i)[j] = static_cast<std::byte>(i * set.sampleBytes(0) + j);
    int32_t number = static_cast<int32_t>(1 - i);
    std::memcpy(set.sample(1, i), &number, sizeof number);
  }
  set.setClassNames({"a", "b"});
  return set;
}

Dataset turned(const Column &image) {
  std::vector<NnccTensor> columns = {image.tensor, label.tensor};
  return withQuarterTurns(samples(image), columns);
}

TEST(QuarterTurns, AreFurtherClasses) {
  Column image("input", NNCC_U8, {2, 2});
  Dataset all = turned(image);
  ASSERT_EQ(all.size(), 8);
  EXPECT_EQ(all.classNames(), (std::vector<std::string>{"a", "b", "a turned by 90", "b turned by 90", "a turned by 180",
                                                        "b turned by 180", "a turned by 270", "b turned by 270"}));
  // The first sample, of class b, anticlockwise.
  std::map<int64_t, std::vector<uint8_t>> expected = {
      {0, {0, 1, 2, 3}}, {2, {1, 3, 0, 2}}, {4, {3, 2, 1, 0}}, {6, {2, 0, 3, 1}}};
  for (const auto &[i, bytes] : expected) {
    EXPECT_EQ(valuesOf<uint8_t>(all, 0, i), bytes) << i;
    EXPECT_EQ(all.integer(1, i), i + 1);
    EXPECT_EQ(all.integer(1, i + 1), i);
  }
  EXPECT_EQ(valuesOf<uint8_t>(all, 0, 5), (std::vector<uint8_t>{7, 6, 5, 4}));
}

TEST(QuarterTurns, KeepPixelsWhole) {
  Column image("input", NNCC_U8, {2, 2, 3});
  EXPECT_EQ(valuesOf<uint8_t>(turned(image), 0, 2), (std::vector<uint8_t>{3, 4, 5, 9, 10, 11, 0, 1, 2, 6, 7, 8}));
}

TEST(QuarterTurns, RefuseWhatIsNoSquareImage) {
  Column oblong("input", NNCC_U8, {2, 3}), row("input", NNCC_F32, {4});
  for (const Column *image : {&oblong, &row}) EXPECT_THROW(turned(*image), nncc::UserError);
}

}  // namespace
