// benchmarks/reencode.cpp as its users call it.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "Files.h"
#include "TemporaryFolder.h"
#include "data/ImageFile.h"

namespace {

constexpr int height = 24, width = 40;

class Reencode : public testing::Test {
 protected:
  // Exit status; what was said is in the file `log`.
  int run(const std::string &from, const std::string &to, const std::string &options = "") {
    std::string command = std::string(NNCC_REENCODE) + " " + (folder / from).string() + " " +
                          (folder / to).string() + " " + options + " >" +
                          (folder / "log").string() + " 2>&1";
    int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string log() const { return TemporaryFolder::read(folder / "log"); }

  Bytes decode(const std::string &file, int64_t channels) {
    int64_t shape[] = {height, width, channels};
    Bytes pixels(height * width * channels);
    nncc::data::ImageDecoder({"image", NNCC_U8, 3, shape})
        .decode(folder / file, reinterpret_cast<std::byte *>(pixels.data()));
    return pixels;
  }

  // The tables (DQT segments) that an encoder chose.
  std::string tables(const std::string &file) {
    std::string bytes = TemporaryFolder::read(folder / file), result;
    for (size_t i = 2; i + 4 < bytes.size() && bytes[i] == '\xff' && bytes[i + 1] != '\xda';) {
      size_t length = static_cast<uint8_t>(bytes[i + 2]) * 256 + static_cast<uint8_t>(bytes[i + 3]);
      if (bytes[i + 1] == '\xdb') result += bytes.substr(i, 2 + length);
      i += 2 + length;
    }
    return result;
  }

  TemporaryFolder folder;
};

// A plain double sum over two dimensions, edges repeated.
double blurred(const Bytes &image, int channels, int y, int x, int c, double deviation) {
  int radius = static_cast<int>(std::ceil(3 * deviation));
  double sum = 0, weights = 0;
  for (int dy = -radius; dy <= radius; ++dy)
    for (int dx = -radius; dx <= radius; ++dx) {
      double weight = std::exp(-(dy * dy + dx * dx) / (2 * deviation * deviation));
      int row = std::clamp(y + dy, 0, height - 1), column = std::clamp(x + dx, 0, width - 1);
      sum += weight * image[(row * width + column) * channels + c];
      weights += weight;
    }
  return sum / weights;
}

TEST_F(Reencode, BlursAsAGaussian) {
  folder.write("in/a/grey.jpg", jpegFile(height, width, 1, testPixels(height * width, 1)));
  folder.write("in/b/rgb.jpeg", jpegFile(height, width, 3, testPixels(height * width * 3, 2)));
  ASSERT_EQ(run("in", "out", "--blur 1.5 --quality 100"), 0) << log();
  // RGB loses more: its colours are stored at half the size.
  for (auto [name, channels, most] : {std::tuple("a/grey.jpg", 1, 2.5), {"b/rgb.jpeg", 3, 16.0}}) {
    Bytes before = decode(std::string("in/") + name, channels);
    Bytes after = decode(std::string("out/") + name, channels);
    double sum = 0;
    for (int i = 0; i < height * width * channels; ++i) {
      double exact = blurred(before, channels, i / channels / width, i / channels % width,
                             i % channels, 1.5);
      ASSERT_NEAR(after[i], exact, most) << name << " at " << i;
      sum += std::abs(after[i] - exact);
    }
    EXPECT_LT(sum / (height * width * channels), most / 4);
  }
}

TEST_F(Reencode, MakesAllFilesAlike) {
  folder.write("in/a/1.jpg", jpegFile(height, width, 3, testPixels(height * width * 3, 1), 30));
  folder.write("in/b/2.jpg", jpegFile(height, width, 3, testPixels(height * width * 3, 2), 95, true));
  ASSERT_NE(tables("in/a/1.jpg"), tables("in/b/2.jpg"));
  ASSERT_EQ(run("in", "first", "--quality 60"), 0) << log();
  EXPECT_FALSE(tables("first/a/1.jpg").empty());
  EXPECT_EQ(tables("first/a/1.jpg"), tables("first/b/2.jpg"));
  ASSERT_EQ(run("in", "second", "--quality 60"), 0) << log();
  for (const char *name : {"/a/1.jpg", "/b/2.jpg"})
    EXPECT_EQ(TemporaryFolder::read(folder.path.string() + "/first" + name),
              TemporaryFolder::read(folder.path.string() + "/second" + name));
}

TEST_F(Reencode, NamesMistakes) {
  std::string whole = jpegFile(height, width, 3, testPixels(height * width * 3, 1));
  folder.write("cut/1.jpg", whole.substr(0, whole.size() / 2));
  folder.write("text/notes.txt", "no image");
  folder.write("good/1.jpg", whole);
  EXPECT_EQ(run("cut", "out"), 1);
  EXPECT_NE(log().find("cut/1.jpg: "), std::string::npos) << log();
  EXPECT_EQ(run("text", "out"), 1);
  EXPECT_NE(log().find("text/notes.txt: Not a JPEG file"), std::string::npos) << log();
  EXPECT_EQ(run("nowhere", "out"), 1);
  EXPECT_NE(log().find("nowhere: not found"), std::string::npos) << log();
  EXPECT_EQ(run("good", "text"), 1);
  EXPECT_NE(log().find("text: is there already"), std::string::npos) << log();
  EXPECT_EQ(run("good", "out", "--blur lots"), 2);
  EXPECT_NE(log().find("--blur is 'lots'"), std::string::npos) << log();
  EXPECT_EQ(run("good", "out", "--help"), 2);
}

}  // namespace
