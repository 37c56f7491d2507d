// pairs: balanced, of the right classes, drawn anew each epoch, always the same to measure by.
#include "data/Pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "Fixtures.h"
#include "data/Augmentation.h"

using namespace nncc::data;

namespace {

class PairsTest : public testing::Test {
 protected:
  // Image i of class c: all bytes 10 * c + i.
  void write(const std::vector<int> &classes) {
    for (size_t c = 0; c < classes.size(); ++c)
      for (int i = 0; i < classes[c]; ++i)
        folder.write("faces/s" + std::to_string(c) + "/" + std::to_string(i) + ".png",
                     pngFile(2, 2, Bytes(12, static_cast<uint8_t>(10 * c + i))));
  }
  std::vector<NnccTensor> columns() const { return {left.tensor, right.tensor, target.tensor}; }
  PartedDataset open(std::vector<Split> splits = {}) {
    std::vector<NnccTensor> tensors = columns();
    return openParts(reader, folder.path, tensors, 2, {}, {splits});
  }
  static int imageOf(const Dataset &pairs, int column, int64_t i) {
    return std::to_integer<int>(*pairs.sample(column, i));
  }

  TemporaryFolder folder;
  Component reader{"pairs", {{"of", "image_folder"}, {"of.path", "faces"}, {"count", "500"}}};
  Column left{"left", NNCC_U8, {2, 2, 3}}, right{"right", NNCC_U8, {2, 2, 3}}, target{"labels", NNCC_F32, {1}};
};

TEST_F(PairsTest, BalancedAndNeverASampleWithItself) {
  write({3, 4, 2, 5});
  Pairs pairs(open().dataset, columns(), 500);
  EXPECT_EQ(pairs.size(), 500);
  std::map<int, int> first;
  std::set<std::pair<int, int>> same, different;
  for (int64_t epoch = 0; epoch < 12; ++epoch) {
    Dataset drawn = pairs.drawn(9, epoch);
    ASSERT_EQ(drawn.size(), 500);
    ASSERT_EQ(drawn.columns(), 3);
    EXPECT_EQ(drawn.classNames(), (std::vector<std::string>{"different", "same"}));
    for (int64_t i = 0; i < 500; ++i) {
      int a = imageOf(drawn, 0, i), b = imageOf(drawn, 1, i);
      float answer = valuesOf<float>(drawn, 2, i)[0];
      EXPECT_EQ(answer, i % 2 == 0);
      EXPECT_EQ(a / 10 == b / 10, answer == 1);
      EXPECT_NE(a, b);
      ++first[a];
      (answer == 1 ? same : different).emplace(a, b);
    }
  }
  EXPECT_EQ(first.size(), 14u);
  for (auto [image, count] : first) EXPECT_NEAR(count, 6000 / 14, 12);
  // Every pair that there can be.
  EXPECT_EQ(same.size(), 3u * 2 + 4 * 3 + 2 * 1 + 5 * 4);
  EXPECT_EQ(different.size(), 14u * 13 - same.size());
}

TEST_F(PairsTest, SeedAndEpochDecideAndFixedOnesStay) {
  write({3, 4, 2});
  Pairs pairs(open().dataset, columns(), 0);
  EXPECT_EQ(pairs.size(), 9);
  auto list = [](const Dataset &set) {
    std::vector<int> images;
    for (int64_t i = 0; i < set.size(); ++i)
      for (int column : {0, 1}) images.push_back(imageOf(set, column, i));
    return images;
  };
  EXPECT_EQ(list(pairs.drawn(1, 4)), list(pairs.drawn(1, 4)));
  EXPECT_NE(list(pairs.drawn(1, 4)), list(pairs.drawn(1, 5)));
  EXPECT_NE(list(pairs.drawn(1, 4)), list(pairs.drawn(2, 4)));
  EXPECT_EQ(list(pairs.fixed()), list(Pairs(open().dataset, columns(), 0).fixed()));
  EXPECT_NE(list(pairs.fixed()), list(pairs.drawn(0, 0)));
  // Subsets keep their pairs.
  Dataset drawn = pairs.drawn(1, 4), part = drawn.subset({7, 2});
  EXPECT_EQ(imageOf(part, 1, 1), imageOf(drawn, 1, 2));
  EXPECT_EQ(valuesOf<float>(part, 2, 0)[0], 0);
}

TEST_F(PairsTest, OfClassesThatTrainingNeverSees) {
  write({3, 4, 2, 5});
  std::vector<Split> splits = {{0, 0, "class", {"s1", "s3"}}};
  PartedDataset parted = open(splits);
  EXPECT_EQ(countParts(reader, folder.path, {splits}), (std::vector<int64_t>{5, 9}));
  for (int part : {0, 1}) {
    Dataset fixed = Pairs(parted.dataset.subset(parted.samplesOf(part)), columns(), 100).fixed();
    for (int64_t i = 0; i < 100; ++i)
      for (int column : {0, 1}) EXPECT_EQ(imageOf(fixed, column, i) / 10 % 2, part);
  }
}

TEST_F(PairsTest, OfSequencesWithLengths) {
  folder.write("s.csv", "a,1,1\na,2,2,2\nb,3,3,3,3\nb,1,4\n");
  Component sequences("pairs", {{"of", "sequence_csv"}, {"of.path", "s.csv"}, {"of.columns", "k"}, {"of.label", "k"}, {"of.features", "1"}});
  Column a("a", NNCC_F32, {3, 1}), al("a.lengths", NNCC_I32, {}), b("b", NNCC_F32, {3, 1}), bl("b.lengths", NNCC_I32, {}),
      same("labels", NNCC_I32, {});
  std::vector<NnccTensor> tensors = {a.tensor, al.tensor, b.tensor, bl.tensor, same.tensor};
  Dataset pairs = Pairs(openParts(sequences, folder.path, tensors, 1, {}, {}).dataset, tensors, 40).fixed();
  ASSERT_EQ(pairs.columns(), 5);
  EXPECT_EQ(pairs.labelColumn(), 4);
  for (int64_t i = 0; i < 40; ++i) {
    for (int side : {0, 2}) {
      float value = valuesOf<float>(pairs, side, i)[0];
      EXPECT_EQ(pairs.integer(side + 1, i), value == 4 ? 1 : value);
    }
    EXPECT_EQ(pairs.integer(4, i), i % 2 == 0);
  }
}

TEST_F(PairsTest, SidesAreVariedEachOnItsOwn) {
  folder.write("faces/a/0.png", pngFile(2, 2, testPixels(12, 1)));
  folder.write("faces/a/1.png", pngFile(2, 2, testPixels(12, 1)));
  folder.write("faces/b/0.png", pngFile(2, 2, testPixels(12, 1)));
  folder.write("faces/b/1.png", pngFile(2, 2, testPixels(12, 1)));
  Dataset pairs = Pairs(open().dataset, columns(), 200).fixed();
  NnccOption flip{"horizontal_flip", "0.5", 0.5};
  std::vector<NnccTensor> tensors = columns();
  int equal[2] = {};
  for (bool apart : {false, true}) {
    Augmentation augmentation({"augment", &flip, 1}, tensors, 2, apart);
    for (int64_t i = 0; i < 200; ++i) {
      Bytes a(12), b(12), c(4);
      void *to[] = {a.data(), b.data(), c.data()};
      augmentation.apply(pairs, 3, 0, i, to, {});
      equal[apart] += a == b;
    }
  }
  EXPECT_EQ(equal[0], 200);
  EXPECT_NEAR(equal[1], 100, 36);  // five standard deviations
}

TEST_F(PairsTest, WhatCannotBe) {
  write({3, 1});
  std::string faces = (folder / "faces").string();
  EXPECT_EQ(errorOf([&] { Pairs(open().dataset, columns(), 0); }),
            faces + "/s1/0.png: class 's1' has one sample, but a pair of the same class takes two; add samples, or leave "
                    "the class out");
  std::filesystem::remove_all(folder / "faces/s1");
  EXPECT_EQ(errorOf([&] { Pairs(open().dataset, columns(), 0); }),
            faces + ": all samples are of class 's0', but every second pair takes two classes");
  std::vector<NnccTensor> tensors = {left.tensor, target.tensor};
  EXPECT_EQ(errorOf([&] { openParts(reader, folder.path, tensors, 1, {}, {}); }),
            "pairs give two inputs of equal shape and a target, but the model has others; write inputs: {left: {shape: "
            "...}, right: {shape: ...}} and one output with a loss");
  EXPECT_FALSE(pairingOf({}).has_value());
}

TEST_F(PairsTest, SingleFilesAreReadAsThoseOfTheReaderInside) {
  std::filesystem::path file = folder.write("large.png", pngFile(4, 4, Bytes(48, 7)));
  EXPECT_NE(errorOf([&] { decodeImage(file, left.tensor, reader); }), "no error");
  Component resizing("pairs", {{"of", "image_folder"}, {"of.path", "faces"}, {"of.resize", "true"}});
  EXPECT_EQ(decodeImage(file, left.tensor, resizing), std::vector<std::byte>(12, std::byte{7}));
}

}  // namespace
