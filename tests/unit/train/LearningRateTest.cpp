#include "train/LearningRate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "TinyProgram.h"
#include "error.h"

namespace {

using namespace nncc;
using namespace nncc::tests;
using namespace nncc::train;

using Schedule = std::vector<NnccOption>;

// With 4 steps an epoch and 10 epochs. `options` must outlive it.
LearningRate rateOf(const char *kind, const Schedule &options, int32_t accumulation = 1) {
  NnccProgram program = tinyProgram;
  program.train.epochs = 10;
  program.train.gradient_accumulation_steps = accumulation;
  program.train.learning_rate = {kind, options.data(), static_cast<int32_t>(options.size())};
  return LearningRate(program, 4);
}

constexpr int64_t kSteps[] = {0, 3, 5, 6, 10, 15, 16, 25, 40};

void expectRates(const LearningRate &rate, const std::vector<double> &expected) {
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(rate.at(kSteps[i]), expected[i], 1e-6 * expected[i]) << "step " << kSteps[i];
}

NnccOption number(const char *key, double value) { return {key, "", value}; }

// Numbers of Keras 3.15.1.
TEST(LearningRate, CosineDecayIsKerass) {
  Schedule options{number("initial_learning_rate", 0.1), number("decay_steps", 20), number("alpha", 0.1)};
  std::vector<double> expected{0.1,        0.09509529, 0.08681981, 0.08145034, 0.055,
                               0.02318020, 0.01859423, 0.01,       0.01};
  expectRates(rateOf("cosine_decay", options), expected);
  options[1] = number("decay_epochs", 5);
  expectRates(rateOf("cosine_decay", options), expected);
  // Half as many updates an epoch where two batches make one.
  options[1] = number("decay_epochs", 10);
  expectRates(rateOf("cosine_decay", options, 2), expected);
}

TEST(LearningRate, WarmUpIsKerass) {
  Schedule options{number("initial_learning_rate", 0.01), number("decay_steps", 20), number("alpha", 0.1),
                   number("warmup_target", 0.2), number("warmup_steps", 5)};
  expectRates(rateOf("cosine_decay", options),
              {0.01, 0.124, 0.2, 0.19889196, 0.17363963, 0.11, 0.09592089, 0.02, 0.02});
}

TEST(LearningRate, WithoutALengthItEndsWithTheTraining) {
  Schedule options{number("initial_learning_rate", 0.1), number("alpha", 0)};
  LearningRate rate = rateOf("cosine_decay", options);
  EXPECT_NEAR(rate.at(20), 0.05, 1e-12);
  EXPECT_NEAR(rate.at(40), 0, 1e-12);
  EXPECT_GT(rate.at(39), 1e-6);
  options.push_back(number("warmup_target", 0.2));
  options.push_back(number("warmup_epochs", 2));
  LearningRate warm = rateOf("cosine_decay", options);
  EXPECT_NEAR(warm.at(8), 0.2, 1e-12);
  EXPECT_NEAR(warm.at(24), 0.1, 1e-12);
  EXPECT_NEAR(warm.at(40), 0, 1e-12);
}

TEST(LearningRate, ExponentialDecayIsKerass) {
  Schedule options{number("initial_learning_rate", 0.1), number("decay_steps", 10), number("decay_rate", 0.5),
                   number("staircase", 0)};
  expectRates(rateOf("exponential_decay", options),
              {0.1, 0.08122524, 0.07071068, 0.06597539, 0.05, 0.03535534, 0.03298770, 0.01767767, 0.00625});
  options[3] = number("staircase", 1);
  expectRates(rateOf("exponential_decay", options), {0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.00625});
}

TEST(LearningRate, PiecewiseConstantDecayIsKerass) {
  Schedule options{{"boundaries", "5" NNCC_LIST_SEPARATOR "15", NAN},
                   {"values", "0.1" NNCC_LIST_SEPARATOR "0.01" NNCC_LIST_SEPARATOR "0.001", NAN}};
  expectRates(rateOf("piecewise_constant_decay", options),
              {0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001, 0.001});
  options[0].text = "1.25" NNCC_LIST_SEPARATOR "3.75";
  options.push_back({"unit", "epochs", NAN});
  expectRates(rateOf("piecewise_constant_decay", options),
              {0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001, 0.001});
}

// Numbers of PyTorch 2.15's OneCycleLR with total_steps = 40.
TEST(LearningRate, OneCycleIsPyTorchs) {
  Schedule options{number("max_learning_rate", 0.1), number("pct_start", 0.3), number("div_factor", 25),
                   number("final_div_factor", 1e4)};
  LearningRate rate = rateOf("one_cycle", options);
  for (auto [step, expected] :
       {std::pair<int64_t, double>{0, 0.004}, {3, 0.020566684770626315}, {5, 0.04516888776288231},
        {6, 0.058831112237117685}, {10, 0.09805566273349588}, {11, 0.1}, {12, 0.09968561175222017},
        {15, 0.09504846320134738}, {16, 0.09233624061657436}, {25, 0.0500002}, {39, 4e-07}, {100, 4e-07}})
    EXPECT_NEAR(rate.at(step), expected, 1e-9 * expected + 1e-15) << step;
}

TEST(LearningRate, ConstantIsTheOptimizers) {
  LearningRate rate = rateOf(nullptr, {});
  EXPECT_TRUE(rate.constant());
  EXPECT_EQ(rate.at(0), 0.0002);
  EXPECT_EQ(rate.at(1000000), 0.0002);
}

TEST(LearningRate, AnUnknownScheduleIsNamed) {
  try {
    rateOf("sawtooth", {});
    FAIL();
  } catch (const UserError &error) {
    EXPECT_NE(std::string(error.what()).find("'sawtooth'"), std::string::npos) << error.what();
  }
}

}  // namespace
