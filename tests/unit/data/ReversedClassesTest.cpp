// Classes backwards: what is in them, and that others are refused.
#include "data/ReversedClasses.h"

#include <gtest/gtest.h>

#include <cstring>

#include "Fixtures.h"
#include "error.h"

using namespace nncc::data;

namespace {

Column label("labels", NNCC_I32, {}), lengths("input.lengths", NNCC_I32, {});

// Two samples, of classes 1 and 0 and of 2 and 3 steps, with values that count on; behind them zeros.
Dataset samples(std::span<const NnccTensor> columns, int64_t steps, int64_t features, bool hasLengths) {
  Dataset set("gestures", columns, 2);
  for (int32_t i = 0; i < 2; ++i) {
    int32_t length = hasLengths ? 2 + i : static_cast<int32_t>(steps), number = 1 - i;
    std::vector<float> values(static_cast<size_t>(steps * features));
    for (int64_t j = 0; j < length * features; ++j) values[j] = static_cast<float>(100 * i + j + 1);
    std::memcpy(set.sample(0, i), values.data(), values.size() * sizeof(float));
    if (hasLengths) std::memcpy(set.sample(1, i), &length, sizeof length);
    std::memcpy(set.sample(hasLengths ? 2 : 1, i), &number, sizeof number);
  }
  set.setClassNames({"a", "b"});
  return set;
}

TEST(ReversedClasses, AreFurtherClasses) {
  Column steps("input", NNCC_F32, {4, 2});
  std::vector<NnccTensor> columns = {steps.tensor, lengths.tensor, label.tensor};
  Dataset both = withReversed(samples(columns, 4, 2, true), columns);
  ASSERT_EQ(both.size(), 4);
  EXPECT_EQ(both.classNames(), (std::vector<std::string>{"a", "b", "a backwards", "b backwards"}));
  EXPECT_EQ(valuesOf<float>(both, 0, 0), (std::vector<float>{1, 2, 3, 4, 0, 0, 0, 0}));
  EXPECT_EQ(valuesOf<float>(both, 0, 1), (std::vector<float>{101, 102, 103, 104, 105, 106, 0, 0}));
  EXPECT_EQ(valuesOf<float>(both, 0, 2), (std::vector<float>{3, 4, 1, 2, 0, 0, 0, 0}));
  EXPECT_EQ(valuesOf<float>(both, 0, 3), (std::vector<float>{105, 106, 103, 104, 101, 102, 0, 0}));
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(both.integer(1, i), 2 + i % 2);
    EXPECT_EQ(both.integer(2, i), 1 - i % 2 + i / 2 * 2);
  }
}

TEST(ReversedClasses, WithoutLengthsAllStepsAreReversed) {
  Column steps("input", NNCC_F32, {3, 1});
  std::vector<NnccTensor> columns = {steps.tensor, label.tensor};
  Dataset both = withReversed(samples(columns, 3, 1, false), columns);
  EXPECT_EQ(valuesOf<float>(both, 0, 2), (std::vector<float>{3, 2, 1}));
}

TEST(ReversedClasses, RefuseWhatIsNoSequence) {
  Column image("input", NNCC_U8, {2, 2});
  std::vector<NnccTensor> columns = {image.tensor, label.tensor};
  EXPECT_THROW(withReversed(Dataset("drawings", columns, 1), columns), nncc::UserError);
}

}  // namespace
