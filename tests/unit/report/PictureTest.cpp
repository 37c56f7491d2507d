#include "report/Picture.h"

#include <gtest/gtest.h>
#include <png.h>

#include <vector>

#include "../data/TemporaryFolder.h"
#include "error.h"

namespace {

using namespace nncc::report;

// Bytes of the picture as libpng reads it back.
std::vector<unsigned char> pixelsOf(const Picture &picture) {
  TemporaryFolder folder;
  picture.writePng(folder / "p.png");
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_TRUE(png_image_begin_read_from_file(&image, (folder / "p.png").c_str()));
  image.format = PNG_FORMAT_RGB;
  std::vector<unsigned char> pixels(PNG_IMAGE_SIZE(image));
  EXPECT_TRUE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr));
  EXPECT_EQ(static_cast<int>(image.width), picture.width());
  return pixels;
}

TEST(Picture, FillsWhatIsInsideOfIt) {
  Picture picture(4, 3, grey(9));
  picture.fill(2, 1, 5, 5, {1, 2, 3});
  picture.fill(-3, -3, 4, 4, {7, 7, 7});
  picture.fill(4, 0, 1, 3, grey(0));
  std::vector<unsigned char> expected(36, 9);
  for (int pixel : {6, 7, 10, 11})
    for (unsigned char c : {0, 1, 2}) expected[static_cast<size_t>(3 * pixel + c)] = c + 1;
  for (size_t i : {0, 1, 2}) expected[i] = 7;
  EXPECT_EQ(pixelsOf(picture), expected);
}

TEST(Picture, WritesLettersPointByPoint) {
  Picture picture(12, 9, grey(255));
  picture.text(0, 0, "L\x80", 1, grey(0));
  std::vector<unsigned char> pixels = pixelsOf(picture);
  auto dark = [&](int x, int y) { return pixels[static_cast<size_t>(3 * (12 * y + x))] == 0; };
  for (int y = 0; y < 9; ++y)
    for (int x = 0; x < 6; ++x) EXPECT_EQ(dark(x, y), y < 7 && (x == 0 || (y == 6 && x < 5))) << x << " " << y;
  EXPECT_TRUE(dark(6 + 2, 6));  // the point of the '?' that stands for what is no ASCII
  EXPECT_EQ(Picture::textWidth("ab", 2), 24);
}

TEST(Picture, SaysWhereItCannotBeWritten) {
  Picture picture(1, 1, grey(0));
  EXPECT_THROW(picture.writePng("/nowhere/at/all.png"), nncc::UserError);
}

}  // namespace
