// Against Pillow, which made the fixtures.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "Fixtures.h"
#include "data/Resize.h"

using namespace nncc::data;

namespace {

Bytes decoded(const std::string &file, std::vector<int64_t> shape, const NnccComponent &reader = {}) {
  Column input("input", NNCC_U8, std::move(shape));
  std::vector<std::byte> bytes = decodeImage(file, input.tensor, reader);
  auto *data = reinterpret_cast<const uint8_t *>(bytes.data());
  return {data, data + bytes.size()};
}

int largestDifference(const Bytes &a, const Bytes &b) {
  int largest = a.size() == b.size() ? 0 : 1000;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

void expectLikePillow(const char *expected, std::vector<int64_t> shape, const char *resize,
                      const char *fit, const char *source = "source.png") {
  Component reader("image_folder", {{"path", "x"}, {"resize", resize}, {"fit", fit}});
  Bytes wanted = decoded(fixture(expected), shape), found = decoded(fixture(source), shape, reader);
  EXPECT_LE(largestDifference(wanted, found), 1) << expected;
  EXPECT_GT(*std::max_element(wanted.begin(), wanted.end()), 100) << expected;
}

TEST(Resize, Larger) { expectLikePillow("up.png", {35, 46, 3}, "true", "stretch"); }
TEST(Resize, Smaller) { expectLikePillow("down.png", {7, 9, 3}, "bilinear", "stretch"); }
TEST(Resize, OneDirection) { expectLikePillow("lower.png", {5, 29, 3}, "true", "stretch"); }
TEST(Resize, Grey) {
  expectLikePillow("grey-resized.png", {6, 40}, "true", "stretch", "grey.png");
  expectLikePillow("grey-resized.png", {6, 40, 1}, "true", "stretch", "grey.pgm");
}
TEST(Resize, Nearest) { expectLikePillow("nearest.png", {10, 20, 3}, "nearest", "stretch"); }
TEST(Resize, Crop) { expectLikePillow("crop.png", {12, 12, 3}, "true", "crop"); }
TEST(Resize, Pad) { expectLikePillow("pad.png", {14, 14, 3}, "true", "pad"); }

TEST(Resize, FlatStaysFlat) {
  Resizer resizer;
  for (int value : {0, 1, 77, 254, 255})
    for (ImageSize to : {ImageSize{5, 7, 3}, {100, 3, 3}, {1, 1, 3}, {64, 64, 3}}) {
      Bytes from(13 * 31 * 3, value), image(to.height * to.width * 3, 99);
      resizer.resize(reinterpret_cast<std::byte *>(from.data()), {13, 31, 3},
                     reinterpret_cast<std::byte *>(image.data()), to, {Resizing::Bilinear});
      EXPECT_EQ(image, Bytes(image.size(), value)) << to.height << " x " << to.width;
    }
}

TEST(Resize, OnePixelAndExtremeShapes) {
  Resizer resizer;
  for (auto fit : {Resizing::Stretch, Resizing::Crop, Resizing::Pad})
    for (ImageSize size : {ImageSize{1, 1, 1}, {1, 500, 1}, {500, 1, 1}, {2, 3, 1}}) {
      Bytes from(size.height * size.width, 200), image(9 * 4, 0);
      resizer.resize(reinterpret_cast<std::byte *>(from.data()), size,
                     reinterpret_cast<std::byte *>(image.data()), {9, 4, 1},
                     {Resizing::Bilinear, fit});
      EXPECT_EQ(*std::max_element(image.begin(), image.end()), 200);
    }
}

TEST(Pnm, LikePillow) {
  EXPECT_EQ(decoded(fixture("source.ppm"), {17, 29, 3}), decoded(fixture("source.png"), {17, 29, 3}));
  EXPECT_EQ(decoded(fixture("grey.pgm"), {17, 29}), decoded(fixture("grey.png"), {17, 29}));
  EXPECT_EQ(decoded(fixture("grey-text.pgm"), {17, 29}), decoded(fixture("grey.png"), {17, 29}));
  // Grey to colours, and colours to grey by the weights that Pillow has.
  EXPECT_EQ(decoded(fixture("grey.pgm"), {17, 29, 3}), decoded(fixture("grey.png"), {17, 29, 3}));
  EXPECT_EQ(decoded(fixture("source.ppm"), {17, 29}), decoded(fixture("grey.png"), {17, 29}));
}

class PnmErrors : public testing::Test {
 protected:
  std::string error(const std::string &bytes) {
    std::string file = folder.write("x.pgm", bytes).string();
    std::string text = errorOf([&] { decoded(file, {2, 3}); });
    return text.starts_with(file + ": ") ? text.substr(file.size() + 2) : "elsewhere: " + text;
  }
  TemporaryFolder folder;
};

TEST_F(PnmErrors, AllOfThem) {
  std::string broken = "broken PGM or PPM image: ", end = "; replace or remove the file";
  EXPECT_EQ(error("P5 3 2 255 abcdef"), "elsewhere: no error");
  EXPECT_EQ(error("P5 3 2 255 abcde"), broken + "the file ends too soon" + end);
  EXPECT_EQ(error("P5 3 2"), broken + "its header has no width, height and largest value" + end);
  EXPECT_EQ(error("P5 3 x 255 abcdef"), broken + "its header has no width, height and largest value" + end);
  EXPECT_EQ(error("P5 3 2 65536 abcdef"), broken + "its largest value is not within 1 to 65535" + end);
  EXPECT_EQ(error("P2 3 2 9 1 2 3 4 5"), broken + "the file ends too soon" + end);
  EXPECT_EQ(error("P2 3 2 9 1 2 3 4 5 x"), broken + "a value is no number" + end);
  EXPECT_EQ(error("P2 3 2 9 1 2 3 4 5 10"), broken + "a value is larger than its header says" + end);
  EXPECT_EQ(error("P5 3 3 255 abcdefghi").substr(0, 40), "the image is 3 x 3 pixels (width x heigh");
  EXPECT_EQ(error("P4 3 2 255 abcdef"),
            "neither a JPEG nor a PNG, PGM or PPM image; convert it or remove it");
}

TEST(Pnm, OtherLargestValuesAreScaled) {
  TemporaryFolder folder;
  EXPECT_EQ(decoded(folder.write("a", "P2 3 1 15 0 7 15"), {1, 3}), (Bytes{0, 119, 255}));
  EXPECT_EQ(decoded(folder.write("b", std::string("P5 2 1 65535\n\x80\0\xFF\xFF", 17)), {1, 2}),
            (Bytes{128, 255}));
}

}  // namespace
