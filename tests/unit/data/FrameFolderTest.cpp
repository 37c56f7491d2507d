// frame_folder: clips of frames, their order and lengths, and what is wrong with others.
#include <gtest/gtest.h>

#include "Fixtures.h"

using namespace nncc::data;

namespace {

class FrameFolder : public testing::Test {
 protected:
  static std::string png(int seed, int height = 4, int width = 5) {
    return pngFile(height, width, testPixels(height * width * 3, seed));
  }
  void clip(const std::string &name, const std::vector<std::string> &frames, int seed = 0) {
    for (size_t i = 0; i < frames.size(); ++i)
      folder.write("clips/" + name + "/" + frames[i], png(seed + static_cast<int>(i)));
  }
  std::vector<NnccTensor> columns() const { return {input.tensor, lengths.tensor, label.tensor}; }
  Dataset open(int threads = 2) { return openDataset(reader, folder.path, columns(), threads); }
  std::string error() {
    return errorOf([&] { open(); });
  }
  std::string path(const std::string &name) { return (folder / ("clips/" + name)).string(); }

  TemporaryFolder folder;
  Component reader{"frame_folder", {{"path", "clips"}}};
  Column input{"input", NNCC_U8, {3, 4, 5, 3}}, lengths{"input.lengths", NNCC_I32, {}}, label{"labels", NNCC_I32, {}};
};

TEST_F(FrameFolder, ClipsAndLengths) {
  clip("cat/x", {"00.png", "01.png", "02.png"}, 10);
  clip("bat/y", {"7.png", "8.png"}, 20);
  clip("cat/a", {"only.png"}, 30);
  for (int threads : {1, 3}) {
    Dataset dataset = open(threads);
    ASSERT_EQ(dataset.size(), 3);
    EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"bat", "cat"}));
    int seeds[] = {20, 30, 10}, frames[] = {2, 1, 3}, labels[] = {0, 1, 1};
    for (int i = 0; i < 3; ++i) {
      Bytes expected;
      for (int f = 0; f < 3; ++f) {
        Bytes pixels = f < frames[i] ? testPixels(60, seeds[i] + f) : Bytes(60, 0);
        expected.insert(expected.end(), pixels.begin(), pixels.end());
      }
      EXPECT_EQ(sampleOf(dataset, i), expected);
      EXPECT_EQ(dataset.integer(1, i), frames[i]);
      EXPECT_EQ(dataset.integer(2, i), labels[i]);
    }
    EXPECT_EQ(dataset.fileName(1), path("cat/a"));
  }
  EXPECT_EQ(countSamples(reader, folder.path), 3);
  ReadContext byClip{{{0, 0, "clip", {"y", "x"}}}}, byClass{{{0, 0, "class", {"cat"}}}};
  EXPECT_EQ(countParts(reader, folder.path, byClip), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(countParts(reader, folder.path, byClass), (std::vector<int64_t>{1, 2}));
}

TEST_F(FrameFolder, OrderByNumberElseByName) {
  clip("a/numbers", {"f_9.png", "f_10.png", "f_11.png"}, 10);
  clip("a/words", {"b.png", "a.png"}, 20);
  Dataset dataset = open();
  Bytes numbers = sampleOf(dataset, 0), words = sampleOf(dataset, 1);
  EXPECT_EQ(Bytes(numbers.begin(), numbers.begin() + 60), testPixels(60, 10));
  EXPECT_EQ(Bytes(words.begin(), words.begin() + 60), testPixels(60, 21));
}

TEST_F(FrameFolder, BadClips) {
  clip("a/x", {"00.png", "02.png"});
  EXPECT_EQ(error(), path("a/x") + ": frame 1 is missing between 00.png and 02.png; add it, or remove the clip");
  clip("a/x", {"01.png", "1.png"});
  EXPECT_EQ(error(), path("a/x") + ": two frames have the number 1, 01.png and 1.png; remove one");
  std::filesystem::remove_all(folder / "clips/a/x");
  clip("a/x", {"0.png", "1.png", "2.png", "3.png"});
  EXPECT_EQ(error(), path("a/x") + ": the sample has 4 steps, but the model's input 'input' is [3, 4, 5, 3], steps first; "
                                   "write a shape of at least as many, or cut the sample");
  std::filesystem::remove_all(folder / "clips/a/x");
  std::filesystem::create_directories(folder / "clips/a/x");
  EXPECT_EQ(error(), path("a/x") + ": the clip has no frames; put its images into it or remove it");
  folder.write("clips/a/x/0.png", png(1, 3, 5));
  EXPECT_EQ(error(), path("a/x/0.png") + ": the image is 5 x 3 pixels (width x height), but the model's input is 5 x 4; give "
                                         "the reader `resize: true`, or change the model's input shape");
  folder.write("clips/a/x/0.png", "no image");
  EXPECT_EQ(error(), path("a/x/0.png") + ": neither a JPEG nor a PNG, PGM or PPM image; convert it or remove it");
  folder.write("clips/a/stray.png", png(1));
  EXPECT_EQ(error(), path("a/stray.png") + ": expected a clip's folder in a class folder, found a file; frame_folder takes "
                                           "one level of class folders with a folder for each clip in them");
}

TEST_F(FrameFolder, ShorterOnesNeedLengths) {
  clip("a/x", {"0.png", "1.png"});
  std::vector<NnccTensor> tensors = {input.tensor, label.tensor};
  EXPECT_EQ(errorOf([&] { openDataset(reader, folder.path, tensors, 1); }),
            path("a/x") + ": the sample has 2 steps, but the model's input 'input' is [3, 4, 5, 3], steps first, and takes no "
                          "shorter ones; give it `lengths: true`");
  Column image("input", NNCC_U8, {4, 5, 3, 2});
  tensors = {image.tensor, label.tensor};
  EXPECT_EQ(errorOf([&] { openDataset(reader, folder.path, tensors, 1); }),
            "frame_folder gives clips of bytes, u8 [frames, height, width, 1 or 3], but the model's input 'input' is u8 "
            "[4, 5, 3, 2]");
}

TEST_F(FrameFolder, AClipForPrediction) {
  clip("a/x", {"0.png", "1.png"}, 40);
  std::vector<NnccTensor> inputs = {input.tensor, lengths.tensor};
  for (const char *name : {"clips/a/x", "clips/a/x/"}) {
    Dataset dataset = readInputs(reader, folder / name, inputs, {});
    ASSERT_EQ(dataset.size(), 1);
    EXPECT_EQ(dataset.integer(1, 0), 2);
    EXPECT_EQ(dataset.fileName(0), path("a/x"));
  }
}

}  // namespace
