// npy and idx with labels, groups and selections from a CSV file.
#include <gtest/gtest.h>

#include "Fixtures.h"

using namespace nncc::data;

namespace {

class LabelTableTest : public testing::Test {
 protected:
  LabelTableTest() {
    // As many rows as the fixtures have samples.
    folder.write("l.csv", "index,kind,from,dirty\n0,walk,r1,0\n1,fall,r1,0\n2,walk,r2,1\n3,fall,r2,0\n4,sit,r3,0\n5,walk,r3,0\n");
  }
  Component npy(std::vector<std::pair<std::string, std::string>> more = {}) {
    std::vector<std::pair<std::string, std::string>> options = {
        {"inputs", fixture("rows-f4.npy")}, {"labels", (folder / "l.csv").string()}, {"label", "kind"}};
    options.insert(options.end(), more.begin(), more.end());
    return {"npy", options};
  }
  std::vector<NnccTensor> columns() const { return {row.tensor, label.tensor}; }
  std::string error(const Component &reader) {
    return errorOf([&] { openDataset(reader, "/", columns(), 1); });
  }
  std::string table() { return (folder / "l.csv").string(); }

  TemporaryFolder folder;
  Column row{"input", NNCC_F32, {3}}, label{"labels", NNCC_I32, {}}, image{"input", NNCC_U8, {4, 4, 1}};
};

TEST_F(LabelTableTest, ClassesOfAColumn) {
  Dataset dataset = openDataset(npy(), "/", columns(), 1);
  EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"fall", "sit", "walk"}));
  int32_t expected[] = {2, 0, 2, 0, 1, 2};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(dataset.integer(1, i), expected[i]);
  EXPECT_EQ(valuesOf<float>(dataset, 0, 5)[2], static_cast<float>(17 / 7.0 - 1));
  Component idx("idx", {{"images", fixture("images.idx.gz")}, {"labels", table()}, {"label", "from"}});
  std::vector<NnccTensor> images = {image.tensor, label.tensor};
  Dataset drawings = openDataset(idx, "/", images, 1);
  EXPECT_EQ(drawings.classNames().size(), 3u);
  EXPECT_EQ(drawings.integer(1, 3), 1);
}

TEST_F(LabelTableTest, OnlyGroupsAndFolds) {
  Component clean = npy({{"only.column", "dirty"}, {"only.values", "0"}});
  Dataset dataset = openDataset(clean, "/", columns(), 1);
  ASSERT_EQ(dataset.size(), 5);
  EXPECT_EQ(valuesOf<float>(dataset, 0, 2)[0], static_cast<float>(9 / 7.0 - 1));  // sample 3
  EXPECT_EQ(dataset.integer(1, 2), 0);
  EXPECT_EQ(countSamples(clean, "/"), 5);

  Component both = npy({{"only.column", "dirty"},
                        {"only.values", "0"},
                        {"except.column", "from"},
                        {"except.values", "r1\x1fr3"}});
  EXPECT_EQ(countSamples(both, "/"), 1);
  EXPECT_EQ(countSamples(npy({{"except.column", "dirty"}, {"except.values", "0"}}), "/"), 1);

  std::vector<NnccTensor> tensors = columns();
  ReadContext group{{{0, 0, "from", {"r3"}}}};
  EXPECT_EQ(openParts(npy(), "/", tensors, 1, {}, group).parts, (std::vector<uint8_t>{0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(countParts(npy(), "/", group), (std::vector<int64_t>{4, 2}));
  std::vector<int> seen(6, 0);
  for (int fold = 0; fold < 3; ++fold) {
    ReadContext context{{Split{0, 0, "from", {}, 3, fold}}};
    std::vector<uint8_t> parts = openParts(npy(), "/", tensors, 1, {}, context).parts;
    for (int i = 0; i < 6; ++i) {
      seen[i] += parts[i];
      EXPECT_EQ(parts[i], parts[i ^ 1]);  // recordings stay together
    }
    EXPECT_EQ(countParts(npy(), "/", context), (std::vector<int64_t>{4, 2}));
  }
  EXPECT_EQ(seen, std::vector<int>(6, 1));
}

TEST_F(LabelTableTest, TargetsOfSeveralOutputs) {
  folder.write("t.csv",
               "from,kind,box.x,size,box.y\nr1,b,1,0.5,2\nr1,a,,,\nr2,b,3,-1e2,4\nr2,,5,1,6\nr3,a,,2,\nr3,c,7,3,8\n");
  Column kind{"kind", NNCC_I32, {}}, hasKind{"kind.present", NNCC_F32, {}}, box{"box", NNCC_F64, {2}},
      hasBox{"box.present", NNCC_F64, {}}, size{"size", NNCC_F32, {1}}, hasSize{"size.present", NNCC_F32, {}};
  std::vector<NnccTensor> all = {row.tensor,    box.tensor,  hasBox.tensor, size.tensor,
                                 hasSize.tensor, kind.tensor, hasKind.tensor};
  Component reader("npy", {{"inputs", fixture("rows-f4.npy")}, {"labels", (folder / "t.csv").string()}});
  Dataset dataset = openDataset(reader, "/", all, 1);
  EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"a", "b", "c"}));
  const std::vector<std::vector<double>> boxes = {{1, 2}, {0, 0}, {3, 4}, {5, 6}, {0, 0}, {7, 8}};
  const double present[][3] = {{1, 1, 1}, {0, 0, 1}, {1, 1, 1}, {1, 1, 0}, {0, 1, 1}, {1, 1, 1}};
  const float sizes[] = {0.5f, 0, -100, 1, 2, 3};
  const int32_t kinds[] = {1, 0, 1, 0, 0, 2};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(valuesOf<double>(dataset, 1, i), boxes[i]);
    EXPECT_EQ(valuesOf<double>(dataset, 2, i)[0], present[i][0]);
    EXPECT_EQ(valuesOf<float>(dataset, 3, i)[0], sizes[i]);
    EXPECT_EQ(valuesOf<float>(dataset, 4, i)[0], static_cast<float>(present[i][1]));
    EXPECT_EQ(dataset.integer(5, i), kinds[i]);
    EXPECT_EQ(valuesOf<float>(dataset, 6, i)[0], static_cast<float>(present[i][2]));
  }
  // Rows that are left out need nothing.
  Component chosen("npy", {{"inputs", fixture("rows-f4.npy")}, {"labels", (folder / "t.csv").string()},
                           {"only.column", "from"}, {"only.values", "r2"}});
  std::vector<NnccTensor> boxOnly = {row.tensor, box.tensor};
  Dataset two = openDataset(chosen, "/", boxOnly, 1);
  ASSERT_EQ(two.size(), 2);
  EXPECT_EQ(valuesOf<double>(two, 1, 1), (std::vector<double>{5, 6}));

  auto error = [&](std::vector<NnccTensor> columns) { return errorOf([&] { openDataset(reader, "/", columns, 1); }); };
  std::string file = (folder / "t.csv").string();
  EXPECT_EQ(error(boxOnly), file + ":3: column 'box.x' is empty; expected a number, or 'box' among missing_targets in the "
                                   "model's `train` section");
  EXPECT_EQ(error({row.tensor, kind.tensor, box.tensor, hasBox.tensor}),
            file + ":5: column 'kind' is empty; expected the class of the sample, or 'kind' among missing_targets in the "
                   "model's `train` section");
  Column speed{"speed", NNCC_F32, {1}}, corners{"box", NNCC_F32, {4}};
  EXPECT_EQ(error({row.tensor, speed.tensor}), file + ": the model's target 'speed' is [1], but 0 columns are called "
                                                      "'speed.' and on; expected a column 'speed'; there are: from, kind, "
                                                      "box.x, size, box.y");
  EXPECT_EQ(error({row.tensor, corners.tensor}), file + ": the model's target 'box' is [4], but 2 columns are called "
                                                        "'box.' and on; expected 4; there are: from, kind, box.x, size, box.y");
  Column from{"from", NNCC_I32, {}};
  EXPECT_EQ(error({row.tensor, from.tensor, kind.tensor, hasKind.tensor}),
            file + ": the model has several targets that are classes, but a table has those of one; give outputs of single "
                   "units the loss binary_crossentropy, whose targets are numbers");
  folder.write("t.csv", "box.x,box.y\n1,2\n,3\n1,2\n1,2\n1,2\n1,2\n");
  std::vector<NnccTensor> missing = {row.tensor, box.tensor, hasBox.tensor};
  EXPECT_EQ(error(missing), file + ":3: column 'box.x' is empty; expected all of the 2 columns of 'box' to be filled, or none");
  folder.write("t.csv", "box.x,box.y\n1,2\n,\n1,much\n1,2\n1,2\n1,2\n");
  EXPECT_EQ(error(missing), file + ":4: column 'box.y' is 'much'; expected a number for the model's target 'box'");
  folder.write("t.csv", "box.x,box.y\n,\n,\n,\n,\n,\n,\n");
  EXPECT_EQ(error(missing), file + ": no row has the model's target 'box'; fill its columns, or leave the output out of the "
                                   "model's losses");
}

TEST_F(LabelTableTest, BadTables) {
  EXPECT_EQ(error(npy({{"only.column", "view"}, {"only.values", "0"}})),
            table() + ": no column 'view', which `only` names; there are: index, kind, from, dirty");
  EXPECT_EQ(error(npy({{"only.column", "dirty"}, {"only.values", "2"}})),
            table() + ": no row is left by `only` and `except`");
  folder.write("l.csv", "index,kind\n0,a\n1,b\n");
  EXPECT_EQ(error(npy()), table() + ": has 2 rows behind its header, but " + fixture("rows-f4.npy") +
                              " has 6 samples; they don't belong together");
  folder.write("l.csv", "index,kind\n0,a\n1\n");
  EXPECT_EQ(error(npy()), table() + ":3: the row has 1 cell, expected 2 as in the header");
  folder.write("l.csv", "index,kind\n0,a\n1,\n");
  EXPECT_EQ(error(npy()), table() + ":3: column 'kind' is empty; expected the sample's class");
  EXPECT_EQ(error({"npy", {{"inputs", fixture("rows-f4.npy")}, {"labels", table()}}}),
            table() + ": which of its columns is the class? Say it by `label` beside `labels` in the model's `data` section");
  EXPECT_EQ(error({"npy", {{"inputs", fixture("rows-f4.npy")}, {"targets", fixture("labels.npy")}, {"label", "x"}}}),
            "npy: `label`, `only` and `except` name columns of a CSV file; expected one as `labels`, such as labels: clips.csv");
}

TEST_F(LabelTableTest, FilesForPredictionNeedNoTable) {
  std::vector<NnccTensor> inputs = {row.tensor};
  EXPECT_EQ(readInputs(npy(), fixture("rows-f4.npy"), inputs, {}).size(), 6);
}

}  // namespace
