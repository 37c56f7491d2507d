#include "train/Penalty.h"

#include <gtest/gtest.h>

#include "MiniProgram.h"
#include "TinyProgram.h"

namespace {

using namespace nncc;
using namespace nncc::tests;

TEST(Penalty, IsTheSumOfAbsoluteValuesAndSquares) {
  alignas(64) float block[32] = {};
  for (int i = 0; i < 6; ++i) block[i] = static_cast<float>(i - 2);  // -2 ... 3
  for (int i = 0; i < 3; ++i) block[16 + i] = 10;                    // the bias
  NnccParameter parameters[] = {kMiniParameters[0], kMiniParameters[1]};
  NnccProgram program = tinyProgram;
  program.parameters = parameters;
  program.num_parameters = 2;
  EXPECT_EQ(train::penalty(program, block), 0);
  parameters[0].l1 = 0.5;
  EXPECT_DOUBLE_EQ(train::penalty(program, block), 0.5 * 9);
  parameters[0].l2 = 0.25;
  EXPECT_DOUBLE_EQ(train::penalty(program, block), 0.5 * 9 + 0.25 * 19);
  parameters[1].l2 = 2;
  EXPECT_DOUBLE_EQ(train::penalty(program, block), 0.5 * 9 + 0.25 * 19 + 600);
}

}  // namespace
