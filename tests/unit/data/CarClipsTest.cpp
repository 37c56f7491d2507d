// models/speeding_car_clips.cpp as its users call it: images of one colour each, so that what is seen of a car can be
// counted in the pixels.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdlib>

#include "Fixtures.h"

using namespace nncc::data;

namespace {

constexpr int kFrames = 8, kHeight = 32, kWidth = 48;

class CarClips : public testing::Test {
 protected:
  CarClips() {
    // Cars are red, backgrounds and other things have no red.
    for (const char *part : {"train", "test"})
      for (const char *name :
           {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}) {
        bool car = std::string(name) == "automobile";
        Bytes pixels;
        for (int i = 0; i < 32 * 32; ++i)
          for (int value : {car ? 255 : 0, 0, car ? 0 : 255}) pixels.push_back(static_cast<uint8_t>(value));
        folder.write(std::string("cifar10/") + part + "/" + name + "/0.jpg", jpegFile(32, 32, 3, pixels));
      }
  }

  int run(const std::string &options = "") {
    std::string command = std::string(NNCC_CAR_CLIPS) + " " + folder.path.string() + " " + options + " >" +
                          (folder / "log").string() + " 2>&1";
    int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string said() const { return TemporaryFolder::read(folder / "log"); }
  std::string file(const std::string &name) const { return TemporaryFolder::read(folder / ("speeding_car/" + name)); }

  Dataset read(const std::string &part) {
    Component reader("npy", {{"inputs", "speeding_car/" + part + ".npy"}, {"labels", "speeding_car/" + part + ".csv"}});
    std::vector<NnccTensor> columns = {clip.tensor,   car.tensor,   box.tensor,
                                       hasBox.tensor, speed.tensor, hasSpeed.tensor};
    return openDataset(reader, folder.path, columns, 2);
  }

  TemporaryFolder folder;
  Column clip{"input", NNCC_U8, {kFrames, kHeight, kWidth, 3}}, car{"car", NNCC_F32, {1}};
  Column box{"box", NNCC_F32, {kFrames, 4}}, hasBox{"box.present", NNCC_F32, {}};
  Column speed{"speed", NNCC_F32, {1}}, hasSpeed{"speed.present", NNCC_F32, {}};
};

TEST_F(CarClips, BoxesAndSpeedsAreThoseOfThePixels) {
  ASSERT_EQ(run("--train 40 --test 4"), 0) << said();
  Dataset clips = read("train");
  ASSERT_EQ(clips.size(), 40);
  int cars = 0, left = 0, right = 0;
  for (int i = 0; i < 40; ++i) {
    Bytes pixels = valuesOf<uint8_t>(clips, 0, i);
    bool isCar = valuesOf<float>(clips, 1, i)[0] == 1;
    cars += isCar;
    EXPECT_EQ(valuesOf<float>(clips, 3, i)[0], isCar);
    EXPECT_EQ(valuesOf<float>(clips, 5, i)[0], isCar);
    std::vector<float> boxes = valuesOf<float>(clips, 2, i);
    double before = 0;
    bool wholeBefore = false;
    for (int frame = 0; frame < kFrames; ++frame) {
      double area = 0, x = 0, y = 0;
      for (int row = 0; row < kHeight; ++row)
        for (int column = 0; column < kWidth; ++column) {
          double red = pixels[((frame * kHeight + row) * kWidth + column) * 3] / 254.0;
          area += red;
          x += red * (column + 0.5);
          y += red * (row + 0.5);
        }
      const float *own = &boxes[frame * 4];
      EXPECT_NEAR(area, own[2] * kWidth * own[3] * kHeight, 3);
      if (!isCar) continue;
      EXPECT_GT(own[2] * kWidth, 6.9);  // half of a car is seen at least
      EXPECT_NEAR(x / area, (own[0] + own[2] / 2) * kWidth, 0.1);
      EXPECT_NEAR(y / area, (own[1] + own[3] / 2) * kHeight, 0.1);
      bool whole = own[0] > 0 && own[0] + own[2] < 0.99999;
      if (whole && wholeBefore) {
        EXPECT_NEAR(std::abs(x / area - before), valuesOf<float>(clips, 4, i)[0], 0.1);
        (x / area > before ? right : left) += 1;
      }
      before = x / area;
      wholeBefore = whole;
    }
  }
  EXPECT_EQ(cars, 20);
  EXPECT_GT(left, 0);
  EXPECT_GT(right, 0);
}

TEST_F(CarClips, AClipIsTheSameWhateverElseIsMade) {
  constexpr size_t header = 128, bytes = size_t{kFrames} * kHeight * kWidth * 3;
  ASSERT_EQ(run("--train 300 --test 8"), 0);
  std::string train = file("train.npy"), table = file("train.csv"), test = file("test.npy");
  ASSERT_EQ(train.size(), header + 300 * bytes);
  ASSERT_EQ(run("--train 9 --test 20"), 0);
  EXPECT_EQ(file("train.npy").substr(header), train.substr(header, 9 * bytes));
  EXPECT_EQ(file("test.npy").substr(header, 8 * bytes), test.substr(header));
  EXPECT_TRUE(table.starts_with(file("train.csv")));
  EXPECT_NE(train.substr(header, 8 * bytes), test.substr(header));
  ASSERT_EQ(run("--train 9 --test 8 --seed 2"), 0);
  EXPECT_NE(file("train.npy").substr(header), train.substr(header, 9 * bytes));
}

TEST_F(CarClips, WhatItIsNotGivenItSays) {
  EXPECT_EQ(run("--train many"), 2);
  EXPECT_EQ(said(), "error: --train is 'many'; expected a whole number from 1 to 1000000\n");
  std::filesystem::remove_all(folder / "cifar10/test/automobile");
  EXPECT_EQ(run("--train 2 --test 2"), 1);
  EXPECT_NE(said().find("test: expected the ten class folders of CIFAR-10, automobile among them"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "speeding_car/test.npy"));
}

}  // namespace
