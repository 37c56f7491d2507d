#include "train/Checkpoint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
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
namespace fs = std::filesystem;

struct Blocks {
  alignas(64) float parameters[32] = {};
  alignas(64) float slots[16] = {};
};

Blocks numbered() {
  Blocks blocks;
  for (int i : {0, 1, 2, 3, 4, 5, 16, 17, 18}) blocks.parameters[i] = 0.1f * static_cast<float>(i + 1);
  for (int i = 0; i < 3; ++i) blocks.slots[i] = -0.3f * static_cast<float>(i + 1);
  return blocks;
}

TrainingState someState(int64_t iteration = 19) {
  TrainingState state;
  state.seed = 18446744073709551615u;
  state.shuffle = false;
  state.batchSize = 8;
  state.grouping = "batch_by: length";
  state.samples = 52;
  state.epoch = 2;
  state.step = 5;
  state.iteration = iteration;
  state.sums = {0.1 + 0.2, 1.0 / 3, 4e-300};
  state.samplesDone = 40;
  state.seconds = 1.25;
  state.history = {{{2.3, 0.1}, {2.2, 0.2}, 3.5}, {{1.9, 0.3}, {}, 3.25}};
  state.classNames = {"a", "b"};
  state.preprocessing = "{\"reader\":\"csv\"}";
  return state;
}

std::string messageOf(const std::function<void()> &action) {
  try {
    action();
  } catch (const UserError &error) {
    return error.what();
  }
  return "";
}

fs::path save(const fs::path &folder, int64_t iteration = 19,
              const NnccProgram &program = miniProgram()) {
  Blocks blocks = numbered();
  return saveCheckpoint(program, folder, someState(iteration), blocks.parameters, blocks.slots);
}

TEST(Checkpoint, ComesBackBitForBit) {
  TemporaryFolder folder;
  fs::path path = save(folder.path);
  EXPECT_EQ(path.filename(), "checkpoint-00000019.nncc");
  Blocks loaded, expected = numbered();
  TrainingState state = loadCheckpoint(miniProgram(), path, loaded.parameters, loaded.slots);
  EXPECT_EQ(std::memcmp(&loaded, &expected, sizeof loaded), 0);
  TrainingState saved = someState();
  EXPECT_EQ(state.seed, saved.seed);
  EXPECT_EQ(state.shuffle, saved.shuffle);
  EXPECT_EQ(state.batchSize, saved.batchSize);
  EXPECT_EQ(state.grouping, saved.grouping);
  EXPECT_EQ(state.samples, saved.samples);
  EXPECT_EQ(state.epoch, saved.epoch);
  EXPECT_EQ(state.step, saved.step);
  EXPECT_EQ(state.iteration, saved.iteration);
  EXPECT_EQ(state.sums, saved.sums);
  EXPECT_EQ(state.samplesDone, saved.samplesDone);
  EXPECT_EQ(state.seconds, saved.seconds);
  EXPECT_EQ(state.classNames, saved.classNames);
  EXPECT_EQ(state.preprocessing, saved.preprocessing);
  ASSERT_EQ(state.history.size(), 2u);
  EXPECT_EQ(state.history[0].train, saved.history[0].train);
  EXPECT_EQ(state.history[0].validation, saved.history[0].validation);
  EXPECT_EQ(state.history[0].seconds, 3.5);
  EXPECT_TRUE(state.history[1].validation.empty());
}

TEST(Checkpoint, ValidationMayBeNoNumber) {
  TemporaryFolder folder;
  Blocks blocks;
  TrainingState state = someState();
  state.history[0].validation[0] = NAN;
  fs::path path = saveCheckpoint(miniProgram(), folder.path, state, blocks.parameters, blocks.slots);
  state = loadCheckpoint(miniProgram(), path, blocks.parameters, blocks.slots);
  EXPECT_TRUE(std::isnan(state.history[0].validation[0]));
}

// Whatever happens to the file: refused, and the blocks not touched.
void expectRefused(const fs::path &path, const std::string &what) {
  Blocks blocks, untouched;
  EXPECT_NE(messageOf([&] { loadCheckpoint(miniProgram(), path, blocks.parameters, blocks.slots); }),
            "")
      << what;
  EXPECT_EQ(std::memcmp(&blocks, &untouched, sizeof blocks), 0) << what;
}

TEST(Checkpoint, EveryTruncationIsRefused) {
  TemporaryFolder folder;
  std::string whole = TemporaryFolder::read(save(folder.path));
  for (size_t length = 0; length < whole.size(); ++length)
    expectRefused(folder.write("cut", whole.substr(0, length)), std::to_string(length));
  expectRefused(folder.write("cut", whole + '\0'), "longer");
}

TEST(Checkpoint, EveryFlippedBitIsRefused) {
  TemporaryFolder folder;
  std::string whole = TemporaryFolder::read(save(folder.path));
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    expectRefused(folder.write("flipped", damaged), "bit " + std::to_string(bit));
  }
}

TEST(Checkpoint, AnotherProgramsIsRefused) {
  TemporaryFolder folder;
  NnccProgram other = miniProgram();
  other.name = "other";
  other.fingerprint = 0xbeef;
  fs::path path = save(folder.path, 19, other);
  Blocks blocks;
  std::string message = messageOf(
      [&] { loadCheckpoint(miniProgram(), path, blocks.parameters, blocks.slots); });
  EXPECT_NE(message.find("'other'"), std::string::npos) << message;
  EXPECT_NE(message.find("another model"), std::string::npos) << message;
  expectRefused(folder.write("text", "not a checkpoint, but long enough to be one"), "text");
}

TEST(Checkpoint, NewestIntactOneIsTaken) {
  TemporaryFolder folder;
  for (int64_t iteration : {7, 14, 21}) save(folder.path, iteration);
  std::string newest = TemporaryFolder::read(checkpointPath(folder.path, 21));
  folder.write("checkpoint-00000021.nncc", newest.substr(0, newest.size() - 3));
  Blocks blocks;
  Resumed resumed =
      loadNewestCheckpoint(miniProgram(), folder.path, blocks.parameters, blocks.slots);
  EXPECT_EQ(resumed.path, checkpointPath(folder.path, 14));
  EXPECT_EQ(resumed.state.iteration, 14);
  ASSERT_EQ(resumed.refused.size(), 1u);
  EXPECT_NE(resumed.refused[0].find("checkpoint-00000021.nncc"), std::string::npos);
  EXPECT_NE(resumed.refused[0].find("cut off"), std::string::npos) << resumed.refused[0];
}

TEST(Checkpoint, NoneToResumeFromIsAUserError) {
  TemporaryFolder folder;
  Blocks blocks;
  auto load = [&] {
    loadNewestCheckpoint(miniProgram(), folder.path, blocks.parameters, blocks.slots);
  };
  EXPECT_NE(messageOf(load).find("no checkpoint"), std::string::npos);
  folder.write("checkpoint-00000001.nncc", "torn");
  EXPECT_NE(messageOf(load).find("checkpoint-00000001.nncc"), std::string::npos);
}

TEST(Checkpoint, FindsThemByNumberNotByText) {
  TemporaryFolder folder;
  for (const char *name : {"checkpoint-00000009.nncc", "checkpoint-100000000.nncc",
                           "checkpoint-99999999.nncc", "checkpoint-.nncc", "checkpoint-7.nncc.tmp",
                           "checkpoint-x.nncc", "weights.safetensors"})
    folder.write(name, "");
  std::vector<std::string> names;
  for (const fs::path &path : findCheckpoints(folder.path)) names.push_back(path.filename());
  EXPECT_EQ(names, (std::vector<std::string>{"checkpoint-100000000.nncc", "checkpoint-99999999.nncc",
                                             "checkpoint-00000009.nncc"}));
  EXPECT_TRUE(findCheckpoints(folder / "no such folder").empty());
}

TEST(Checkpoint, PruningKeepsForeignAndDamagedOnes) {
  TemporaryFolder folder;
  for (int64_t iteration : {1, 2, 3, 4, 9}) save(folder.path, iteration);
  NnccProgram other = miniProgram();
  other.fingerprint = 0xbeef;
  save(folder.path, 5, other);
  folder.write("checkpoint-00000006.nncc", "torn");
  pruneCheckpoints(miniProgram(), folder.path, 4, 2);
  std::vector<std::string> names;
  for (const fs::path &path : findCheckpoints(folder.path)) names.push_back(path.filename());
  EXPECT_EQ(names, (std::vector<std::string>{"checkpoint-00000006.nncc", "checkpoint-00000005.nncc",
                                             "checkpoint-00000004.nncc", "checkpoint-00000003.nncc"}));
}

TEST(Checkpoint, FolderOfAnotherModelIsRefused) {
  TemporaryFolder folder;
  requireOwnCheckpoints(miniProgram(), folder.path);
  requireOwnCheckpoints(miniProgram(), folder / "not made yet");
  save(folder.path);
  requireOwnCheckpoints(miniProgram(), folder.path);
  NnccProgram other = miniProgram();
  other.fingerprint = 0xbeef;
  std::string message = messageOf([&] { requireOwnCheckpoints(other, folder.path); });
  EXPECT_NE(message.find("--out"), std::string::npos) << message;
}

}  // namespace
