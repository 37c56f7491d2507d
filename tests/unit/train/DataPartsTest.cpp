#include "train/DataParts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "TinyData.h"
#include "TinyProgram.h"
#include "error.h"
#include "train/Block.h"
#include "train/Program.h"

using namespace nncc::train;
using namespace nncc::tests;
namespace data = nncc::data;

namespace {


class DataPartsTest : public testing::Test {
 protected:
  DataPartsTest() { writeTinyData(folder); }

  DataParts parts() { return DataParts(program, *findEntry(program, NNCC_EVALUATE), folder.path); }
  // What tells a sample from others.
  static std::set<std::string> samplesOf(const data::Dataset &set) {
    std::set<std::string> samples;
    for (int64_t i = 0; i < set.size(); ++i)
      samples.emplace(reinterpret_cast<const char *>(set.sample(0, i)), set.sampleBytes(0));
    return samples;
  }
  std::string error(DataParts &parts, DataParts::Part part) {
    try {
      parts.open(part, 1, progress);
    } catch (const nncc::UserError &error) {
      return error.what();
    }
    return "no error";
  }

  TemporaryFolder folder;
  NnccProgram program = tinyProgram;
  nncc::report::Progress progress;
  NnccOption third{"fraction", "0.3", 0.3}, tenth{"fraction", "0.1", 0.1}, tiny{"fraction", "1e-9", 1e-9};
};

TEST_F(DataPartsTest, FractionsAreTakenFromTheTrainingSamplesOnce) {
  program.data.validation = {"fraction", &third, 1};
  program.data.test = {"fraction", &tenth, 1};
  DataParts split = parts();
  int64_t counts[3];
  for (auto part : {DataParts::Train, DataParts::Validation, DataParts::Test}) counts[part] = split.count(part);
  EXPECT_EQ(counts[0] + counts[1] + counts[2], kTinyTrainSamples);
  EXPECT_EQ(split.plannedBytes({DataParts::Train, DataParts::Validation, DataParts::Test}),
            kTinyTrainSamples * (32 * 32 * 3 + 4 + 5));
  for (auto part : {DataParts::Train, DataParts::Validation, DataParts::Test}) {
    split.open(part, 2, progress);
    EXPECT_EQ(split[part].size(), counts[part]);
    EXPECT_GT(split[part].size(), 0);
    EXPECT_EQ(split[part].classNames().size(), 10u);
  }
  std::set<std::string> train = samplesOf(split[DataParts::Train]), all = train;
  for (auto part : {DataParts::Validation, DataParts::Test})
    for (const std::string &sample : samplesOf(split[part])) {
      EXPECT_FALSE(train.contains(sample));
      all.insert(sample);
    }
  EXPECT_EQ(all.size(), static_cast<size_t>(kTinyTrainSamples));

  // Without the test part the validation is the same one.
  program.data.test = {};
  DataParts other = parts();
  other.open(DataParts::Validation, 1, progress);
  EXPECT_EQ(samplesOf(other[DataParts::Validation]), samplesOf(split[DataParts::Validation]));
}

TEST_F(DataPartsTest, AReaderThatIsTheTrainingsOwnGivesAllOfIt) {
  program.data.validation = {"fraction", &third, 1};
  program.data.test = program.data.train;
  DataParts split = parts();
  split.open(DataParts::Test, 1, progress);
  EXPECT_EQ(split[DataParts::Test].size(), kTinyTrainSamples);
  EXPECT_EQ(split.count(DataParts::Test), kTinyTrainSamples);
  EXPECT_EQ(split.count(DataParts::Validation) + split.count(DataParts::Train), kTinyTrainSamples);
}

TEST_F(DataPartsTest, AnEmptyPartIsAnError) {
  program.data.validation = {"fraction", &tiny, 1};
  DataParts split = parts();
  EXPECT_EQ(error(split, DataParts::Validation),
            "data set '" + (folder / "tiny").string() +
                "' has no samples for the part 'validation'; take a larger fraction, or values that "
                "occur");
}

TEST_F(DataPartsTest, OtherCsvFilesAreTreatedAsTheTrainingPart) {
  // A model of two features and two classes.
  int64_t two[] = {2};
  NnccTensor columns[] = {{"input", NNCC_F32, 1, two}, {"label", NNCC_I32, 0, nullptr}};
  NnccEntry entries[] = {tinyProgram.entries[0], tinyProgram.entries[1], tinyProgram.entries[2]};
  NnccTensor scores{"output", NNCC_F32, 1, two};
  for (NnccEntry &entry : entries) entry.inputs = columns;
  entries[2].outputs = &scores;
  program.entries = entries;
  NnccJudged judged = tinyProgram.train.judged[0];
  judged.output = scores;
  program.train.judged = &judged;
  folder.write("train.csv", "c,k\nred,yes\nblue,no\nred,no\n");
  folder.write("test.csv", "k,c\nyes,blue\nno,green\n");
  auto options = [&](const char *path) {
    return std::vector<NnccOption>{{"path", path, NAN}, {"target", "k", NAN}, {"one_hot", "c", NAN}};
  };
  auto train = options("train.csv"), test = options("test.csv");
  program.data = {{"csv", train.data(), 3}, {}, {"csv", test.data(), 3}, {}};

  DataParts found = parts();
  found.open(DataParts::Test, 1, progress);
  const data::Dataset &set = found[DataParts::Test];
  auto *first = reinterpret_cast<const float *>(set.sample(0, 0)), *second = first + 2;
  EXPECT_EQ(std::vector<float>(first, first + 2), (std::vector<float>{1, 0}));
  EXPECT_EQ(std::vector<float>(second, second + 2), (std::vector<float>{0, 0}));
  EXPECT_EQ(set.classNames(), (std::vector<std::string>{"no", "yes"}));

  // With what the weights tell the training's file isn't needed.
  std::filesystem::remove(folder / "train.csv");
  DataParts told = parts();
  told.setPreprocessing(set.preprocessing());
  told.open(DataParts::Test, 1, progress);
  EXPECT_EQ(told[DataParts::Test].size(), 2);
  DataParts untold = parts();
  EXPECT_EQ(error(untold, DataParts::Test), (folder / "train.csv").string() +
                                                ": can't open the file: No such file or directory");
}

TEST_F(DataPartsTest, PartsMakePairsOfTheirOwnSamples) {
  int64_t image[] = {32, 32, 3}, one[] = {1};
  NnccTensor columns[] = {{"left", NNCC_U8, 3, image}, {"right", NNCC_U8, 3, image}, {"labels", NNCC_F32, 1, one}};
  NnccEntry entry = *findEntry(program, NNCC_EVALUATE);
  entry.inputs = columns;
  entry.num_inputs = 3;
  NnccJudged judged = tinyProgram.train.judged[0];
  judged.target = 2;
  program.train.judged = &judged;
  std::string records;  // of two classes, each image of a colour of its own
  for (int i = 0; i < 60; ++i) records += std::string(1, static_cast<char>(i % 2)) + std::string(3072, static_cast<char>(i));
  folder.write("two.bin", records);
  NnccOption options[] = {{"of", "cifar10_binary", NAN}, {"of.path", "two.bin", NAN}, {"evaluation_count", "30", 30}};
  program.data = {{"pairs", options, 3}, {"fraction", &third, 1}, {}, {}};
  DataParts parts(program, entry, folder.path);
  int64_t samples = parts.count(DataParts::Train);
  EXPECT_EQ(parts.count(DataParts::Validation), 30);
  parts.open(DataParts::Train, 2, progress);
  parts.open(DataParts::Validation, 2, progress);
  const data::Dataset &training = parts[DataParts::Train], &validation = parts[DataParts::Validation];
  EXPECT_EQ(training.size(), samples);
  EXPECT_EQ(validation.size(), 30);
  EXPECT_EQ(training.classNames(), (std::vector<std::string>{"different", "same"}));
  // Drawn anew, of the training part alone.
  auto images = [](const data::Dataset &set, int column) {
    std::vector<std::string> list;
    for (int64_t i = 0; i < set.size(); ++i)
      list.emplace_back(reinterpret_cast<const char *>(set.sample(column, i)), set.sampleBytes(column));
    return list;
  };
  std::optional<data::Dataset> first = parts.drawn(1, 0), second = parts.drawn(1, 1);
  ASSERT_TRUE(first && second);
  EXPECT_NE(images(*first, 0), images(*second, 0));
  EXPECT_EQ(images(*first, 1), images(*parts.drawn(1, 0), 1));
  std::vector<std::string> seen = images(*first, 0), measured = images(validation, 0);
  for (const std::string &each : images(validation, 1)) measured.push_back(each);
  for (const std::string &each : measured) EXPECT_EQ(std::count(seen.begin(), seen.end(), each), 0);
}

}  // namespace
