// sequence_csv and ts: steps, lengths and padding, classes, parts, and what is wrong with other files.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "Fixtures.h"

using namespace nncc::data;

namespace {

// An input of sequences, its lengths and a class.
class SequenceReader : public testing::Test {
 protected:
  std::vector<NnccTensor> withLengths() const { return {input.tensor, lengths.tensor, label.tensor}; }
  std::vector<NnccTensor> withoutLengths() const { return {input.tensor, label.tensor}; }
  Dataset open(const Component &reader, const std::vector<NnccTensor> &columns) {
    return openDataset(reader, folder.path, columns, 2);
  }
  std::string error(const Component &reader, const std::vector<NnccTensor> &columns) {
    return errorOf([&] { open(reader, columns); });
  }
  std::string path(const std::string &name) { return (folder / name).string(); }

  TemporaryFolder folder;
  Column input{"input", NNCC_F32, {3, 2}}, lengths{"input.lengths", NNCC_I32, {}}, label{"labels", NNCC_I32, {}};
};

class SequenceCsv : public SequenceReader {
 protected:
  static Component reader(std::vector<std::pair<std::string, std::string>> more = {}) {
    std::vector<std::pair<std::string, std::string>> options = {
        {"path", "s.csv"}, {"columns", "gesture\x1fuser"}, {"label", "gesture"}, {"features", "2"}};
    options.insert(options.end(), more.begin(), more.end());
    return {"sequence_csv", options};
  }
  void write(const std::string &text) { folder.write("s.csv", text); }
  std::string wrong(const std::string &text, const std::vector<NnccTensor> &columns) {
    write(text);
    return error(reader(), columns);
  }
};

const char *const kGestures =
    "# gesture,user,n,values\n"
    "10,1,2,0.5,1,-2,3e1\n"
    "9,1,3,1,2,3,4,5,6\n"
    "10,2,1,7,8\n"
    "9,3,1,0,0\n";

TEST_F(SequenceCsv, PadsWithZerosAndTellsLengths) {
  write(kGestures);
  Dataset dataset = open(reader(), withLengths());
  ASSERT_EQ(dataset.size(), 4);
  EXPECT_EQ(valuesOf<float>(dataset, 0, 0), (std::vector<float>{0.5f, 1, -2, 30, 0, 0}));
  EXPECT_EQ(valuesOf<float>(dataset, 0, 1), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(valuesOf<float>(dataset, 0, 2), (std::vector<float>{7, 8, 0, 0, 0, 0}));
  int32_t expected[] = {2, 3, 1, 1};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(dataset.integer(1, i), expected[i]);
  EXPECT_EQ(dataset.lengthsColumn(), 1);
  EXPECT_EQ(dataset.labelColumn(), 2);
  // By number: 9 comes before 10.
  EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"9", "10"}));
  int32_t labels[] = {1, 0, 1, 0};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(dataset.integer(2, i), labels[i]);
  EXPECT_EQ(dataset.line(0), 2);
  EXPECT_EQ(countSamples(reader(), folder.path), 4);
}

TEST_F(SequenceCsv, OnlySomeLinesAsIfThereWereNoOthers) {
  write(kGestures);
  Component only = reader({{"only.column", "user"}, {"only.values", "2\x1f" "3.0"}});
  Dataset dataset = open(only, withLengths());
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(valuesOf<float>(dataset, 0, 0)[0], 7);
  EXPECT_EQ(countSamples(only, folder.path), 2);
  Component except = reader({{"except.column", "user"}, {"except.values", "2"}});
  EXPECT_EQ(countSamples(except, folder.path), 3);
  Component both = reader({{"only.column", "gesture"},
                           {"only.values", "9"},
                           {"except.column", "user"},
                           {"except.values", "3"}});
  EXPECT_EQ(countSamples(both, folder.path), 1);
  EXPECT_EQ(error(reader({{"only.column", "gesture"}, {"only.values", "11"}}), withLengths()),
            path("s.csv") + ": there are no samples in it; expected one a line");
  // A file that is named on its own is taken whole.
  std::vector<NnccTensor> inputs = withLengths();
  inputs.pop_back();
  EXPECT_EQ(readInputs(only, folder / "s.csv", inputs, {}).size(), 4);
}

TEST_F(SequenceCsv, PartsByColumnFractionAndFold) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += std::to_string(i % 3) + "," + std::to_string(i % 6) + ",1," + std::to_string(i) + ",1\n";
  write(text);
  std::vector<NnccTensor> columns = withLengths();
  ReadContext groups{{{0, 0, "user", {"5"}}, {0, 0, "gesture", {"2", "1"}}}};
  PartedDataset parted = openParts(reader(), folder.path, columns, 1, {}, groups);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(parted.parts[i], i % 6 == 5 ? 1 : i % 3 != 0 ? 2 : 0);
  EXPECT_EQ(countParts(reader(), folder.path, groups), (std::vector<int64_t>{20, 10, 30}));
  EXPECT_EQ(parted.dataset.classNames().size(), 3u);  // of all parts

  // Six users in three folds: two in each, none in two.
  std::vector<int> seen(60, 0);
  for (int fold = 0; fold < 3; ++fold) {
    ReadContext context{{Split{0, 0, "user", {}, 3, fold}}};
    PartedDataset folds = openParts(reader(), folder.path, columns, 1, {}, context);
    std::set<int> users;
    for (int i = 0; i < 60; ++i)
      if (folds.parts[i] == 1) {
        ++seen[i];
        users.insert(i % 6);
      }
    EXPECT_EQ(users.size(), 2u);
    EXPECT_EQ(countParts(reader(), folder.path, context), (std::vector<int64_t>{40, 20}));
  }
  for (int count : seen) EXPECT_EQ(count, 1);

  ReadContext lines{{Split{0, 0, "", {}, 4, 1}, Split{0.8, 1}}};
  PartedDataset each = openParts(reader(), folder.path, columns, 1, {}, lines);
  EXPECT_EQ(std::ranges::count(each.parts, 1), 15);
  EXPECT_GT(std::ranges::count(each.parts, 2), 2);
}

TEST_F(SequenceCsv, BadLines) {
  std::string at = path("s.csv") + ":2: ", first = "1,1,1,0,0\n";
  auto columns = withLengths();
  EXPECT_EQ(wrong(first + "1,1,0\n", columns), at + "the sample has no steps; expected at least 1: remove it");
  EXPECT_EQ(wrong(first + "1,1,4,1,1,1,1,1,1,1,1\n", columns),
            at + "the sample has 4 steps, but the model's input 'input' is [3, 2], steps first; write a shape of at "
                 "least as many, or cut the sample");
  EXPECT_EQ(wrong(first + "1,1,2,1,1,1\n", columns),
            at + "the line has 3 values behind its number of steps, expected 2 * 2 = 4; mend or remove it, or check "
                 "`features`");
  EXPECT_EQ(wrong(first + "1,1,2,1,1,x,1\n", columns),
            at + "cell 6, value 1 of step 2: 'x' is no finite number; mend or remove the line");
  EXPECT_EQ(wrong(first + "1,1,1,nan,0\n", columns),
            at + "cell 4, value 1 of step 1: 'nan' is no finite number; mend or remove the line");
  EXPECT_EQ(wrong(first + "1,1,1.5,0,0\n", columns),
            at + "cell 3, the number of steps, is '1.5'; expected an integer behind the 2 columns");
  EXPECT_EQ(wrong(first + "1,1\n", columns),
            at + "the line has 2 cells, expected 2 columns, the number of steps and the values; is the separator right?");
  EXPECT_EQ(wrong("# nothing\n", columns), path("s.csv") + ": there are no samples in it; expected one a line");
  EXPECT_EQ(wrong(first + "1,1,2,1,1,1,1\n", withoutLengths()),
            path("s.csv") + ":1: the sample has 1 step, but the model's input 'input' is [3, 2], steps first, and takes no "
                            "shorter ones; give it `lengths: true`");
}

TEST_F(SequenceCsv, BadOptionsAndModels) {
  write(kGestures);
  EXPECT_EQ(error({"sequence_csv", {{"path", "s.csv"}, {"columns", "a"}, {"label", "b"}}}, withLengths()),
            "sequence_csv: `label` names the column 'b', which is not in `columns`; expected one of the names there");
  Column narrow("input", NNCC_F32, {3});
  EXPECT_EQ(error(reader(), {narrow.tensor, lengths.tensor, label.tensor}),
            path("s.csv") + ": its samples have 2 values a step, but the model's input 'input' is [3], steps first; write "
                            "shape: [3, 2]");
  Column pixels("input", NNCC_U8, {3, 2});
  EXPECT_EQ(error(reader(), {pixels.tensor, lengths.tensor, label.tensor}),
            "sequence_csv gives sequences of numbers, f32 [steps, features], but the model's input 'input' is u8 [3, 2]");
  Column three("target", NNCC_F32, {3});
  EXPECT_EQ(error(reader(), {input.tensor, lengths.tensor, three.tensor}),
            path("s.csv") + " gives 2 classes, but the model's target 'target', f32 [3], is for 3; change the model's "
                            "last layer or its loss");
  ReadContext group{{{0, 0, "day", {"7"}}}};
  EXPECT_EQ(errorOf([&] { countParts(reader(), folder.path, group); }),
            "sequence_csv: no column 'day' to take a part of the samples by; there are: gesture, user");
  EXPECT_EQ(error({"csv", {{"path", "s.csv"}}}, withLengths()),
            "csv: its samples have no lengths, which the model's input 'input.lengths' asks for; leave `lengths: true` "
            "out, or name another reader");
}

TEST_F(SequenceCsv, FilesForPrediction) {
  write(kGestures);
  std::vector<NnccTensor> inputs = {input.tensor, lengths.tensor};
  Dataset dataset = readInputs(reader(), folder / "s.csv", inputs, {});
  ASSERT_EQ(dataset.size(), 4);
  EXPECT_EQ(dataset.columns(), 2);
  EXPECT_EQ(dataset.integer(1, 1), 3);
  EXPECT_EQ(dataset.line(3), 5);
}

class Ts : public SequenceReader {
 protected:
  Component reader{"ts", {{"path", "a.ts"}}};
  std::string file(const std::string &samples) {
    return "# about\n@problemName x\n@dimensions 2\n@equalLength false\n@classLabel true b a\n@data\n" + samples;
  }
  std::string wrong(const std::string &text) {
    folder.write("a.ts", text);
    return error(reader, withLengths());
  }
  std::string at(int line) { return path("a.ts") + ":" + std::to_string(line) + ": "; }
};

TEST_F(Ts, DimensionsAreFeaturesAndClassesInTheHeadersOrder) {
  folder.write("a.ts", file("1,2,3:4,5,6:a\n\n0.5:-1e1:b\r\n"));
  Dataset dataset = open(reader, withLengths());
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(valuesOf<float>(dataset, 0, 0), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(valuesOf<float>(dataset, 0, 1), (std::vector<float>{0.5f, -10, 0, 0, 0, 0}));
  EXPECT_EQ(dataset.integer(1, 0), 3);
  EXPECT_EQ(dataset.integer(1, 1), 1);
  EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(dataset.integer(2, 0), 1);
  EXPECT_EQ(dataset.integer(2, 1), 0);
  EXPECT_EQ(dataset.line(1), 9);
  ReadContext byClass{{{0, 0, "class", {"b"}}}};
  EXPECT_EQ(countParts(reader, folder.path, byClass), (std::vector<int64_t>{1, 1}));
}

TEST_F(Ts, WithoutClassesForPrediction) {
  folder.write("p.ts", "@dimensions 2\n@classLabel false\n@data\n1,2:3,4\n");
  std::vector<NnccTensor> inputs = {input.tensor, lengths.tensor};
  Dataset dataset = readInputs(reader, folder / "p.ts", inputs, {});
  ASSERT_EQ(dataset.size(), 1);
  EXPECT_EQ(valuesOf<float>(dataset, 0, 0), (std::vector<float>{1, 3, 2, 4, 0, 0}));
  Component own("ts", {{"path", "p.ts"}});
  EXPECT_EQ(error(own, withLengths()), path("p.ts") + ": its header has no classes (@classLabel true ...), but the model "
                                                      "has the target 'labels'");
}

TEST_F(Ts, BadFiles) {
  EXPECT_EQ(wrong(file("1,2:3,4:a\n1,2:3:a\n")),
            at(8) + "dimension 2 has 1 value, but the first has 2; expected as many in all: mend or remove the line");
  EXPECT_EQ(wrong(file("1,2:3,4:5,6:a\n")),
            at(7) + "the line has 3 dimensions, expected 2 as @dimensions says and the class behind them; mend or remove it");
  EXPECT_EQ(wrong(file("1,?:3,4:a\n")), at(7) + "dimension 1, step 2: '?' is no finite number; missing values are not "
                                                "read: fill them in, or remove the line");
  EXPECT_EQ(wrong(file("1,:3,4:a\n")), at(7) + "dimension 1, step 2: '' is no finite number; mend or remove the line");
  EXPECT_EQ(wrong(file("1:3:c\n")), at(7) + "the class 'c' is not in the file's @classLabel; mend one of them");
  EXPECT_EQ(wrong(file("::a\n")), at(7) + "the sample has no steps; expected at least 1: remove it");
  EXPECT_EQ(wrong(file("1,2,3,4:1,2,3,4:a\n")).substr(0, at(7).size() + 22), at(7) + "the sample has 4 steps");
  EXPECT_EQ(wrong(file("")), path("a.ts") + ": there are no samples behind @data");
  EXPECT_EQ(wrong("1,2:a\n"), at(1) + "expected a line that begins with '#' or '@' before @data, found '1,2:a'");
  EXPECT_EQ(wrong("# a\n@classLabel true 1\n"),
            path("a.ts") + ": there is no line @data in it; expected a .ts file, with @data before the samples");
  EXPECT_EQ(wrong("@classLabel true 1 1\n@data\n"), at(1) + "@classLabel names '1' twice; leave one out");
  EXPECT_EQ(wrong("@timeStamps true\n@data\n"),
            at(1) + "the samples have time stamps, which are not read; expected values alone");
}

}  // namespace
