#include <gtest/gtest.h>

#include <filesystem>

#include "Files.h"
#include "TemporaryFolder.h"
#include "data/Reader.h"

using namespace nncc::data;

namespace {

constexpr int pixels = 32 * 32;

std::string record(int label, uint32_t seed) {
  Bytes planes = testPixels(3 * pixels, seed);
  return std::string(1, static_cast<char>(label)) + std::string(planes.begin(), planes.end());
}

Bytes image(uint32_t seed) {
  Bytes planes = testPixels(3 * pixels, seed), interleaved;
  for (int i = 0; i < pixels; ++i)
    for (int c = 0; c < 3; ++c) interleaved.push_back(planes[c * pixels + i]);
  return interleaved;
}

class Cifar10Binary : public testing::Test {
 protected:
  using Options = std::vector<std::pair<std::string, std::string>>;
  Dataset open(Options options, int threads = 2) {
    return openDataset(Component("cifar10_binary", options), folder.path, columns, threads);
  }
  std::string error(Options options) { return errorOf([&] { open(options); }); }
  std::string path(const std::string &name) { return (folder / name).string(); }

  TemporaryFolder folder;
  ImageColumns columns{32, 32, 3};
};

TEST_F(Cifar10Binary, PlanesBecomePixels) {
  folder.write("one.bin", record(7, 1) + record(0, 2));
  Dataset dataset = open({{"path", "one.bin"}});
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(labelOf(dataset, 0), 7);
  EXPECT_EQ(labelOf(dataset, 1), 0);
  EXPECT_EQ(sampleOf(dataset, 0), image(1));
  EXPECT_EQ(sampleOf(dataset, 1), image(2));
  EXPECT_EQ(dataset.fileName(0), "");
  EXPECT_EQ(countSamples(Component("cifar10_binary", {{"path", "one.bin"}}), folder.path), 2);
}

TEST_F(Cifar10Binary, FilesOfAFolderInByteOrderOnAnyNumberOfThreads) {
  std::string first, second;
  for (int i = 0; i < 130; ++i) first += record(i % 10, i);
  for (int i = 0; i < 7; ++i) second += record(9 - i, 1000 + i);
  folder.write("batches/data_batch_1.bin", first);
  folder.write("batches/data_batch_10.bin", second);
  folder.write("batches/data_batch_2.bin", record(4, 5000));
  folder.write("batches/readme.html", "not read");
  for (int threads : {1, 2, 3}) {
    Dataset dataset = open({{"path", "batches"}}, threads);
    ASSERT_EQ(dataset.size(), 138);
    for (int i = 0; i < 138; ++i) {
      uint32_t seed = i < 130 ? i : i < 137 ? 1000 + i - 130 : 5000;
      ASSERT_EQ(sampleOf(dataset, i), image(seed));
      ASSERT_EQ(labelOf(dataset, i), i < 130 ? i % 10 : i < 137 ? 139 - i : 4);
    }
    EXPECT_EQ(dataset.bytes() - 138 * 3076 < 500, true);
  }
}

TEST_F(Cifar10Binary, TrainAndTestBatchesAreToldApart) {
  folder.write("b/data_batch_1.bin", record(1, 1) + record(2, 2));
  folder.write("b/test_batch.bin", record(3, 3));
  EXPECT_EQ(error({{"path", "b"}}),
            path("b") + ": holds training and test batches; say in the path which are meant: "
                        "b/data_batch_*.bin or b/test_batch.bin");
  EXPECT_EQ(open({{"path", "b/data_batch_*.bin"}}).size(), 2);
  EXPECT_EQ(labelOf(open({{"path", "b/test_batch.bi?"}}), 0), 3);
  EXPECT_EQ(open({{"path", "b"}, {"files", "data_batch_*.bin"}}).size(), 2);
  EXPECT_EQ(labelOf(open({{"path", "b"}, {"files", "test_batch.bin"}}), 0), 3);
  EXPECT_EQ(open({{"path", "b/test_batch.bin"}}).size(), 1);
  EXPECT_EQ(error({{"path", "b"}, {"files", "*.dat"}}),
            path("b") + ": no file in it matches *.dat; cifar10_binary expects CIFAR-10's .bin "
                        "files");
  EXPECT_EQ(error({{"path", "b/none*"}}),
            path("b") + ": no file in it matches none*; cifar10_binary expects CIFAR-10's .bin "
                        "files");
  EXPECT_EQ(error({{"path", "c/*.bin"}}).substr(0, path("c: no such folder").size()),
            path("c: no such folder"));
  folder.write("odd*/x.bin", record(5, 5));
  EXPECT_EQ(labelOf(open({{"path", "odd*"}}), 0), 5);
}

TEST_F(Cifar10Binary, ClassNames) {
  folder.write("b/x.bin", record(1, 1));
  EXPECT_EQ(open({{"path", "b"}}).classNames(),
            (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
  folder.write("b/batches.meta.txt", "a\nb\nc\nd\r\ne\nf\ng\nh\ni\nj j\n\n");
  EXPECT_EQ(open({{"path", "b/x.bin"}}).classNames(),
            (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j j"}));
  folder.write("b/batches.meta.txt", "a\nb\n");
  EXPECT_EQ(error({{"path", "b"}}), path("b/batches.meta.txt") +
                                        ": found 2 class names, expected 10, one a line");
  folder.write("b/batches.meta.txt", std::string(5000, 'x'));
  EXPECT_EQ(error({{"path", "b"}}),
            path("b/batches.meta.txt") + ": too long for a list of 10 class names");
}

TEST_F(Cifar10Binary, NoWholeNumberOfRecords) {
  folder.write("b/1.bin", record(1, 1));
  folder.write("b/2.bin", record(1, 1) + record(2, 2).substr(1));
  EXPECT_EQ(error({{"path", "b"}}),
            path("b/2.bin") + ": 6145 bytes are no whole number of CIFAR-10 records of 3073 bytes; "
                              "the file is cut short or of another format: fetch it again");
  folder.write("b/2.bin", "");
  EXPECT_EQ(error({{"path", "b"}}).substr(path("b/2.bin").size()),
            ": 0 bytes are no whole number of CIFAR-10 records of 3073 bytes; the file is cut "
            "short or of another format: fetch it again");
}

TEST_F(Cifar10Binary, LabelOutOfRange) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += record(i == 70 ? 10 : i == 80 ? 255 : i % 10, i);
  folder.write("b/1.bin", record(0, 1));
  folder.write("b/2.bin", bytes);
  for (int threads : {1, 2, 3})
    EXPECT_EQ(errorOf([&] { open({{"path", "b"}}, threads); }),
              path("b/2.bin") + ": record 70 has label 10, expected 0 to 9; the file is damaged or "
                                "of another format");
}

TEST_F(Cifar10Binary, MissingOrEmptyFolder) {
  EXPECT_EQ(error({{"path", "b"}}).substr(0, path("b: no such folder").size()),
            path("b: no such folder"));
  std::filesystem::create_directory(folder / "b");
  EXPECT_EQ(error({{"path", "b"}}),
            path("b") + ": no file in it matches *.bin; cifar10_binary expects CIFAR-10's .bin "
                        "files");
}

TEST_F(Cifar10Binary, ModelOfAnotherShape) {
  folder.write("x.bin", record(1, 1));
  ImageColumns grey(32, 32, 1);
  EXPECT_EQ(errorOf([&] {
              openDataset(Component("cifar10_binary", {{"path", "x.bin"}}), folder.path, grey, 1);
            }),
            path("x.bin") + ": CIFAR-10's images are [32, 32, 3], but the model's input 'input' is "
                            "[32, 32, 1]; change the model's input shape");
}

}  // namespace
