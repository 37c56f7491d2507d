#include "train/Program.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "TinyProgram.h"
#include "error.h"
#include "train/Evaluation.h"
#include "train/Memory.h"

namespace {

using namespace nncc;
using namespace nncc::tests;
using namespace nncc::train;

std::string cpuMessage(const char *features) {
  NnccProgram program = tinyProgram;
  program.required_features = features;
  program.target = "x86-64-v9";
  try {
    requireCpu(program);
  } catch (const UserError &error) {
    return error.what();
  }
  return "";
}

TEST(Program, MissingCpuFeaturesAreNamed) {
  EXPECT_EQ(cpuMessage(nullptr), "");
  EXPECT_EQ(cpuMessage(""), "");
  EXPECT_EQ(cpuMessage("sse,sse2"), "");
  std::string message = cpuMessage("sse2,warp-drive,,holodeck");
  EXPECT_NE(message.find("lacks warp-drive, holodeck;"), std::string::npos) << message;
  EXPECT_NE(message.find("x86-64-v9"), std::string::npos) << message;
}

TEST(Program, AnotherAbiIsRefused) {
  requireKnownAbi(tinyProgram);
  NnccProgram program = tinyProgram;
  program.version = NNCC_ABI_VERSION + 1;
  EXPECT_THROW(requireKnownAbi(program), UserError);
  program = tinyProgram;
  program.magic = 0;
  EXPECT_THROW(requireKnownAbi(program), UserError);
}

TEST(Program, FindsItsParts) {
  EXPECT_EQ(findEntry(tinyProgram, NNCC_PREDICT), &tinyProgram.entries[2]);
  EXPECT_EQ(findEntry(tinyProgram, NNCC_GRADIENTS), nullptr);
  EXPECT_THROW(requireEntry(tinyProgram, NNCC_GRADIENTS, "check gradients"), UserError);
  EXPECT_EQ(valueNames(tinyProgram), (std::vector<std::string>{"loss", "accuracy"}));
  EXPECT_EQ(outputSize(tinyProgram), 10);
  EXPECT_EQ(outputSize(tinyProgram64), 10);
  EXPECT_EQ(numberOption(tinyProgram.train.optimizer, "learning_rate", 0), 0.0002);
  EXPECT_EQ(numberOption(tinyProgram.train.optimizer, "momentum", 0.5), 0.5);
  EXPECT_TRUE(sameComponent(tinyProgram.data.test, tinyProgram.data.validation));
  EXPECT_FALSE(sameComponent(tinyProgram.data.test, tinyProgram.data.train));
  EXPECT_FALSE(sameComponent(tinyProgram.data.test, NnccComponent{}));
}

TEST(Memory, PeakIsAtLeastWhatIsResident) {
  EXPECT_GT(residentBytes(), 1 << 20);
  EXPECT_GE(peakResidentBytes(), residentBytes());
}

TEST(Memory, PlanAddsUp) {
  MemoryPlan plan;
  plan.add("parameters", 1000);
  plan.add("data set", 2'000'000);
  EXPECT_EQ(plan.total(), 2'001'000);
  EXPECT_EQ(plan.text(), "Planned memory: 2.0 MB = parameters 1.0 KB + data set 2.0 MB");
}

TEST(Evaluation, ScoresReadLikeSentences) {
  EXPECT_EQ(scoreLines({"loss", "accuracy"}, {0.5, 0.70123}, "unseen test images"),
            (std::vector<std::string>{"Accuracy on unseen test images: 70.12%"}));
  EXPECT_EQ(scoreLines({"loss", "mean_absolute_error"}, {0.5, 1.5}, "unseen test samples"),
            (std::vector<std::string>{"Mean absolute error on unseen test samples: 1.5000"}));
  EXPECT_EQ(scoreLines({"loss"}, {0.5}, "unseen test samples"),
            (std::vector<std::string>{"Loss on unseen test samples: 0.5000"}));
}

}  // namespace
