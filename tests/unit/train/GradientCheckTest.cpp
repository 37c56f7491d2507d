#include "train/GradientCheck.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "TinyData.h"
#include "TinyProgram.h"
#include "error.h"
#include "train/RandomInputs.h"

namespace {

using namespace nncc;
using namespace nncc::tests;
using namespace nncc::train;

class GradientCheck : public testing::Test {
 protected:
  ~GradientCheck() override { tinyBug = TinyBug::None; }

  std::vector<CheckedTensor> check(TinyBug bug = TinyBug::None) {
    tinyBug = bug;
    options.threads = 2;
    std::vector<Block> inputs = randomInputs(tinyProgram64, tinyProgram64.entries[1], kTinyBatch, 3);
    return checkGradients(tinyProgram64, pointersTo(inputs), kTinyBatch, options);
  }

  GradientCheckOptions options;
};

TEST_F(GradientCheck, PassesRightGradients) {
  std::vector<CheckedTensor> tensors = check();
  ASSERT_EQ(tensors.size(), 4u);
  for (const CheckedTensor &tensor : tensors) {
    EXPECT_TRUE(tensor.passed()) << tensor.name;
    EXPECT_LT(tensor.maxRelativeError, 1e-5) << tensor.name;
    EXPECT_GT(tensor.norm, 0) << tensor.name;
    EXPECT_EQ(tensor.kinked, 0) << tensor.name;
  }
  EXPECT_EQ(tensors[0].name, "hidden.kernel");
  EXPECT_EQ(tensors[0].elements, 32 * 32 * 3 * 6);
  EXPECT_GE(tensors[0].checked, 40);
  EXPECT_LE(tensors[0].checked, 41);
  EXPECT_EQ(tensors[3].checked, 10);
}

TEST_F(GradientCheck, FindsAFactor) {
  std::vector<CheckedTensor> tensors = check(TinyBug::HiddenKernelTenPercentOff);
  EXPECT_FALSE(tensors[0].passed());
  EXPECT_NEAR(tensors[0].maxRelativeError, 0.1 / 1.1, 1e-3);
  for (int i : {1, 2, 3}) EXPECT_TRUE(tensors[i].passed()) << tensors[i].name;
}

TEST_F(GradientCheck, FindsOneElementATenthOfAPercentOff) {
  options.elementsPerTensor = 60;
  std::vector<CheckedTensor> tensors = check(TinyBug::OneElementWrong);
  EXPECT_EQ(tensors[2].wrong, 1);
  EXPECT_EQ(tensors[2].worstElement, 7);
  EXPECT_FALSE(tensors[2].passed());
}

TEST_F(GradientCheck, FindsAGradientThatIsAllZero) {
  std::vector<CheckedTensor> tensors = check(TinyBug::OutputBiasZero);
  EXPECT_TRUE(tensors[3].allZero());
  EXPECT_FALSE(tensors[3].passed());
}

// A gradient that is zero although the loss does depend on the tensor must fail too where the
// differences are all that could tell.
TEST_F(GradientCheck, FindsAForgottenRelu) {
  int failed = 0;
  for (const CheckedTensor &tensor : check(TinyBug::ForgottenRelu)) failed += !tensor.passed();
  EXPECT_GT(failed, 0);
}

TEST_F(GradientCheck, CommandUsesRealDataAndSaysSoByItsStatus) {
  TemporaryFolder folder;
  writeTinyData(folder);
  options.dataDir = folder.path;
  options.requireData = true;
  EXPECT_EQ(checkGradientsCommand(tinyProgram64, options), 0);
  tinyBug = TinyBug::HiddenKernelTenPercentOff;
  EXPECT_EQ(checkGradientsCommand(tinyProgram64, options), 1);
  tinyBug = TinyBug::None;
  options.dataDir = folder / "nowhere";
  EXPECT_THROW(checkGradientsCommand(tinyProgram64, options), UserError);
  options.requireData = false;
  EXPECT_EQ(checkGradientsCommand(tinyProgram64, options), 0);
}

TEST_F(GradientCheck, WantsDoublePrecision) {
  try {
    checkGradientsCommand(tinyProgram, options);
    FAIL();
  } catch (const UserError &error) {
    EXPECT_NE(std::string(error.what()).find("nncc check-grad"), std::string::npos);
  }
}

}  // namespace
