// Quarter turns as classes: what is in them, and that others are refused.
#include "data/QuarterTurns.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

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

// Of the turns of a cube each is a rotation: it takes the products of vectors, inner and outer, along.
TEST(QuarterTurns, OfVectorsAreAllRotationsOfACube) {
  Column steps("input", NNCC_F32, {4, 6}), lengths("input.lengths", NNCC_I32, {});
  std::vector<NnccTensor> columns = {steps.tensor, lengths.tensor, label.tensor};
  Dataset set("gestures", columns, 2);
  // Step 0 of sample 0 holds the axes x and y, step 1 z and a vector; what is behind is padding.
  const float values[24] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 5};
  for (int64_t i = 0; i < 2; ++i) {
    int32_t length = 2 + static_cast<int32_t>(i), number = static_cast<int32_t>(1 - i);
    std::memcpy(set.sample(0, i), values, sizeof values);
    std::memcpy(set.sample(1, i), &length, sizeof length);
    std::memcpy(set.sample(2, i), &number, sizeof number);
  }
  set.setClassNames({"a", "b"});
  Dataset all = withQuarterTurns(set, columns);
  ASSERT_EQ(quarterTurns(columns), 24);
  ASSERT_EQ(all.size(), 48);
  std::set<std::vector<float>> seen;
  for (int64_t turn = 0; turn < 24; ++turn)
    for (int64_t i = 0; i < 2; ++i) {
      std::vector<float> turned = valuesOf<float>(all, 0, 2 * turn + i);
      const float *x = &turned[0], *y = &turned[3], *z = &turned[6], *v = &turned[9];
      for (int k = 0; k < 3; ++k) {
        int next = (k + 1) % 3, last = (k + 2) % 3;
        EXPECT_EQ(x[next] * y[last] - x[last] * y[next], z[k]) << "x, y and z are as the fingers of the right hand";
        EXPECT_EQ(2 * x[k] + 3 * y[k] + 5 * z[k], v[k]);
      }
      EXPECT_EQ(x[0] * x[0] + x[1] * x[1] + x[2] * x[2], 1);
      for (size_t k = 12; k < 24; ++k) EXPECT_EQ(std::signbit(turned[k]) ? -1 : turned[k], 0);
      EXPECT_EQ(all.integer(1, 2 * turn + i), 2 + i);
      EXPECT_EQ(all.integer(2, 2 * turn + i), 2 * turn + 1 - i);
      seen.insert(turned);
      if (turn == 0) {
        EXPECT_EQ(turned, valuesOf<float>(set, 0, i));
      }
    }
  EXPECT_EQ(seen.size(), 24u);
  ASSERT_EQ(all.classNames().size(), 48u);
  EXPECT_EQ(all.classNames()[0], "a");
  EXPECT_EQ(all.classNames()[3], "b turned to x -y -z");
}

TEST(QuarterTurns, RefuseWhatIsNoSquareImageAndNoVectors) {
  Column oblong("input", NNCC_U8, {2, 3}), row("input", NNCC_F32, {4}), four("input", NNCC_F32, {5, 4});
  for (const Column *image : {&oblong, &row, &four}) EXPECT_THROW(turned(*image), nncc::UserError);
}

}  // namespace
