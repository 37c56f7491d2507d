#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "Files.h"
#include "TemporaryFolder.h"
#include "data/Reader.h"

using namespace nncc::data;

namespace {

class ImageFolder : public testing::Test {
 protected:
  std::string png(uint32_t seed) { return pngFile(4, 5, testPixels(4 * 5 * 3, seed)); }
  Dataset open(int threads = 2, const ReadProgress &progress = {}) {
    return openDataset(reader, folder.path, columns, threads, progress);
  }
  std::string error(int threads = 2) { return errorOf([&] { open(threads); }); }
  std::string path(const std::string &name) { return (folder / name).string(); }

  TemporaryFolder folder;
  Component reader{"image_folder", {{"path", "train"}}};
  ImageColumns columns{4, 5, 3};
};

TEST_F(ImageFolder, ClassesAndFilesInByteOrder) {
  folder.write("train/b/10.png", png(1));
  folder.write("train/b/9.png", png(2));
  folder.write("train/B/x.png", png(3));
  folder.write("train/\xC3\xA9t\xC3\xA9/1.png", png(4));
  folder.write("train/a b/y.png", png(5));
  folder.write("train/a b/Z", png(6));  // recognised by content
  Dataset dataset = open();
  EXPECT_EQ(dataset.classNames(),
            (std::vector<std::string>{"B", "a b", "b", "\xC3\xA9t\xC3\xA9"}));
  ASSERT_EQ(dataset.size(), 6);
  const char *names[] = {"B/x.png",  "a b/Z",   "a b/y.png",
                         "b/10.png", "b/9.png", "\xC3\xA9t\xC3\xA9/1.png"};
  int32_t labels[] = {0, 1, 1, 2, 2, 3};
  uint32_t seeds[] = {3, 6, 5, 1, 2, 4};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(dataset.fileName(i), path("train/") + names[i]);
    EXPECT_EQ(labelOf(dataset, i), labels[i]);
    EXPECT_EQ(sampleOf(dataset, i), testPixels(4 * 5 * 3, seeds[i]));
  }
  EXPECT_EQ(dataset.source(), path("train"));
  EXPECT_EQ(countSamples(reader, folder.path), 6);
}

TEST_F(ImageFolder, TakesTheClassesAndAsManyFilesAsAskedFor) {
  for (const char *name : {"a/1.png", "a/2.png", "b/1.png", "b/2.png", "b/3.png", "c/1.png"})
    folder.write(std::string("train/") + name, png(static_cast<uint32_t>(name[0] + name[2])));
  reader = Component{"image_folder", {{"path", "train"}, {"classes", "c" NNCC_LIST_SEPARATOR "b"}, {"limit_per_class", "2"}}};
  Dataset dataset = open();
  EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"c", "b"}));
  ASSERT_EQ(dataset.size(), 3);
  EXPECT_EQ(countSamples(reader, folder.path), 3);
  const char *names[] = {"c/1.png", "b/1.png", "b/2.png"};
  int32_t labels[] = {0, 1, 1};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(dataset.fileName(i), path("train/") + names[i]);
    EXPECT_EQ(labelOf(dataset, i), labels[i]);
  }
  reader = Component{"image_folder", {{"path", "train"}, {"classes", "c" NNCC_LIST_SEPARATOR "d"}}};
  EXPECT_EQ(error(), path("train") + ": no class folder 'd' in it, which the option `classes` names; there "
                                     "are: a, b, c");
}

TEST_F(ImageFolder, PassesOverHiddenNamesAndFilesBesideTheClasses) {
  folder.write("train/a/1.png", png(1));
  folder.write("train/a/.DS_Store", "no image");
  folder.write("train/.git/config", "no class");
  folder.write("train/README.txt", "no class");
  Dataset dataset = open();
  EXPECT_EQ(dataset.size(), 1);
  EXPECT_EQ(dataset.classNames(), std::vector<std::string>{"a"});
}

TEST_F(ImageFolder, FollowsLinks) {
  folder.write("elsewhere/1.png", png(1));
  std::filesystem::create_directories(folder / "train/a");
  std::filesystem::create_symlink(folder / "elsewhere", folder / "train/b");
  std::filesystem::create_symlink(folder / "elsewhere/1.png", folder / "train/a/link.png");
  Dataset dataset = open();
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(sampleOf(dataset, 0), sampleOf(dataset, 1));
}

TEST_F(ImageFolder, SameOnAnyNumberOfThreads) {
  for (int i = 0; i < 150; ++i) {
    std::string name = "train/" + std::to_string(i % 3) + "/" + std::to_string(i);
    folder.write(name, i % 2 ? png(i) : jpegFile(4, 5, 3, testPixels(4 * 5 * 3, i), 90));
  }
  Dataset one = open(1);
  ASSERT_EQ(one.size(), 150);
  for (int threads : {2, 3, 16, 1000}) {
    Dataset other = open(threads);
    ASSERT_EQ(other.size(), one.size());
    for (int64_t i = 0; i < one.size(); ++i) {
      ASSERT_EQ(sampleOf(other, i), sampleOf(one, i));
      ASSERT_EQ(labelOf(other, i), labelOf(one, i));
      ASSERT_EQ(other.fileName(i), one.fileName(i));
    }
  }
}

TEST_F(ImageFolder, MemoryIsSamplesAndNames) {
  for (int i = 0; i < 64; ++i) folder.write("train/a/" + std::to_string(100 + i), png(i));
  Dataset dataset = open();
  int64_t samples = 64 * (4 * 5 * 3 + 4), names = 64 * (3 + 16) + int64_t(path("train/a").size());
  EXPECT_GE(dataset.bytes(), samples + names);
  EXPECT_LE(dataset.bytes(), samples + names + 200);
}

TEST_F(ImageFolder, LabelsAreLeftOutWhereTheModelWantsNone) {
  folder.write("train/a/1.png", png(1));
  Dataset dataset = openDataset(reader, folder.path, {&columns.image(), 1}, 2);
  EXPECT_EQ(dataset.columns(), 1);
  EXPECT_EQ(sampleOf(dataset, 0), testPixels(4 * 5 * 3, 1));
}

TEST_F(ImageFolder, TwoClassesForOneOutputAndOnePlaceForEach) {
  folder.write("train/a/1.png", png(1));
  folder.write("train/b/1.png", png(2));
  int64_t one[] = {1}, two[] = {2}, three[] = {3};
  auto target = [&](const int64_t *shape) {
    return std::vector<NnccTensor>{columns.image(), {"target", NNCC_F32, 1, shape}};
  };
  Dataset binary = openDataset(reader, folder.path, target(one), 1);
  Dataset places = openDataset(reader, folder.path, target(two), 1);
  EXPECT_EQ(*reinterpret_cast<const float *>(binary.sample(1, 0)), 0);
  EXPECT_EQ(*reinterpret_cast<const float *>(binary.sample(1, 1)), 1);
  EXPECT_EQ(reinterpret_cast<const float *>(places.sample(1, 1))[0], 0);
  EXPECT_EQ(reinterpret_cast<const float *>(places.sample(1, 1))[1], 1);
  EXPECT_EQ(errorOf([&] { openDataset(reader, folder.path, target(three), 1); }),
            "image_folder gives 2 classes, but the model's target 'target', f32 [3], is for 3; change "
            "the model's last layer or its loss");
}

TEST_F(ImageFolder, SplitsByTheNameBelowThePath) {
  for (int i = 0; i < 60; ++i) folder.write("train/" + std::to_string(i % 2) + "/" + std::to_string(i), png(i));
  ReadContext context{{{0, 0.3}, {0.7, 1}}};
  PartedDataset parted = openParts(reader, folder.path, columns, 2, {}, context);
  ASSERT_EQ(parted.parts.size(), 60u);
  for (int i = 0; i < 60; ++i) {
    std::string name = parted.dataset.fileName(i).substr(path("train/").size());
    double hash = hashNumber(name);
    EXPECT_EQ(parted.parts[i], hash < 0.3 ? 1 : hash >= 0.7 ? 2 : 0) << name;
  }
  Dataset part = parted.dataset.subset(parted.samplesOf(1));
  ASSERT_GT(part.size(), 5);
  EXPECT_EQ(part.classNames(), parted.dataset.classNames());
  EXPECT_EQ(part.fileName(2), parted.dataset.fileName(parted.samplesOf(1)[2]));
  EXPECT_EQ(sampleOf(part, 2), sampleOf(parted.dataset, parted.samplesOf(1)[2]));
  std::vector<int64_t> counts = countParts(reader, folder.path, context);
  EXPECT_EQ(counts[1], part.size());
  EXPECT_EQ(counts[0] + counts[1] + counts[2], 60);
  ReadContext group{{{0, 0, "user", {"7"}}}};
  EXPECT_EQ(errorOf([&] { countParts(reader, folder.path, group); }),
            "image_folder: no column 'user' to take a part of the samples by; there are: class, file");
  ReadContext byClass{{{0, 0, "class", {"1"}}}};
  EXPECT_EQ(countParts(reader, folder.path, byClass), (std::vector<int64_t>{30, 30}));
}

TEST_F(ImageFolder, ResizesImagesOfAnySize) {
  folder.write("train/a/1.png", pngFile(9, 11, testPixels(9 * 11 * 3, 1)));
  folder.write("train/a/2.png", png(2));
  folder.write("train/a/3.jpg", jpegFile(40, 30, 3, testPixels(40 * 30 * 3, 3), 90));
  Component resizing("image_folder", {{"path", "train"}, {"resize", "true"}});
  Dataset dataset = openDataset(resizing, folder.path, columns, 2);
  ASSERT_EQ(dataset.size(), 3);
  EXPECT_EQ(sampleOf(dataset, 1), testPixels(4 * 5 * 3, 2));  // left as it is
}

TEST_F(ImageFolder, AbsolutePathStandsAlone) {
  folder.write("train/a/1.png", png(1));
  Component absolute("image_folder", {{"path", path("train")}});
  EXPECT_EQ(openDataset(absolute, "/nowhere", columns, 1).size(), 1);
}

TEST_F(ImageFolder, PathsAreShownInTheirShortForm) {
  folder.write("train/a/1.png", png(1));
  Component longer("image_folder", {{"path", "./other/../train//"}});
  EXPECT_EQ(openDataset(longer, folder.path, columns, 1).source(), path("train"));
}

TEST_F(ImageFolder, ReportsProgress) {
  for (int i = 0; i < 200; ++i) folder.write("train/a/" + std::to_string(i), png(i));
  std::vector<int64_t> seen;
  open(3, [&](int64_t done, int64_t total) {
    EXPECT_EQ(total, 200);
    seen.push_back(done);
  });
  EXPECT_EQ(seen.front(), 0);
  EXPECT_EQ(seen.back(), 200);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_F(ImageFolder, MissingFolder) {
  std::string expected = path("train") + ": no such folder; check the path in the model's `data` "
                                         "section and --data DIR, where relative paths start";
  EXPECT_EQ(error(), expected);
  EXPECT_EQ(errorOf([&] { countSamples(reader, folder.path); }), expected);
}

TEST_F(ImageFolder, FileInsteadOfAFolder) {
  folder.write("train", "x");
  EXPECT_EQ(error(), path("train") + ": expected a folder, found a file");
}

TEST_F(ImageFolder, NoClassFolders) {
  folder.write("train/1.png", png(1));
  EXPECT_EQ(error(), path("train") + ": no class folders in it; image_folder expects one folder a "
                                     "class with the images in it");
}

TEST_F(ImageFolder, EmptyClass) {
  folder.write("train/a/1.png", png(1));
  folder.write("train/b/.hidden", "");
  EXPECT_EQ(error(), path("train/b") + ": the class folder is empty; put images into it or remove "
                                       "it");
}

TEST_F(ImageFolder, FolderInAClass) {
  folder.write("train/a/sub/1.png", png(1));
  EXPECT_EQ(error(), path("train/a/sub") +
                         ": expected an image file in a class folder, found a folder; image_folder "
                         "takes one level of class folders with images in them");
}

TEST_F(ImageFolder, PipeInAClassDoesNotHang) {
  folder.write("train/a/1.png", png(1));
  ASSERT_EQ(mkfifo(path("train/a/pipe").c_str(), 0600), 0);
  EXPECT_EQ(error(), path("train/a/pipe") +
                         ": expected an image file in a class folder, found no regular file; "
                         "image_folder takes one level of class folders with images in them");
}

TEST_F(ImageFolder, DanglingLinkInAClass) {
  std::filesystem::create_directories(folder / "train/a");
  std::filesystem::create_symlink("nowhere", folder / "train/a/link.png");
  EXPECT_EQ(error().substr(0, path("train/a/link.png: expected").size()),
            path("train/a/link.png: expected"));
}

TEST_F(ImageFolder, TheFirstBrokenFileIsNamedOnAnyNumberOfThreads) {
  for (int i = 100; i < 400; ++i) folder.write("train/a/" + std::to_string(i), png(i));
  folder.write("train/a/397", "broken");
  folder.write("train/a/231", png(1).substr(0, 60));
  folder.write("train/a/232", "");
  for (int threads : {1, 2, 3, 8})
    for (int repeat = 0; repeat < 5; ++repeat)
      ASSERT_EQ(error(threads), path("train/a/231") +
                                    ": broken PNG image: the file ends too soon; replace or "
                                    "remove the file");
}

TEST_F(ImageFolder, OtherSizeSaysBoth) {
  folder.write("train/a/1.png", pngFile(5, 4, testPixels(60, 1)));
  EXPECT_EQ(error(), path("train/a/1.png") +
                         ": the image is 4 x 5 pixels (width x height), but the model's input is "
                         "5 x 4; give the reader `resize: true`, or change the model's input shape");
}

TEST_F(ImageFolder, ModelWithOtherInputsOrTargets) {
  folder.write("train/a/1.png", png(1));
  NnccTensor tensors[3] = {columns.image(), {"label", NNCC_U8, 0, nullptr}, columns.image()};
  EXPECT_EQ(errorOf([&] { openDataset(reader, folder.path, {tensors, 2}, 1); }),
            "image_folder gives class labels, i32 [], but the model's target 'label' is u8 []");
  EXPECT_EQ(errorOf([&] { openDataset(reader, folder.path, {tensors, 3}, 1); }),
            "image_folder gives an image and its class, but the model has 3 inputs and targets");
  int64_t shape[] = {10};
  NnccTensor row{"x", NNCC_F32, 1, shape};
  EXPECT_EQ(errorOf([&] { openDataset(reader, folder.path, {&row, 1}, 1); }),
            "image_folder gives images of bytes, u8 [height, width, 1 or 3], but the model's "
            "input 'x' is f32 [10]");
}

TEST_F(ImageFolder, PathIsMissing) {
  Component none("image_folder", {});
  EXPECT_EQ(errorOf([&] { openDataset(none, folder.path, columns, 1); }),
            "image_folder: the option `path` is missing in the model's `data` section");
}

TEST(Reader, UnknownKindNamesTheKnownOnes) {
  ImageColumns columns(4, 5, 3);
  Component other("sound_folder", {{"path", "x"}});
  EXPECT_EQ(errorOf([&] { openDataset(other, ".", columns, 1); }),
            "unknown reader 'sound_folder'; there are: cifar10_binary, csv, frame_folder, idx, "
            "image_folder, npy, npz, pairs, sequence_csv, series, ts");
  EXPECT_EQ(errorOf([&] { openDataset(NnccComponent{}, ".", columns, 1); }),
            "the model's `data` section names no reader for this part");
}

}  // namespace
