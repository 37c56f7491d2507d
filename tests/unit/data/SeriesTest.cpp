// series: windows, parts by time, scaling, and what is wrong with other files.
#include <gtest/gtest.h>

#include <cmath>

#include "Fixtures.h"

using namespace nncc::data;

namespace {

class Series : public testing::Test {
 protected:
  // Rows 0, 1, 2, ...: v is 10 times the row, w its square.
  void write(int rows) {
    std::string text = "t,v,w\n";
    for (int i = 0; i < rows; ++i)
      text += std::to_string(i) + "," + std::to_string(10 * i) + "," + std::to_string(i * i) + "\n";
    folder.write("s.csv", text);
  }
  static Component reader(std::vector<std::pair<std::string, std::string>> more = {}) {
    std::vector<std::pair<std::string, std::string>> options = {{"path", "s.csv"}, {"columns", "v"}};
    options.insert(options.end(), more.begin(), more.end());
    return {"series", options};
  }
  std::vector<NnccTensor> columns() const { return {input.tensor, target.tensor}; }
  PartedDataset open(const Component &component, std::vector<Split> splits = {}, std::string preprocessing = "") {
    std::vector<NnccTensor> tensors = columns();
    PartedDataset parted =
        openParts(component, folder.path, tensors, 1, {}, {splits, preprocessing, 0, {}, tensors});
    std::vector<int64_t> counts = countParts(component, folder.path, {splits, preprocessing, 0, {}, tensors});
    int64_t sum = 0;
    for (int64_t count : counts) sum += count;
    EXPECT_EQ(sum, parted.dataset.size());
    for (size_t part = 1; part < counts.size(); ++part)
      EXPECT_EQ(counts[part], static_cast<int64_t>(parted.samplesOf(static_cast<int>(part)).size()));
    return parted;
  }
  std::string error(const Component &component, std::vector<Split> splits = {}) {
    return errorOf([&] { open(component, splits); });
  }
  static Split last(double share) {
    Split split;
    split.last = share;
    return split;
  }
  std::string path() { return (folder / "s.csv").string(); }

  TemporaryFolder folder;
  Column input{"input", NNCC_F32, {3, 1}}, target{"labels", NNCC_F32, {2}};
};

TEST_F(Series, WindowsAndWhatComesBehindThem) {
  write(8);
  Dataset dataset = open(reader({{"scale", "none"}})).dataset;
  ASSERT_EQ(dataset.size(), 8 - 3 - 2 + 1);
  for (int i = 0; i < 4; ++i) {
    float at = static_cast<float>(10 * i);
    EXPECT_EQ(valuesOf<float>(dataset, 0, i), (std::vector<float>{at, at + 10, at + 20}));
    EXPECT_EQ(valuesOf<float>(dataset, 1, i), (std::vector<float>{at + 30, at + 40}));
    EXPECT_EQ(dataset.line(i), i + 4);  // of the window's last row
  }
  EXPECT_EQ(dataset.targetUnits().name, "");
}

TEST_F(Series, SeveralColumnsAndAnotherTarget) {
  write(8);
  Column wide("input", NNCC_F64, {3, 2}), one("labels", NNCC_F64, {1});
  std::vector<NnccTensor> tensors = {wide.tensor, one.tensor};
  Component two("series", {{"path", "s.csv"}, {"columns", "w\x1f" "0"}, {"target", "v"}, {"scale", "none"}});
  Dataset dataset = openParts(two, folder.path, tensors, 1, {}, {}).dataset;
  ASSERT_EQ(dataset.size(), 5);
  EXPECT_EQ(valuesOf<double>(dataset, 0, 1), (std::vector<double>{1, 1, 4, 2, 9, 3}));
  EXPECT_EQ(valuesOf<double>(dataset, 1, 1), (std::vector<double>{40}));
}

TEST_F(Series, PartsByTimeLeakNoTargets) {
  write(50);
  PartedDataset parted = open(reader({{"scale", "none"}}), {last(0.2), last(0.2)});
  int counts[3] = {};
  for (int64_t i = 0; i < parted.dataset.size(); ++i) {
    std::vector<float> targets = valuesOf<float>(parted.dataset, 1, i);
    int part = parted.parts[i];
    ++counts[part];
    // Rows 0-29, 30-39, 40-49.
    int begin[] = {0, 300, 400}, end[] = {300, 400, 500};
    for (float value : targets) {
      EXPECT_GE(value, begin[part]);
      EXPECT_LT(value, end[part]);
    }
  }
  EXPECT_EQ(counts[0], 30 - 3 - 1);
  EXPECT_EQ(counts[1], 9);
  EXPECT_EQ(counts[2], 9);
  // The window of the test's first sample looks back into the validation.
  EXPECT_EQ(valuesOf<float>(parted.dataset, 0, parted.samplesOf(2)[0])[0], 370);
}

TEST_F(Series, StandardizesByTheTrainingPart) {
  write(50);
  PartedDataset parted = open(reader(), {last(0.4)});
  // Rows 0 to 29: 0, 10, ..., 290.
  double mean = 145, deviation = 10 * std::sqrt((30.0 * 30 - 1) / 12);
  const Dataset &dataset = parted.dataset;
  EXPECT_FLOAT_EQ(valuesOf<float>(dataset, 0, 4)[1], static_cast<float>((50 - mean) / deviation));
  EXPECT_FLOAT_EQ(valuesOf<float>(dataset, 1, 4)[1], static_cast<float>((80 - mean) / deviation));
  EXPECT_EQ(dataset.targetUnits().name, "v");
  EXPECT_NEAR(dataset.targetUnits().scale, deviation, 1e-9);
  EXPECT_NEAR(dataset.targetUnits().offset, mean, 1e-9);
  EXPECT_EQ(dataset.subset({1, 2}).targetUnits().name, "v");

  // Another file is scaled alike.
  std::string preprocessing = dataset.preprocessing();
  folder.write("s.csv", "t,v,w\n0,145,0\n1,145,0\n2,145,0\n3,145,0\n4,155,0\n");
  Dataset other = open(reader(), {}, preprocessing).dataset;
  ASSERT_EQ(other.size(), 1);
  EXPECT_NEAR(valuesOf<float>(other, 0, 0)[2], 0, 1e-7);
  EXPECT_FLOAT_EQ(valuesOf<float>(other, 1, 0)[1], static_cast<float>(10 / deviation));
  EXPECT_TRUE(isFitted(reader()));
  EXPECT_EQ(errorOf([&] { open(reader({{"scale", "none"}}), {}, preprocessing); }),
            "series: the weights were trained with another `scale` than this reader has; give both the same");
  EXPECT_EQ(errorOf([&] { open(reader(), {}, "{}"); }),
            "the weights' metadata 'preprocessing' doesn't tell how a series of 1 column is scaled; were they made by "
            "another model?");

  // Windows up to the last row: what comes behind is not known yet.
  std::vector<NnccTensor> inputs = {input.tensor};
  Dataset asked = readInputs(reader(), folder / "s.csv", inputs, {{}, preprocessing});
  ASSERT_EQ(asked.size(), 3);
  EXPECT_EQ(asked.line(2), 6);
  EXPECT_FLOAT_EQ(valuesOf<float>(asked, 0, 2)[2], static_cast<float>(10 / deviation));
}

TEST_F(Series, StrayCharacters) {
  folder.write("s.csv", "d,v\n1,0.5\n2,?0.2\n3,1\n4,2\n5,3\n");
  EXPECT_EQ(error(reader()), path() + ":3: column 'v': '?0.2' is no finite number; mend the cell, or take such characters "
                                      "away by `strip: \"?\"`");
  Dataset dataset = open(reader({{"strip", "?"}, {"scale", "none"}})).dataset;
  EXPECT_EQ(valuesOf<float>(dataset, 0, 0)[1], 0.2f);
  folder.write("s.csv", "d,v\n1,0.5\n2,\n3,1\n");
  EXPECT_EQ(error(reader()), path() + ":3: column 'v': the cell is empty, but a series has no gaps; fill it in, or remove "
                                      "the rows before it");
  folder.write("s.csv", "d,v\n1,0.5\n2,inf\n3,1\n");
  EXPECT_EQ(error(reader()), path() + ":3: column 'v': 'inf' is no finite number; mend the cell");
  folder.write("s.csv", "d,v\n1,0.5\n2\n");
  EXPECT_EQ(error(reader()), path() + ":3: the row has 1 cell, expected 2 as in the first row; is the separator right?");
}

TEST_F(Series, TooShortAndOtherSplits) {
  write(4);
  EXPECT_EQ(error(reader()), path() + ": the series has 4 rows, but one sample takes 3 and the 2 behind them; use a shorter "
                                      "window or a longer series");
  write(20);
  EXPECT_EQ(error(reader(), {Split{0, 0.5}}), "series: windows overlap, so that its parts go by time; expected `last: 0.2` "
                                              "for validation and test");
  EXPECT_EQ(error(Component("series", {{"path", "s.csv"}, {"columns", "x"}})),
            path() + ": no column 'x', which `columns` names; there are t, v, w");
  Column label("labels", NNCC_I32, {});
  std::vector<NnccTensor> tensors = {input.tensor, label.tensor};
  EXPECT_EQ(errorOf([&] { openParts(reader(), folder.path, tensors, 1, {}, {}); }),
            "series gives numbers as targets, but the model's target 'labels' is i32; expected a loss of numbers, such as "
            "mean_squared_error");
  EXPECT_EQ(errorOf([&] {
              std::vector<NnccTensor> t = columns();
              openParts(Component("csv", {{"path", "s.csv"}, {"target", "v"}}), folder.path, t, 1, {}, {{last(0.2)}});
            }),
            "csv: its samples are no series, of which `last` takes the end; take a fraction, a group or a fold");
}

}  // namespace
