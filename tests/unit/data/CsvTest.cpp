#include <gtest/gtest.h>

#include <algorithm>

#include "Fixtures.h"
#include "data/CsvFile.h"

using namespace nncc::data;

namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

std::string list(std::vector<std::string> items) {
  std::string text;
  for (const std::string &item : items) text += (text.empty() ? "" : NNCC_LIST_SEPARATOR) + item;
  return text;
}

class Csv : public testing::Test {
 protected:
  std::string write(const std::string &text) { return folder.write("x.csv", text).string(); }
  Component reader(Options more) {
    more.insert(more.begin(), {"path", "x.csv"});
    return {"csv", more};
  }
  PartedDataset open(const Component &component, int64_t features, const NnccTensor &target,
                     const ReadContext &context = {}) {
    Column input("input", NNCC_F32, {features});
    NnccTensor columns[] = {input.tensor, target};
    return openParts(component, folder.path, columns, 1, {}, context);
  }
  std::string error(const Component &component, int64_t features, const NnccTensor &target,
                    const ReadContext &context = {}) {
    std::string text = errorOf([&] { open(component, features, target, context); });
    std::string path = (folder / "x.csv").string();
    return text.starts_with(path) ? text.substr(path.size() + 1) : "elsewhere: " + text;
  }
  std::vector<float> features(const Dataset &dataset, int64_t i) { return valuesOf<float>(dataset, 0, i); }
  float target(const Dataset &dataset, int64_t i) { return valuesOf<float>(dataset, 1, i)[0]; }

  TemporaryFolder folder;
  Column number{"target", NNCC_F32, {1}}, label{"label", NNCC_I32, {}}, pair{"target", NNCC_F32, {2}};
};

using Floats = std::vector<float>;

TEST_F(Csv, ColumnsByNameAndNumber) {
  write("a,b,c,d\n1,2,3,4\n5,6,7,8\n");
  for (const char *target : {"c", "2"}) {
    Dataset dataset = open(reader({{"target", target}, {"drop", "a"}}), 2, number.tensor).dataset;
    ASSERT_EQ(dataset.size(), 2);
    EXPECT_EQ(features(dataset, 0), (Floats{2, 4}));
    EXPECT_EQ(features(dataset, 1), (Floats{6, 8}));
    EXPECT_EQ(Csv::target(dataset, 1), 7);
  }
  Dataset chosen = open(reader({{"target", "a"}, {"features", list({"d", "b"})}}), 2, number.tensor).dataset;
  EXPECT_EQ(features(chosen, 1), (Floats{6, 8}));
  Dataset both = open(reader({{"target", list({"d", "a"})}}), 2, pair.tensor).dataset;
  EXPECT_EQ(valuesOf<float>(both, 1, 0), (Floats{4, 1}));
}

TEST_F(Csv, WithoutAHeader) {
  write("1,2,3\n5,6,7\n");
  Dataset dataset = open(reader({{"header", "false"}, {"target", "2"}}), 2, number.tensor).dataset;
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(features(dataset, 0), (Floats{1, 2}));
  EXPECT_EQ(Csv::target(dataset, 0), 3);
}

TEST_F(Csv, PythonsQuotesLineEndsAndByteOrderMark) {
  CsvFile file(fixture("quoted.csv"), ',');
  ASSERT_TRUE(file.next());
  EXPECT_EQ(file.cell(0), "size");
  EXPECT_EQ(file.cell(1), "colour, of the \"body\"");
  ASSERT_TRUE(file.next());
  EXPECT_EQ(file.cell(2), "a\nb");
  EXPECT_EQ(file.line(), 2);
  ASSERT_TRUE(file.next());
  EXPECT_EQ(file.line(), 4);
  EXPECT_EQ(file.cell(1), "dark \"blue\"");
  EXPECT_EQ(file.text(), "-2000.0,\"dark \"\"blue\"\"\",plain");
  ASSERT_TRUE(file.next());
  EXPECT_FALSE(file.next());

  Component quoted("csv", {{"path", fixture("quoted.csv")}, {"target", "kind"},
                           {"one_hot", "colour, of the \"body\""}});
  Dataset dataset = open(quoted, 3, label.tensor).dataset;
  EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"a\nb", "plain"}));
  EXPECT_EQ(features(dataset, 0), (Floats{1.5, 0, 1}));
  EXPECT_EQ(features(dataset, 1), (Floats{-2000, 1, 0}));
}

TEST_F(Csv, OneHotCategoriesAreSortedAsNumbersOrTexts) {
  write("m,c,y\n10,b,1\n9,a,2\n10,b,3\n2,B,4\n");
  Dataset dataset = open(reader({{"target", "y"}, {"one_hot", list({"m", "c"})}}), 6, number.tensor).dataset;
  EXPECT_EQ(features(dataset, 0), (Floats{0, 0, 1, 0, 0, 1}));
  EXPECT_EQ(features(dataset, 1), (Floats{0, 1, 0, 0, 1, 0}));
  EXPECT_EQ(features(dataset, 3), (Floats{1, 0, 0, 1, 0, 0}));
  EXPECT_EQ(error(reader({{"target", "y"}, {"one_hot", list({"m", "c"})}}), 4, number.tensor),
            " its columns give 6 features, but the model's input 'input' is [4]; write shape: [6], or "
            "drop columns; the features are: m=2, m=9, m=10, c=B, c=a, c=b");
}

TEST_F(Csv, MissingValues) {
  write("a,b,y\n1,,1\n3,?,2\n8,5,3\nNA,7,4\n");
  Options options{{"target", "y"}, {"missing_values", list({"?", "NA"})}};
  auto with = [&](const char *rule) {
    Options all = options;
    all.push_back({"missing", rule});
    return open(reader(all), 2, number.tensor).dataset;
  };
  Dataset mean = with("mean"), median = with("median"), zero = with("zero"), drop = with("drop_row");
  EXPECT_EQ(features(mean, 0), (Floats{1, 6}));
  EXPECT_EQ(features(mean, 3), (Floats{4, 7}));
  EXPECT_EQ(features(median, 3), (Floats{3, 7}));
  EXPECT_EQ(features(zero, 1), (Floats{3, 0}));
  ASSERT_EQ(drop.size(), 1);
  EXPECT_EQ(features(drop, 0), (Floats{8, 5}));
  EXPECT_EQ(countSamples(reader({{"target", "y"}, {"missing", "drop_row"},
                                 {"missing_values", list({"?", "NA"})}}), folder.path), 1);
  EXPECT_EQ(error(reader(options), 2, number.tensor),
            "2: column 'b': the cell is empty; say by `missing` what it becomes: mean, median, zero "
            "or drop_row");
}

TEST_F(Csv, MissingTargetsAndCategories) {
  write("c,y\nred,1\n,2\nblue,\n");
  Options options{{"target", "y"}, {"one_hot", "c"}, {"missing", "zero"}};
  EXPECT_EQ(error(reader(options), 2, number.tensor),
            "4: column 'y': the cell is empty; a target can't be made up: mend the row, or say "
            "`missing: drop_row`");
  write("c,y\nred,1\n,2\nblue,3\n");
  EXPECT_EQ(features(open(reader(options), 2, number.tensor).dataset, 1), (Floats{0, 0}));
}

TEST_F(Csv, ClassesAreTextsOrNumbers) {
  write("a,kind\n1,cat\n2,dog\n3,ant\n");
  Dataset texts = open(reader({{"target", "kind"}}), 1, label.tensor).dataset;
  EXPECT_EQ(texts.classNames(), (std::vector<std::string>{"ant", "cat", "dog"}));
  EXPECT_EQ(labelOf(texts, 1), 2);
  write("a,kind\n1,10\n2,9\n3,10\n");
  Dataset numbers = open(reader({{"target", "kind"}}), 1, label.tensor).dataset;
  EXPECT_EQ(numbers.classNames(), (std::vector<std::string>{"9", "10"}));
  EXPECT_EQ(labelOf(numbers, 0), 1);
  // For a model with one output, and with one for each class.
  write("a,kind\n1,yes\n2,no\n3,yes\n");
  Dataset binary = open(reader({{"target", "kind"}}), 1, number.tensor).dataset;
  EXPECT_EQ(Csv::target(binary, 0), 1);
  EXPECT_EQ(Csv::target(binary, 1), 0);
  EXPECT_EQ(valuesOf<float>(open(reader({{"target", "kind"}}), 1, pair.tensor).dataset, 1, 1), (Floats{1, 0}));
}

// 200 rows: hash splits, and what is found in the training part only.
std::string manyRows() {
  std::string text = "x,user,y\n";
  for (int i = 0; i < 200; ++i)
    text += std::to_string(i) + "," + std::to_string(i % 8) + "," + std::to_string(i * 2) + "\n";
  return text;
}

TEST_F(Csv, FractionsAreDisjointStableAndAboutRight) {
  write(manyRows());
  Component all = reader({{"target", "y"}});
  ReadContext both{{{0, 0.2}, {0.8, 1}}}, first{{{0, 0.2}}};
  PartedDataset two = open(all, 2, number.tensor, both), one = open(all, 2, number.tensor, first);
  std::vector<int64_t> counts = countParts(all, folder.path, both);
  EXPECT_EQ(counts[0] + counts[1] + counts[2], 200);
  EXPECT_NEAR(counts[1], 40, 20);
  EXPECT_NEAR(counts[2], 40, 20);
  EXPECT_EQ(two.samplesOf(1), one.samplesOf(1));
  for (int i = 0; i < 200; ++i) {
    double hash = hashNumber(std::to_string(i) + "," + std::to_string(i % 8) + "," + std::to_string(i * 2));
    EXPECT_EQ(two.parts[i], hash < 0.2 ? 1 : hash >= 0.8 ? 2 : 0);
  }
  Dataset part = two.dataset.subset(two.samplesOf(2));
  EXPECT_EQ(part.size(), counts[2]);
  for (int64_t i = 0; i < part.size(); ++i) EXPECT_EQ(features(part, i)[0], two.samplesOf(2)[i]);
}

TEST(HashNumber, IsPinned) {
  // Another hash would move samples between the parts of every model that was trained before.
  EXPECT_EQ(hashNumber(""), 0x1.dfa03ec175325p-1);
  EXPECT_EQ(hashNumber("1,2,3"), 0x1.aca389546792ep-2);
}

TEST_F(Csv, Groups) {
  write(manyRows());
  Component all = reader({{"target", "y"}, {"drop", "user"}});
  ReadContext context{{{0, 0, "user", {"7", "3.0"}}, {0.9, 1}}};
  PartedDataset parted = open(all, 1, number.tensor, context);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(parted.parts[i] == 1, i % 8 == 7 || i % 8 == 3);
  ReadContext wrong{{{0, 0, "person", {"7"}}}};
  EXPECT_EQ(error(all, 1, number.tensor, wrong),
            " no column 'person', which `group` names; there are x, user, y");
}

TEST_F(Csv, WhatIsFoundInTheTrainingPartTravels) {
  write("c,a,user,y\nred,1,1,0\nblue,,1,0\nred,3,1,0\ngreen,100,2,0\ngreen,,2,0\n");
  Options options{{"target", "y"}, {"one_hot", "c"}, {"missing", "mean"}, {"drop", "user"}};
  ReadContext context{{{0, 0, "user", {"2"}}}};
  Dataset dataset = open(reader(options), 3, number.tensor, context).dataset;
  EXPECT_EQ(features(dataset, 1), (Floats{1, 0, 2}));
  EXPECT_EQ(features(dataset, 3), (Floats{0, 0, 100}));
  EXPECT_EQ(features(dataset, 4), (Floats{0, 0, 2}));
  ASSERT_EQ(dataset.warnings().size(), 1u);
  EXPECT_EQ(dataset.warnings()[0],
            (folder / "x.csv").string() + ": column 'c' has 2 rows with a category that the training "
            "part doesn't have (the first is 'green'); all its places are zero there");

  // Another file, columns in another order.
  write("y,more,a,c\n5,x,,red\n");
  Dataset other = open(reader(options), 3, number.tensor, {{}, dataset.preprocessing()}).dataset;
  EXPECT_EQ(features(other, 0), (Floats{0, 1, 2}));
  EXPECT_EQ(Csv::target(other, 0), 5);
  EXPECT_EQ(other.preprocessing(), dataset.preprocessing());

  // Rows to predict need no target, and tell their lines.
  std::string rows = folder.write("rows.csv", "a,c\n7,blue\n\n8,red\n").string();
  Column input("input", NNCC_F32, {3});
  Dataset predicted = readInputs(reader(options), rows, {&input.tensor, 1}, {{}, dataset.preprocessing()});
  ASSERT_EQ(predicted.size(), 2);
  EXPECT_EQ(features(predicted, 1), (Floats{0, 1, 8}));
  EXPECT_EQ(predicted.line(1), 4);
  std::string less = folder.write("less.csv", "a\n7\n").string();
  EXPECT_EQ(errorOf([&] { readInputs(reader(options), less, {&input.tensor, 1}, {{}, dataset.preprocessing()}); }),
            less + ": no column 'c', which is a feature of the training");
}

TEST_F(Csv, RowsToPredictWithoutHeader) {
  write("1,0,2\n3,1,4\n");
  Options options{{"target", "1"}, {"header", "false"}};
  Dataset dataset = open(reader(options), 2, number.tensor).dataset;
  Column input("input", NNCC_F32, {2});
  for (const char *text : {"5,6\n", "5,9,6\n"}) {
    std::string rows = folder.write("rows.csv", text).string();
    Dataset predicted = readInputs(reader(options), rows, {&input.tensor, 1}, {{}, dataset.preprocessing()});
    EXPECT_EQ(features(predicted, 0), (Floats{5, 6}));
    EXPECT_EQ(predicted.line(0), 1);
  }
}

TEST_F(Csv, CategoriesByNumber) {
  write("c,a,y,user\nred,1,0,1\nblue,2,0,1\n,3,0,1\ngreen,4,0,2\n");
  Options options{{"target", "y"}, {"index", "c"}, {"drop", "user"}, {"missing", "zero"}};
  Dataset dataset = open(reader(options), 2, number.tensor, {{{0, 0, "user", {"2"}}}}).dataset;
  EXPECT_EQ(features(dataset, 0), (Floats{2, 1}));
  EXPECT_EQ(features(dataset, 1), (Floats{1, 2}));
  EXPECT_EQ(features(dataset, 2), (Floats{0, 3}));
  EXPECT_EQ(features(dataset, 3), (Floats{0, 4}));
  ASSERT_EQ(dataset.warnings().size(), 1u);
  EXPECT_EQ(dataset.warnings()[0],
            (folder / "x.csv").string() + ": column 'c' has 1 row with a category that the training "
            "part doesn't have (the first is 'green'); its index is 0 there");

  write("c,a,y\nblue,7,0\n");
  Dataset other = open(reader(options), 2, number.tensor, {{}, dataset.preprocessing()}).dataset;
  EXPECT_EQ(features(other, 0), (Floats{1, 7}));
  EXPECT_EQ(other.preprocessing(), dataset.preprocessing());

  EXPECT_EQ(error(reader({{"target", "y"}, {"index", "c"}, {"one_hot", "c"}}), 2, number.tensor),
            " both `one_hot` and `index` name column 'c'; leave it out of one of the lists");
  EXPECT_EQ(error(reader({{"target", "y"}, {"index", "y"}}), 2, number.tensor),
            " `index` names column 'y', which is no feature; leave it out of one of the lists");
}

TEST_F(Csv, IndicesOfATable) {
  const int64_t limits[] = {0, 3};
  ReadContext context;
  context.limits = limits;
  auto errorFor = [&](const char *row) {
    write(std::string("a,b,y\n-9.5,2,0\n") + row);
    return error(reader({{"target", "y"}}), 2, number.tensor, context);
  };
  EXPECT_EQ(errorFor("9,2.9,1\n8,-0.5,1\n"), "elsewhere: no error");
  const std::string expected = " is no row of the embedding that reads it; expected an index from 0 to 2: mend the "
                               "data, or give the embedding a larger input_dim";
  EXPECT_EQ(errorFor("9,3,1\n"), "3: column 'b': 3" + expected);
  EXPECT_EQ(errorFor("9,-1,1\n"), "3: column 'b': -1" + expected);
  EXPECT_EQ(errorFor("9,1e30,1\n"), "3: column 'b': 1e+30" + expected);
}

TEST_F(Csv, AClassThatTheTrainingPartLacks) {
  write("a,user,kind\n1,1,cat\n2,1,dog\n3,2,cow\n");
  ReadContext context{{{0, 0, "user", {"2"}}}};
  EXPECT_EQ(error(reader({{"target", "kind"}}), 2, label.tensor, context),
            "4: column 'kind': class 'cow' is not one of those of the training part");
}

TEST_F(Csv, WrongRows) {
  auto errorFor = [&](const std::string &text) {
    write(text);
    return error(reader({{"target", "y"}}), 1, number.tensor);
  };
  EXPECT_EQ(errorFor(""), " the file is empty; expected a header and rows");
  EXPECT_EQ(errorFor("a,y\n"), " there are no rows in it");
  EXPECT_EQ(errorFor("a,y\n1,2\n3\n"),
            "3: the row has 1 cell, expected 2 as in the header; is the separator right?");
  EXPECT_EQ(errorFor("a,y\n1,2\n\n3,4,5\n"),
            "4: the row has 3 cells, expected 2 as in the header; is the separator right?");
  EXPECT_EQ(errorFor("a,y\n1,2\nabc,3\n"),
            "3: column 'a': 'abc' is no finite number; a column of texts goes into `one_hot`, "
            "`index` or `drop`, a value that stands for an empty cell into `missing_values`");
  for (const char *value : {"nan", "inf", "-Infinity", "1e999", "1e39", "0x10", "1 2", "1,"})
    EXPECT_TRUE(errorFor(std::string("a,y\n1,2\n") + value + ",3\n").starts_with("3: ")) << value;
  EXPECT_EQ(errorFor("a,y\n1,2\n3,inf\n").substr(0, 39), "3: column 'y': 'inf' is no finite numbe");
  EXPECT_EQ(errorFor("a,y\n1,2\n\"3,4\n5,6\n"), "3: the quote that opens here is never closed");
  EXPECT_EQ(errorFor("a,y\n1,\"2\"3\n"),
            "2: text behind a closing quote; expected a separator or the line's end, or the quote "
            "twice if it belongs to the cell");
  EXPECT_EQ(errorFor("a,y\n1\",2\n"),
            "2: a quote inside of a cell that does not begin with one; write such a cell in quotes "
            "and the quote in it twice");
  EXPECT_EQ(errorFor(std::string("a,y\n1,\0\n", 9)), "2: holds a byte 0; this is no text file");
  EXPECT_EQ(errorFor("\xFF\xFE" "a,y\n"), "1: the file is UTF-16; save it as UTF-8");
  EXPECT_EQ(errorFor("a,a,y\n1,2,3\n"), "1: the header names column 'a' twice; rename one");
}

TEST_F(Csv, WrongColumns) {
  write("a,b,y\n1,2,3\n");
  EXPECT_EQ(error(reader({{"target", "z"}}), 2, number.tensor),
            " no column 'z', which `target` names; there are a, b, y");
  EXPECT_EQ(error(reader({{"target", "y"}, {"drop", "7"}}), 2, number.tensor),
            " no column '7', which `drop` names; there are a, b, y");
  EXPECT_EQ(error(reader({{"target", "y"}, {"drop", "a"}, {"one_hot", "a"}}), 1, number.tensor),
            " `one_hot` names column 'a', which is no feature; leave it out of one of the lists");
  EXPECT_EQ(error(reader({{"target", "y"}, {"drop", list({"a", "b"})}}), 1, number.tensor),
            " no column is left for the features");
  EXPECT_EQ(error(reader({{"target", "y"}, {"features", list({"a", "y"})}}), 2, number.tensor),
            " column 'y' is both target and feature");
  EXPECT_EQ(error(reader({{"target", list({"a", "y"})}}), 1, number.tensor),
            " `target` names 2 columns, but the model's target 'target' is f32 [1]");
}

TEST_F(Csv, SeparatorsAndLineEnds) {
  auto read = [&](const std::string &text, const std::string &separator) {
    write(text);
    Dataset dataset = open(reader({{"target", "y"}, {"separator", separator}}), 1, number.tensor).dataset;
    return std::pair(features(dataset, dataset.size() - 1)[0], dataset.size());
  };
  std::pair<float, int64_t> expected{3, 2};
  EXPECT_EQ(read("a;y\n1;2\n3;4", ";"), expected);
  EXPECT_EQ(read("a\ty\r\n1\t2\r\n3\t4\r\n", "tab"), expected);
  EXPECT_EQ(read("  a   y\n  1   2 \n  3   4\n", "space"), expected);
  EXPECT_EQ(read("a,y\r1,2\r3,4\r", ","), expected);
  EXPECT_EQ(read("\xEF\xBB\xBF" "a , y\n 1, 2\n +3 ,4\n\n\n", ","), expected);
  EXPECT_EQ(errorOf([&] { read("a,y\n1,2\n", "::"); }),
            "csv: the separator is '::'; expected one character that is no quote, tab or space");
}

TEST_F(Csv, LongCellsCrossTheBuffer) {
  std::string padding(70000, 'x');
  write("a,t,y\n1,\"" + padding + "\n" + padding + "\",2\n3,z,4\n");
  Dataset dataset = open(reader({{"target", "y"}, {"drop", "t"}}), 1, number.tensor).dataset;
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(features(dataset, 1)[0], 3);
}

TEST_F(Csv, NotUtf8) {
  write("c,y\ngr\xFC" "n,1\n");
  EXPECT_EQ(error(reader({{"target", "y"}, {"one_hot", "c"}}), 1, number.tensor).substr(0, 53),
            "elsewhere: the names of columns and categories are no");
}

TEST_F(Csv, ModelsThatItCannotFill) {
  write("a,y\n1,2\n");
  Column pixels("input", NNCC_U8, {1});
  NnccTensor columns[] = {pixels.tensor, number.tensor};
  EXPECT_EQ(errorOf([&] { openParts(reader({{"target", "y"}}), folder.path, columns, 1, {}, {}); }),
            "csv gives rows of numbers, f32 [features], but the model's input 'input' is u8 [1]");
  EXPECT_EQ(error(reader({}), 1, number.tensor),
            " the model's target 'target' needs `target`, the name or number of its column");
}

}  // namespace
