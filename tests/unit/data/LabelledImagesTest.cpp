// image_folder with a label file: classes, several classes and boxes as targets.
#include <gtest/gtest.h>

#include "Fixtures.h"
#include "data/ImageLabels.h"

using namespace nncc::data;

namespace {

bool holds(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

class LabelledImagesTest : public testing::Test {
 protected:
  LabelledImagesTest() {
    for (const char *name : {"b.png", "a, a.png", "in/c.png", "10.png"})
      folder.write(std::string("set/") + name, pngFile(10, 20, testPixels(10 * 20 * 3, name[0])));
  }
  Component reader(std::vector<std::pair<std::string, std::string>> more = {}) {
    std::vector<std::pair<std::string, std::string>> options = {
        {"path", "set"}, {"labels", "l.csv"}, {"resize", "true"}};
    options.insert(options.end(), more.begin(), more.end());
    return {"image_folder", options};
  }
  Dataset open(std::vector<NnccTensor> columns, std::vector<std::pair<std::string, std::string>> more = {}) {
    return openDataset(reader(more), folder.path, columns, 2);
  }
  std::string error(const std::string &file, std::vector<NnccTensor> columns = {}) {
    folder.write("l.csv", file);
    if (columns.empty()) columns = {image.tensor, label.tensor};
    return errorOf([&] { open(columns); });
  }

  TemporaryFolder folder;
  Column image{"input", NNCC_U8, {5, 10, 3}}, label{"labels", NNCC_I32, {}}, box{"box", NNCC_F32, {4}},
      places{"labels", NNCC_F32, {3}};
};

TEST_F(LabelledImagesTest, OneClassAnImage) {
  folder.write("l.csv", "file,who,label\nin/c.png,me,dog\n\"a, a.png\",you,cat\nb.png,me,dog\n");
  Dataset dataset = open({image.tensor, label.tensor});
  ASSERT_EQ(dataset.size(), 3);
  EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"cat", "dog"}));
  const char *names[] = {"a, a.png", "b.png", "in/c.png"};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(dataset.fileName(i), (folder / "set" / names[i]).string());
    EXPECT_EQ(dataset.integer(1, i), i == 0 ? 0 : 1);
  }
  EXPECT_FALSE(dataset.isPlaced());
  EXPECT_EQ(open({image.tensor, label.tensor}, {{"limit_per_class", "1"}}).size(), 2);
  EXPECT_EQ(open({image.tensor, label.tensor}, {{"classes", "dog" NNCC_LIST_SEPARATOR "cat"}}).integer(1, 0), 1);
  ReadContext byClass{{{0, 0, "class", {"cat"}}}};
  EXPECT_EQ(countParts(reader(), folder.path, byClass), (std::vector<int64_t>{2, 1}));
}

TEST_F(LabelledImagesTest, SeveralClassesAnImage) {
  folder.write("l.csv", "file,labels\nb.png,x;z\n10.png,\nin/c.png,y\n");
  Dataset dataset = open({image.tensor, places.tensor});
  EXPECT_EQ(valuesOf<float>(dataset, 1, 0), (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(valuesOf<float>(dataset, 1, 1), (std::vector<float>{1, 0, 1}));
  EXPECT_EQ(valuesOf<float>(dataset, 1, 2), (std::vector<float>{0, 1, 0}));
}

TEST_F(LabelledImagesTest, BoxesAreShares) {
  folder.write("l.csv", "file,label,x,y,width,height\nb.png,dog,5,2,10,5\n10.png,cat,0,0,20,10\n");
  for (bool boxFirst : {false, true}) {
    std::vector<NnccTensor> columns = {image.tensor, label.tensor, box.tensor};
    if (boxFirst) std::swap(columns[1], columns[2]);
    Dataset dataset = open(columns);
    EXPECT_EQ(valuesOf<float>(dataset, boxFirst ? 1 : 2, 0), (std::vector<float>{0, 0, 1, 1}));
    EXPECT_EQ(valuesOf<float>(dataset, boxFirst ? 1 : 2, 1), (std::vector<float>{0.25f, 0.2f, 0.5f, 0.5f}));
    EXPECT_EQ(dataset.integer(boxFirst ? 2 : 1, 1), 1);
    EXPECT_TRUE(dataset.isPlaced());
  }
}

TEST_F(LabelledImagesTest, ManyBoxesAreReadBack) {
  folder.write("l.csv",
               "file,label,x,y,width,height\nb.png,dog,5,2,10,5.25\na,cat,1,1,1,1\nb.png,cat,0,0,1,1\nc,,,,,\n");
  ImageLabels labels = readImageLabels(folder / "l.csv");
  ASSERT_EQ(labels.images.size(), 3u);
  EXPECT_EQ(labels.images[0].classes, (std::vector<std::string>{"dog", "cat"}));
  EXPECT_EQ(labels.images[0].boxes[0], (ImageBox{5, 2, 10, 5.25}));
  EXPECT_EQ(labels.images[1].line, 3);
  EXPECT_TRUE(labels.images[2].boxes.empty());
}

TEST_F(LabelledImagesTest, Errors) {
  EXPECT_PRED2(holds, error("file,label\nx.png,dog\n"), "l.csv:2: 'x.png' is no file in ");
  EXPECT_PRED2(holds, error("file,label\nin,dog\n"), "l.csv:2: 'in' is no file in ");
  EXPECT_PRED2(holds, error("file,label\nb.png,dog\nb.png,dog\n"), "l.csv:3: 'b.png' has a row in line 2");
  EXPECT_PRED2(holds, error("file,label,x\nb.png,dog,3\n"), "l.csv:1: no column 'y'");
  EXPECT_PRED2(holds, error("file,labels\nb.png,;a\n"), "l.csv:2: column 'labels' has an empty class");
  EXPECT_PRED2(holds, error("file,label,x,y,width,height\nb.png,,1,2,3,4\n"), "l.csv:2: a box without a class");
  EXPECT_PRED2(holds, error("file,label,x,y,width,height\nb.png,,,,,\nb.png,a,1,1,1,1\n"),
               "l.csv:3: 'b.png' has a row in line 2");
  EXPECT_PRED2(holds, error("file,label,x,y,width,height\nb.png,a,5,5,5,5.5\n", {image.tensor, box.tensor}),
               "l.csv:2: the box of 5 x 5.5 pixels at 5, 5 reaches beyond its image of 20 x 10");
  EXPECT_PRED2(holds, error("file,labels\nb.png,a;b\n", {image.tensor, places.tensor}), "expected 2 units");
}

}  // namespace
