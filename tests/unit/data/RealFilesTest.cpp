// The readers of sequences and clips on the course's data sets, in the folder that NNCC_DATA names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "Fixtures.h"

using namespace nncc::data;

namespace {

std::filesystem::path dataDir() {
  const char *folder = std::getenv("NNCC_DATA");
  if (!folder) throw std::runtime_error("NNCC_DATA is not set; ctest sets it");
  return folder;
}

Column label("labels", NNCC_I32, {}), lengths("input.lengths", NNCC_I32, {});

std::pair<int32_t, int32_t> lengthRange(const Dataset &dataset) {
  int32_t least = INT32_MAX, most = 0;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    least = std::min(least, dataset.integer(1, i));
    most = std::max(most, dataset.integer(1, i));
  }
  return {least, most};
}

TEST(RealFiles, JapaneseVowels) {
  Column input("input", NNCC_F32, {29, 12});
  std::vector<NnccTensor> columns = {input.tensor, lengths.tensor, label.tensor};
  Component train("ts", {{"path", "sequences/JapaneseVowels/JapaneseVowels_TRAIN.ts"}}),
      test("ts", {{"path", "sequences/JapaneseVowels/JapaneseVowels_TEST.ts"}});
  Dataset training = openDataset(train, dataDir(), columns, 2), testing = openDataset(test, dataDir(), columns, 2);
  ASSERT_EQ(training.size(), 270);
  ASSERT_EQ(testing.size(), 370);
  EXPECT_EQ(training.classNames(), (std::vector<std::string>{"1", "2", "3", "4", "5", "6", "7", "8", "9"}));
  EXPECT_EQ(testing.classNames(), training.classNames());
  EXPECT_EQ(lengthRange(training), std::pair(7, 26));
  EXPECT_EQ(lengthRange(testing), std::pair(7, 29));
  std::vector<int> counts(9);
  for (int64_t i = 0; i < 270; ++i) ++counts[training.integer(2, i)];
  EXPECT_EQ(counts, std::vector<int>(9, 30));
  // The first value of each of the first dimensions, and behind the end zeros.
  std::vector<float> first = valuesOf<float>(training, 0, 0);
  EXPECT_EQ(first[0], 1.860936f);
  EXPECT_EQ(first[1], -0.207383f);
  EXPECT_EQ(first[12], 1.891651f);
  EXPECT_EQ(training.integer(1, 0), 20);
  EXPECT_TRUE(std::all_of(first.begin() + 20 * 12, first.end(), [](float value) { return value == 0; }));
}

TEST(RealFiles, Gestures) {
  Column input("input", NNCC_F32, {315, 3});
  std::vector<NnccTensor> columns = {input.tensor, lengths.tensor, label.tensor};
  Component reader("sequence_csv", {{"path", "sequences/uwave.csv"},
                                    {"columns", "gesture\x1fuser\x1f" "day\x1frep"},
                                    {"label", "gesture"},
                                    {"features", "3"}});
  ReadContext context{{{0, 0, "user", {"7"}}, {0, 0, "user", {"8"}}}};
  PartedDataset parted = openParts(reader, dataDir(), columns, 2, {}, context);
  EXPECT_EQ(parted.dataset.size(), 4480);
  EXPECT_EQ(lengthRange(parted.dataset), std::pair(1, 315));
  EXPECT_EQ(parted.dataset.classNames().size(), 8u);
  EXPECT_EQ(countParts(reader, dataDir(), context), (std::vector<int64_t>{3360, 560, 560}));
  EXPECT_EQ(valuesOf<float>(parted.dataset, 0, 0)[2], 0.48f);
}

TEST(RealFiles, ThermalClips) {
  Column input("input", NNCC_F32, {10, 24, 32, 1});
  std::vector<NnccTensor> columns = {input.tensor, label.tensor};
  Component reader("npy", {{"inputs", "thermal_falls/clips_f32.npy"},
                           {"labels", "thermal_falls/clips.csv"},
                           {"label", "label"},
                           {"only.column", "dirty"},
                           {"only.values", "0"}});
  Dataset dataset = openDataset(reader, dataDir(), columns, 2);
  EXPECT_EQ(dataset.size(), 155);
  EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"fall", "sit", "squat", "walk"}));
  std::vector<int> seen(155);
  for (int fold = 0; fold < 5; ++fold) {
    ReadContext context{{Split{0, 0, "source", {}, 5, fold}}};
    std::vector<uint8_t> parts = openParts(reader, dataDir(), columns, 1, {}, context).parts;
    EXPECT_EQ(std::ranges::count(parts, 1), 31);
    for (size_t i = 0; i < parts.size(); ++i) seen[i] += parts[i];
  }
  EXPECT_EQ(seen, std::vector<int>(155, 1));
}

TEST(RealFiles, LipWords) {
  Column input("input", NNCC_U8, {17, 80, 112, 3});
  std::vector<NnccTensor> columns = {input.tensor, label.tensor};
  Component reader("frame_folder", {{"path", "lip_words"}});
  Dataset dataset = openDataset(reader, dataDir(), columns, 2);
  EXPECT_EQ(dataset.size(), 46);
  EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"cat", "coop"}));
}

TEST(RealFiles, Omniglot) {
  Column input("input", NNCC_U8, {28, 28, 1});
  std::vector<NnccTensor> columns = {input.tensor, label.tensor};
  for (auto [name, classes] : {std::pair("background", 964), std::pair("evaluation", 659)}) {
    std::string start = std::string("omniglot/omniglot28_") + name;
    Component reader("idx", {{"images", start + "-images-idx3-ubyte.gz"}, {"labels", start + "-labels.csv"}, {"label", "class"}});
    Dataset dataset = openDataset(reader, dataDir(), columns, 2);
    ASSERT_EQ(dataset.size(), 20 * classes);
    EXPECT_EQ(dataset.classNames().size(), static_cast<size_t>(classes));
    for (int64_t i = 0; i < dataset.size(); ++i) ASSERT_EQ(dataset.integer(1, i), i / 20);
  }
}

TEST(RealFiles, Sunspots) {
  Column input("input", NNCC_F32, {48, 1}), target("labels", NNCC_F32, {12});
  std::vector<NnccTensor> columns = {input.tensor, target.tensor};
  Component reader("series", {{"path", "timeseries/monthly-sunspots.csv"}, {"columns", "Sunspots"}});
  Split last;
  last.last = 0.2;
  PartedDataset parted = openParts(reader, dataDir(), columns, 1, {}, {{last, last}});
  // 2,820 rows: 1,692 to train, 564 and 564.
  EXPECT_EQ(parted.samplesOf(0).size(), 1692u - 48 - 11);
  EXPECT_EQ(parted.samplesOf(1).size(), 564u - 11);
  EXPECT_EQ(parted.samplesOf(2).size(), 564u - 11);
  EXPECT_EQ(parted.dataset.targetUnits().name, "Sunspots");
  const auto &units = parted.dataset.targetUnits();
  EXPECT_NEAR(valuesOf<float>(parted.dataset, 0, 0)[10] * units.scale + units.offset, 158.6, 1e-3);
}

TEST(RealFiles, FacesByPerson) {
  Column input("input", NNCC_U8, {112, 92, 1});
  std::vector<NnccTensor> columns = {input.tensor, label.tensor};
  Component reader("image_folder", {{"path", "faces"}});
  ReadContext context{{{0, 0, "class", {"s31", "s32", "s33"}}}};
  EXPECT_EQ(countParts(reader, dataDir(), context), (std::vector<int64_t>{370, 30}));
  EXPECT_EQ(openParts(reader, dataDir(), columns, 2, {}, context).dataset.classNames().size(), 40u);
}

}  // namespace
