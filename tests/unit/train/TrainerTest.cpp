#include "train/Trainer.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <set>
#include <vector>

#include "TinyData.h"
#include "TinyProgram.h"
#include "error.h"
#include "report/Log.h"
#include "train/Checkpoint.h"
#include "train/Interrupt.h"
#include "train/Model.h"
#include "train/Weights.h"

namespace {

using namespace nncc;
using namespace nncc::tests;
using namespace nncc::train;
namespace fs = std::filesystem;

constexpr int64_t kSteps = kTinyEpochs * kTinyStepsPerEpoch;

class Trainer : public testing::Test {
 protected:
  Trainer() {
    writeTinyData(folder);
    handleInterrupts();
  }
  ~Trainer() override { beforeTinyStep() = nullptr; }

  TrainOptions options(const std::string &out, int threads = 2) const {
    TrainOptions options;
    options.dataDir = folder.path;
    options.out = folder / out;
    options.threads = threads;
    return options;
  }

  // Trains to the end and returns the bytes of the weights file.
  std::string weightsOf(TrainOptions options, const NnccProgram &program = tinyProgram) const {
    EXPECT_EQ(train::train(program, options), 0);
    return TemporaryFolder::read(options.out / "weights.safetensors");
  }

  std::string messageOf(const TrainOptions &options,
                        const NnccProgram &program = tinyProgram) const {
    try {
      train::train(program, options);
    } catch (const UserError &error) {
      return error.what();
    }
    return "";
  }

  std::vector<nlohmann::json> logOf(const fs::path &path) const {
    std::ifstream stream(path);
    std::vector<nlohmann::json> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }

  TemporaryFolder folder;
};

TEST_F(Trainer, LearnsAndLeavesItsFiles) {
  TrainOptions options = this->options("run");
  options.epochs = 12;
  ASSERT_EQ(train::train(tinyProgram, options), 0);
  std::vector<report::LogRecord> epochs = report::readEpochs(options.out / "log.jsonl");
  ASSERT_EQ(epochs.size(), 12u);
  ASSERT_EQ(epochs[0].values[0].name, "loss");
  ASSERT_EQ(epochs[0].values[1].name, "accuracy");
  ASSERT_EQ(epochs[0].values[2].name, "val_loss");
  ASSERT_EQ(epochs[0].values[3].name, "val_accuracy");
  EXPECT_LT(epochs[11].values[0].value, 0.7 * epochs[0].values[0].value);
  EXPECT_GT(epochs[11].values[1].value, 0.4);
  EXPECT_GT(epochs[11].values[3].value, 0.4);
  EXPECT_TRUE(fs::exists(options.out / "weights.safetensors"));
  EXPECT_NE(TemporaryFolder::read(options.out / "accuracy.svg").find("<svg"), std::string::npos);
  EXPECT_EQ(findCheckpoints(options.out).size(), 2u);
}

TEST_F(Trainer, SameBitsOnAnyNumberOfThreads) {
  std::string one = weightsOf(options("one", 1));
  EXPECT_EQ(one, weightsOf(options("two", 2)));
  EXPECT_EQ(one, weightsOf(options("three", 3)));
  EXPECT_EQ(one, weightsOf(options("seven", 7)));
  TrainOptions other = options("other");
  other.seed = 2;
  EXPECT_NE(one, weightsOf(other));
  TrainOptions ordered = options("ordered");
  ordered.shuffle = false;
  EXPECT_NE(one, weightsOf(ordered));
}

// Interrupted before any step, the last of an epoch and the very last included, by a signal as
// Ctrl-C sends it, the training goes on as if nothing had been: same weights, same log.
TEST_F(Trainer, ResumesWithTheSameBitsAfterAnInterruptAtAnyStep) {
  std::string expected = weightsOf(options("whole"));
  std::vector<nlohmann::json> expectedLog = logOf(folder / "whole/log.jsonl");
  for (int64_t at = 1; at <= kSteps; ++at) {
    std::string out = "cut" + std::to_string(at);
    beforeTinyStep() = [&](const NnccCall &call) {
      if (call.iteration == at) raise(SIGINT);
    };
    ASSERT_EQ(train::train(tinyProgram, options(out, 1 + at % 3)), 130) << at;
    EXPECT_TRUE(fs::exists(checkpointPath(folder / out, at)));
    EXPECT_FALSE(fs::exists(folder / out / "weights.safetensors"));
    beforeTinyStep() = nullptr;
    TrainOptions rest = options(out, 1 + (at + 1) % 3);
    rest.resume = rest.out;
    ASSERT_EQ(weightsOf(rest), expected) << at;

    std::vector<nlohmann::json> log = logOf(folder / out / "log.jsonl");
    ASSERT_EQ(log.size(), expectedLog.size()) << at;
    for (size_t i = 0; i < log.size(); ++i) {
      EXPECT_EQ(log[i]["loss"], expectedLog[i]["loss"]) << at << " line " << i;
      EXPECT_EQ(log[i]["accuracy"], expectedLog[i]["accuracy"]) << at << " line " << i;
      EXPECT_EQ(log[i].value("step", -1), expectedLog[i].value("step", -1));
      EXPECT_EQ(log[i]["epoch"], expectedLog[i]["epoch"]);
    }
  }
}

// As after a power cut: the process is gone within a step, the last epoch's checkpoint is all.
TEST_F(Trainer, ResumesWithTheSameBitsAfterACrash) {
  std::string expected = weightsOf(options("whole"));
  struct Crash {};
  for (int64_t at : {int64_t{8}, int64_t{11}, int64_t{14}, int64_t{15}, kSteps}) {
    std::string out = "crash" + std::to_string(at);
    beforeTinyStep() = [&](const NnccCall &call) {
      if (call.iteration == at) throw Crash();
    };
    EXPECT_THROW(train::train(tinyProgram, options(out)), Crash);
    beforeTinyStep() = nullptr;
    TrainOptions rest = options(out);
    rest.resume = rest.out;
    EXPECT_EQ(weightsOf(rest), expected) << at;
    EXPECT_EQ(logOf(rest.out / "log.jsonl").size(), static_cast<size_t>(kSteps + kTinyEpochs));
  }
}

// A training that lowers its rate, ends early and keeps its best weights. After the third epoch
// nothing gets better: the steps then spoil the weights.
class WatchedTrainer : public Trainer {
 protected:
  WatchedTrainer() {
    program.train.epochs = 8;
    program.train.reduce_lr_on_plateau = {"reduce_lr_on_plateau", plateau, 3};
    program.train.early_stopping = {"early_stopping", stopping, 4};
    // A function of the step alone, so that a resumed training does the same.
    beforeTinyStep() = [](const NnccCall &call) {
      if (call.iteration > 3 * kTinyStepsPerEpoch)
        static_cast<float *>(call.parameters)[0] += 2;
    };
  }

  NnccOption plateau[3] = {{"monitor", "val_loss", NAN}, {"patience", "1", 1}, {"factor", "0.5", 0.5}};
  NnccOption stopping[4] = {{"monitor", "val_loss", NAN},
                            {"mode", "min", NAN},
                            {"patience", "2", 2},
                            {"restore_best", "true", 1}};
  NnccProgram program = tinyProgram;
};

TEST_F(WatchedTrainer, EndsEarlyWithTheBestWeights) {
  std::string weights = weightsOf(options("run"), program);
  std::vector<report::LogRecord> epochs = report::readEpochs(folder / "run/log.jsonl");
  ASSERT_EQ(epochs.size(), 5u);  // the third is the best, two more are not better
  std::vector<double> rates;
  for (const report::LogRecord &epoch : epochs) {
    EXPECT_EQ(epoch.values[4].name, "learning_rate");
    rates.push_back(epoch.values[4].value);
  }
  EXPECT_EQ(rates, (std::vector<double>{0.0002, 0.0002, 0.0002, 0.0002, 0.0001}));
  // The weights of a training of three epochs.
  NnccProgram plain = tinyProgram;
  TrainOptions three = options("three");
  three.epochs = 3;
  EXPECT_EQ(weights, weightsOf(three, plain));
}

TEST_F(WatchedTrainer, ResumesInManyPieces) {
  std::string expected = weightsOf(options("whole"), program);
  TrainOptions piece = options("pieces");
  for (int64_t steps = 3; steps < 5 * kTinyStepsPerEpoch; steps += 4) {
    piece.steps = steps;
    piece.epochs = 8;
    ASSERT_EQ(train::train(program, piece), 0);
    piece.resume = piece.out;
  }
  piece.steps.reset();
  EXPECT_EQ(weightsOf(piece, program), expected);
  // What has ended early has ended.
  EXPECT_EQ(weightsOf(piece, program), expected);
}

TEST_F(WatchedTrainer, KeepBestDoesNotEndEarly) {
  NnccProgram keeps = program;
  keeps.train.keep_best = keeps.train.early_stopping;
  keeps.train.early_stopping = {};
  std::string expected = weightsOf(options("whole"), program);
  EXPECT_EQ(weightsOf(options("kept"), keeps), expected);
  EXPECT_EQ(report::readEpochs(folder / "kept/log.jsonl").size(), 8u);
}

TEST_F(WatchedTrainer, ValidationThatIsMissingIsNamed) {
  program.data.validation = {};
  std::string message = messageOf(options("run"), program);
  EXPECT_NE(message.find("watches val_loss"), std::string::npos) << message;
}

TEST_F(Trainer, ResumesInManyPieces) {
  std::string expected = weightsOf(options("whole"));
  TrainOptions piece = options("pieces");
  for (int64_t steps = 2; steps < kSteps; steps += 3) {
    piece.steps = steps;
    piece.epochs = kTinyEpochs;
    ASSERT_EQ(train::train(tinyProgram, piece), 0);
    piece.resume = piece.out;
  }
  piece.steps.reset();
  EXPECT_EQ(weightsOf(piece), expected);
}

TEST_F(Trainer, ResumePassesOverADamagedCheckpoint) {
  std::string expected = weightsOf(options("whole"));
  TrainOptions part = options("part");
  part.epochs = 2;
  train::train(tinyProgram, part);
  std::string newest = checkpointPath(part.out, 2 * kTinyStepsPerEpoch);
  fs::resize_file(newest, fs::file_size(newest) / 2);
  TrainOptions rest = options("part");
  rest.resume = rest.out;
  EXPECT_EQ(weightsOf(rest), expected);
}

TEST_F(Trainer, MoreEpochsContinueAFinishedRun) {
  TrainOptions longer = options("longer");
  longer.epochs = kTinyEpochs + 1;
  std::string expected = weightsOf(longer);
  train::train(tinyProgram, options("short"));
  TrainOptions more = options("short");
  more.resume = more.out;
  more.epochs = kTinyEpochs + 1;
  EXPECT_EQ(weightsOf(more), expected);
}

TEST_F(Trainer, StopsAfterSteps) {
  TrainOptions few = options("few");
  few.steps = 3;
  few.log = folder / "few.jsonl";
  std::string first = weightsOf(few);
  std::vector<nlohmann::json> log = logOf(few.log);
  ASSERT_EQ(log.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(log[i]["step"], i + 1);
    EXPECT_EQ(log[i]["epoch"], 1);
    EXPECT_TRUE(std::isfinite(log[i]["loss"].get<double>()));
    EXPECT_GT(log[i]["seconds"].get<double>(), 0);
  }
  // Steps alone may go beyond the program's epochs.
  few.steps = kSteps + 2;
  EXPECT_NE(weightsOf(few), first);
  EXPECT_EQ(logOf(few.log).size(), static_cast<size_t>(kSteps + 2 + kTinyEpochs));
}

// The log's means are those of the samples, the last, smaller batch included.
TEST_F(Trainer, EpochMeansAreOverSamples) {
  train::train(tinyProgram, options("run"));
  double sum = 0;
  for (const nlohmann::json &line : logOf(folder / "run/log.jsonl")) {
    if (line.contains("step")) {
      int samples = line["step"].get<int>() % kTinyStepsPerEpoch == 0 ? 4 : 8;
      sum += line["loss"].get<double>() * samples;
    } else {
      EXPECT_NEAR(line["loss"].get<double>(), sum / kTinyTrainSamples, 1e-12);
      sum = 0;
    }
  }
}

TEST_F(Trainer, ALossThatIsNoNumberStopsItAndKeepsTheCheckpoint) {
  beforeTinyStep() = [](const NnccCall &call) {
    if (call.iteration == 10) static_cast<float *>(call.parameters)[0] = NAN;
  };
  std::string message = messageOf(options("nan"));
  EXPECT_NE(message.find("epoch 2, step 10"), std::string::npos) << message;
  EXPECT_NE(message.find("checkpoint-00000007.nncc"), std::string::npos) << message;
  EXPECT_FALSE(fs::exists(folder / "nan/weights.safetensors"));
  EXPECT_TRUE(fs::exists(folder / "nan/checkpoint-00000007.nncc"));
  EXPECT_EQ(logOf(folder / "nan/log.jsonl").back()["loss"], nullptr);
}

TEST_F(Trainer, StartsFromGivenWeights) {
  weightsOf(options("first"));
  TrainOptions second = options("second");
  second.weightsIn = folder / "first/weights.safetensors";
  second.weightsOut = folder / "new/second.safetensors";
  second.steps = 1;
  second.log = folder / "second.jsonl";
  ASSERT_EQ(train::train(tinyProgram, second), 0);
  EXPECT_TRUE(fs::exists(second.weightsOut));
  double first = logOf(folder / "first/log.jsonl")[0]["loss"];
  EXPECT_LT(logOf(second.log)[0]["loss"].get<double>(), first);
}

TEST_F(Trainer, WeightsCarryTheClassNames) {
  weightsOf(options("run"));
  SafetensorsFile file(folder / "run/weights.safetensors");
  EXPECT_EQ(classNamesOf(file).size(), 10u);
  EXPECT_EQ(classNamesOf(file)[3], "cat");
}

// Threads and an interrupt anywhere change nothing of how images are varied.
TEST_F(Trainer, AugmentationKeepsTheBits) {
  NnccOption augment[] = {{"crop_padding", "4", 4},  {"cutout", "5", 5},
                          {"horizontal_flip", "0.5", 0.5}, {"rotation", "10", 10}};
  NnccProgram program = tinyProgram;
  program.data.augment = {"augment", augment, 4};
  std::string expected = weightsOf(options("one", 1), program);
  EXPECT_NE(expected, weightsOf(options("plain"))) << "nothing was varied";
  EXPECT_EQ(expected, weightsOf(options("two", 2), program));
  EXPECT_EQ(expected, weightsOf(options("five", 5), program));
  for (int64_t at : {int64_t{3}, int64_t{kTinyStepsPerEpoch}, kSteps - 2}) {
    std::string out = "cut" + std::to_string(at);
    beforeTinyStep() = [&](const NnccCall &call) {
      if (call.iteration == at) raise(SIGINT);
    };
    ASSERT_EQ(train::train(program, options(out)), 130);
    beforeTinyStep() = nullptr;
    TrainOptions rest = options(out, 3);
    rest.resume = rest.out;
    EXPECT_EQ(weightsOf(rest, program), expected) << at;
  }
}

// So many samples of so many classes in each batch, and the same bits however the training is run.
TEST_F(Trainer, BatchesByClassesKeepTheBits) {
  NnccOption grouping[] = {{"classes_per_batch", "4", 4}, {"samples_per_class", "2", 2}};
  NnccProgram program = tinyProgram;
  program.train.batches = {"batches", grouping, 2};
  std::vector<std::set<int32_t>> batches;
  beforeTinyStep() = [&](const NnccCall &call) {
    EXPECT_EQ(call.samples, 8);
    auto *labels = static_cast<const int32_t *>(call.inputs[1]);
    batches.emplace_back(labels, labels + call.samples);
  };
  std::string expected = weightsOf(options("one", 1), program);
  constexpr int64_t steps = kTinyTrainSamples / 8;  // an epoch has whole batches only
  ASSERT_EQ(static_cast<int64_t>(batches.size()), kTinyEpochs * steps);
  for (const std::set<int32_t> &classes : batches) EXPECT_EQ(classes.size(), 4u);
  beforeTinyStep() = nullptr;
  EXPECT_NE(expected, weightsOf(options("plain")));
  EXPECT_EQ(expected, weightsOf(options("three", 3), program));
  for (int64_t at : {int64_t{2}, steps, steps + 3}) {
    std::string out = "cut" + std::to_string(at);
    beforeTinyStep() = [&](const NnccCall &call) {
      if (call.iteration == at) raise(SIGINT);
    };
    ASSERT_EQ(train::train(program, options(out)), 130);
    beforeTinyStep() = nullptr;
    TrainOptions rest = options(out, 3);
    rest.resume = rest.out;
    EXPECT_EQ(weightsOf(rest, program), expected) << at;
  }
  grouping[1].number = 7;
  EXPECT_NE(messageOf(options("many"), program).find("' has 6 samples, but a batch takes samples_per_class: 7"),
            std::string::npos);
}

TEST_F(Trainer, LogsTheShareOfTimeWaitedForData) {
  train::train(tinyProgram, options("run"));
  int epochs = 0;
  for (const nlohmann::json &line : logOf(folder / "run/log.jsonl")) {
    if (line.contains("step")) continue;
    ++epochs;
    EXPECT_GE(line["waited_for_data"].get<double>(), 0);
    EXPECT_LT(line["waited_for_data"].get<double>(), 1);
  }
  EXPECT_EQ(epochs, kTinyEpochs);
}

TEST_F(Trainer, MistakesAreNamed) {
  NnccOption mixup[] = {{"mixup", "0.2", 0.2}};
  NnccProgram blends = tinyProgram;
  blends.data.augment = {"augment", mixup, 1};
  EXPECT_NE(messageOf(options("blends"), blends).find("mixup can't blend 'label'"),
            std::string::npos);
  ASSERT_EQ(train::train(tinyProgram, options("run")), 0);
  auto expect = [&](const TrainOptions &options, const std::string &text,
                    const NnccProgram &program = tinyProgram) {
    std::string message = messageOf(options, program);
    EXPECT_NE(message.find(text), std::string::npos) << message;
  };
  TrainOptions resume = options("run");
  resume.resume = resume.out;

  TrainOptions o = resume;
  o.seed = 7;
  expect(o, "--seed 1");
  o = resume;
  o.shuffle = false;
  expect(o, "--no-shuffle");
  o = resume;
  o.resume = folder / "nowhere";
  expect(o, "nowhere");

  NnccProgram other = tinyProgram;
  other.fingerprint = 99;
  expect(options("run"), "another --out", other);
  expect(resume, "another model", other);

  NnccProgram grouped = tinyProgram;
  NnccOption byClasses[] = {{"classes_per_batch", "4", 4}, {"samples_per_class", "2", 2}};
  grouped.train.batches = {"batches", byClasses, 2};
  expect(resume,
         "with neither batch_by nor classes_per_batch, this program has classes_per_batch: 4 and samples_per_class: 2",
         grouped);

  o = options("new");
  o.dataDir = folder / "no such folder";
  expect(o, "no such folder");
  EXPECT_FALSE(fs::exists(o.out));
  o = options("new");
  o.weightsOut = folder.path;
  expect(o, "is a folder");
  o = options("new");
  o.weightsIn = folder / "run/log.jsonl";
  expect(o, "log.jsonl");

  NnccProgram noData = tinyProgram;
  noData.data = {};
  expect(options("new"), "no training data", noData);
  NnccProgram big = tinyProgram;
  big.train.batch_size = 9;
  expect(options("new"), "batch size 9", big);
  NnccProgram slow = tinyProgram;
  slow.train.optimizer.num_options = 0;
  expect(options("new"), "learning_rate", slow);
  expect(options("new"), "cannot train", tinyProgram64);

  // Another number of samples would be another training.
  folder.write("tiny/train.bin", tinyRecords(kTinyTrainSamples + 1, 1));
  expect(resume, "52 training samples, but there are 53");
}

TEST_F(Trainer, TestSetsWithOtherClassesAreRefused) {
  // Ten outputs, but the folder of the validation set has other classes than the training set.
  NnccOption path[] = {{"path", "other", NAN}};
  NnccProgram program = tinyProgram;
  program.data.validation = {"cifar10_binary", path, 1};
  folder.write("other/test.bin", tinyRecords(20, 3));
  std::string message = messageOf(options("run"), program);
  EXPECT_NE(message.find("other"), std::string::npos) << message;
}

TEST_F(Trainer, WorksWithoutValidationAndTest) {
  NnccProgram program = tinyProgram;
  program.data.validation = {};
  program.data.test = {};
  weightsOf(options("run"), program);
  std::vector<report::LogRecord> epochs = report::readEpochs(folder / "run/log.jsonl");
  ASSERT_EQ(epochs.size(), static_cast<size_t>(kTinyEpochs));
  for (const report::Value &value : epochs[0].values) EXPECT_FALSE(value.name.starts_with("val_"));
}

// The arena's contents are arbitrary; an entry gets exactly the bytes that it asked for.
TEST(Model, ArenaIsTheLargestOfItsEntries) {
  const NnccEntry &step = tinyProgram.entries[0], &evaluate = tinyProgram.entries[1];
  EXPECT_EQ(Model::arenaBytes(tinyProgram, 3, {NNCC_TRAIN_STEP, NNCC_EVALUATE}),
            step.arena_bytes + 3 * step.worker_bytes);
  EXPECT_EQ(Model::arenaBytes(tinyProgram, 2, {NNCC_EVALUATE, NNCC_GRADIENTS}),
            evaluate.arena_bytes + 2 * evaluate.worker_bytes);
}

}  // namespace
