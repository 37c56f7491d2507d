#include "data/ImageFile.h"

#include <gtest/gtest.h>
#include <png.h>

#include <cmath>
#include <cstring>

#include "Files.h"
#include "PillowImage.h"
#include "TemporaryFolder.h"

using namespace nncc::data;

namespace {

class ImageFile : public testing::Test {
 protected:
  Bytes decode(const std::string &file, int64_t height, int64_t width, int64_t channels) {
    ImageColumns columns(height, width, channels);
    std::vector<std::byte> image = decodeImage(folder.write("image", file), columns.image());
    auto *data = reinterpret_cast<const uint8_t *>(image.data());
    return {data, data + image.size()};
  }

  // The error without the folder's name.
  std::string errorFor(const std::string &file, int64_t height = 4, int64_t width = 4,
                       int64_t channels = 3) {
    std::string text = errorOf([&] { decode(file, height, width, channels); });
    std::string prefix = (folder / "image").string() + ": ";
    EXPECT_EQ(text.substr(0, prefix.size()), prefix);
    return text.substr(std::min(prefix.size(), text.size()));
  }

  TemporaryFolder folder;
};

uint8_t luma(int r, int g, int b) { return std::lround(0.299 * r + 0.587 * g + 0.114 * b); }

Bytes repeated(const Bytes &grey) {
  Bytes rgb;
  for (uint8_t value : grey) rgb.insert(rgb.end(), 3, value);
  return rgb;
}

TEST_F(ImageFile, JpegHasTheBytesThatPillowSees) {
  std::string file(pillow::jpeg.begin(), pillow::jpeg.end());
  EXPECT_EQ(decode(file, 8, 12, 3), pillow::rgb);
  EXPECT_EQ(decode(file, 8, 12, 1), pillow::grey);
}

TEST_F(ImageFile, JpegColoursAndGrey) {
  Bytes red;
  for (int i = 0; i < 16 * 16; ++i) red.insert(red.end(), {200, 30, 60});
  for (bool progressive : {false, true}) {
    std::string file = jpegFile(16, 16, 3, red, 100, progressive);
    Bytes decoded = decode(file, 16, 16, 3), grey = decode(file, 16, 16, 1);
    for (int i = 0; i < 16 * 16; ++i) {
      ASSERT_NEAR(decoded[3 * i], 200, 2);
      ASSERT_NEAR(decoded[3 * i + 1], 30, 2);
      ASSERT_NEAR(decoded[3 * i + 2], 60, 2);
      ASSERT_NEAR(grey[i], luma(200, 30, 60), 2);
    }
  }
}

TEST_F(ImageFile, GreyJpegBecomesThreeEqualChannels) {
  Bytes ramp;
  for (int i = 0; i < 64; ++i) ramp.push_back(i * 3);
  std::string file = jpegFile(8, 8, 1, ramp);
  Bytes grey = decode(file, 8, 8, 1);
  for (int i = 0; i < 64; ++i) EXPECT_NEAR(grey[i], ramp[i], 3);
  EXPECT_EQ(decode(file, 8, 8, 3), repeated(grey));
}

TEST_F(ImageFile, PngColours) {
  Bytes rgb = testPixels(5 * 7 * 3, 1);
  EXPECT_EQ(decode(pngFile(5, 7, rgb), 5, 7, 3), rgb);
  EXPECT_EQ(decode(pngFile(5, 7, rgb, {.colourType = PNG_COLOR_TYPE_RGB, .interlaced = true}), 5,
                   7, 3),
            rgb);
  Bytes grey;
  for (size_t i = 0; i < rgb.size(); i += 3)
    grey.push_back(luma(rgb[i], rgb[i + 1], rgb[i + 2]));
  EXPECT_EQ(decode(pngFile(5, 7, rgb), 5, 7, 1), grey);
}

TEST_F(ImageFile, PngGrey) {
  Bytes grey = testPixels(5 * 7, 2);
  std::string file = pngFile(5, 7, grey, {.colourType = PNG_COLOR_TYPE_GRAY});
  EXPECT_EQ(decode(file, 5, 7, 1), grey);
  EXPECT_EQ(decode(file, 5, 7, 3), repeated(grey));
}

TEST_F(ImageFile, PngOfOneBit) {
  std::string file = pngFile(2, 8, {0b10110000, 0b00000001},
                             {.colourType = PNG_COLOR_TYPE_GRAY, .bits = 1});
  Bytes grey = {255, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255};
  EXPECT_EQ(decode(file, 2, 8, 1), grey);
  EXPECT_EQ(decode(file, 2, 8, 3), repeated(grey));
}

TEST_F(ImageFile, PngOfSixteenBitsIsScaled) {
  std::string file = pngFile(1, 3, {0x00, 0x00, 0x80, 0x80, 0xFF, 0xFF},
                             {.colourType = PNG_COLOR_TYPE_GRAY, .bits = 16});
  EXPECT_EQ(decode(file, 1, 3, 1), (Bytes{0, 128, 255}));
}

TEST_F(ImageFile, PngAlphaIsDropped) {
  Bytes rgba = testPixels(4 * 4 * 4, 3), rgb;
  for (size_t i = 0; i < rgba.size(); ++i)
    if (i % 4 != 3) rgb.push_back(rgba[i]);
  EXPECT_EQ(decode(pngFile(4, 4, rgba, {.colourType = PNG_COLOR_TYPE_RGB_ALPHA}), 4, 4, 3), rgb);
  Bytes greyAlpha = {10, 0, 20, 128, 30, 255, 40, 1};
  EXPECT_EQ(decode(pngFile(2, 2, greyAlpha, {.colourType = PNG_COLOR_TYPE_GRAY_ALPHA}), 2, 2, 1),
            (Bytes{10, 20, 30, 40}));
}

TEST_F(ImageFile, PngPaletteIsLookedUp) {
  PngOptions options{.colourType = PNG_COLOR_TYPE_PALETTE,
                     .palette = {{{255, 0, 0}}, {{0, 200, 0}}, {{1, 2, 3}}}};
  for (bool transparent : {false, true}) {
    if (transparent) options.paletteAlpha = {0, 128};
    std::string file = pngFile(1, 4, {0, 2, 1, 0}, options);
    EXPECT_EQ(decode(file, 1, 4, 3), (Bytes{255, 0, 0, 1, 2, 3, 0, 200, 0, 255, 0, 0}));
    EXPECT_EQ(decode(file, 1, 4, 1),
              (Bytes{luma(255, 0, 0), luma(1, 2, 3), luma(0, 200, 0), luma(255, 0, 0)}));
  }
}

TEST_F(ImageFile, InputOfRankTwoIsGrey) {
  int64_t shape[] = {2, 2};
  NnccTensor input{"digits", NNCC_U8, 2, shape};
  Bytes grey = {1, 2, 3, 4};
  auto file = folder.write("a.png", pngFile(2, 2, grey, {.colourType = PNG_COLOR_TYPE_GRAY}));
  std::vector<std::byte> image = decodeImage(file, input);
  ASSERT_EQ(image.size(), 4u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(std::to_integer<uint8_t>(image[i]), grey[i]);
}

// Readers of other files have no option that an image could be resized by.
TEST_F(ImageFile, OtherSizeSaysBoth) {
  std::string expected = "the image is 7 x 5 pixels (width x height), but the model's input is "
                         "4 x 6; expected an image of that size";
  EXPECT_EQ(errorFor(pngFile(5, 7, testPixels(5 * 7 * 3, 1)), 6, 4), expected);
  EXPECT_EQ(errorFor(jpegFile(5, 7, 3, testPixels(5 * 7 * 3, 1)), 6, 4), expected);
}

TEST_F(ImageFile, NoImage) {
  EXPECT_EQ(errorFor(""), "the file is empty");
  EXPECT_EQ(errorFor("hello"), "neither a JPEG nor a PNG, PGM or PPM image; convert it or remove it");
  EXPECT_EQ(errorFor("\xFF"), "neither a JPEG nor a PNG, PGM or PPM image; convert it or remove it");
  EXPECT_EQ(errorFor("GIF89a........."),
            "neither a JPEG nor a PNG, PGM or PPM image; convert it or remove it");
}

TEST_F(ImageFile, CmykIsRefused) {
  EXPECT_EQ(errorFor(jpegFile(4, 4, 4, testPixels(64, 1))),
            "broken JPEG image: its colours are CMYK, expected RGB or grey; replace or remove the "
            "file");
}

TEST_F(ImageFile, EveryCutIsAnError) {
  for (const std::string &file :
       {jpegFile(16, 16, 3, testPixels(16 * 16 * 3, 4)),
        jpegFile(16, 16, 3, testPixels(16 * 16 * 3, 4), 90, true),
        pngFile(16, 16, testPixels(16 * 16 * 3, 4)),
        pngFile(16, 16, testPixels(16 * 16 * 3, 4),
                {.colourType = PNG_COLOR_TYPE_RGB, .interlaced = true})})
    for (size_t length = 8; length < file.size(); ++length)
      ASSERT_EQ(errorFor(file.substr(0, length), 16, 16).substr(0, 7), "broken ")
          << "cut to " << length << " of " << file.size();
}

TEST_F(ImageFile, CutFileSaysWhatIsWrong) {
  std::string jpeg = jpegFile(16, 16, 3, testPixels(16 * 16 * 3, 4));
  EXPECT_EQ(errorFor(jpeg.substr(0, jpeg.size() - 40), 16, 16),
            "broken JPEG image: Premature end of JPEG file; replace or remove the file");
  std::string png = pngFile(16, 16, testPixels(16 * 16 * 3, 4));
  EXPECT_EQ(errorFor(png.substr(0, png.size() - 40), 16, 16),
            "broken PNG image: the file ends too soon; replace or remove the file");
}

TEST_F(ImageFile, ChangedBytesInAPngAreFound) {
  const std::string png = pngFile(8, 8, testPixels(8 * 8 * 3, 5));
  size_t data = png.find("IDAT"), end = png.find("IEND") - 4;
  for (size_t i = data + 4; i < end; ++i) {
    std::string changed = png;
    changed[i] ^= 0x10;
    ASSERT_EQ(errorFor(changed, 8, 8).substr(0, 18), "broken PNG image: ") << i;
  }
}

// Whatever the bytes: pixels or a UserError, and the decoder still works after it.
TEST_F(ImageFile, DamageNeverCrashes) {
  Bytes pixels = testPixels(16 * 16 * 3, 6);
  std::string good = pngFile(16, 16, pixels);
  ImageColumns columns(16, 16, 3);
  ImageDecoder decoder(columns.image());
  std::vector<std::byte> image(16 * 16 * 3);
  int errors = 0, decoded = 0;
  for (const std::string &file : {jpegFile(16, 16, 3, pixels, 80),
                                  jpegFile(16, 16, 3, pixels, 80, true), good})
    for (uint32_t round = 0; round < 400; ++round) {
      std::string damaged = file;
      Bytes noise = testPixels(6, round);
      for (int i = 0; i < 3; ++i)
        damaged[(noise[i] * 251 + noise[i + 3]) % damaged.size()] = noise[i + 2];
      auto path = folder.write("damaged", damaged);
      (errorOf([&] { decoder.decode(path, image.data()); }) == "no error" ? decoded : errors)++;
    }
  EXPECT_GT(errors, 400);
  EXPECT_GT(decoded, 10);
  decoder.decode(folder.write("good", good), image.data());
  EXPECT_EQ(std::memcmp(image.data(), pixels.data(), pixels.size()), 0);
}

TEST_F(ImageFile, MissingFileAndFolder) {
  ImageColumns columns(4, 4, 3);
  EXPECT_EQ(errorOf([&] { decodeImage(folder / "no.jpg", columns.image()); }),
            (folder / "no.jpg").string() + ": can't open the file: No such file or directory");
  EXPECT_EQ(errorOf([&] { decodeImage(folder.path, columns.image()); }),
            folder.path.string() + ": not a regular file");
}

TEST_F(ImageFile, ModelThatTakesNoImages) {
  int64_t shape[] = {4, 4, 2};
  NnccTensor input{"input", NNCC_U8, 3, shape};
  EXPECT_EQ(errorOf([&] { decodeImage("x.png", input); }),
            "predict gives images of bytes, u8 [height, width, 1 or 3], but the model's input "
            "'input' is u8 [4, 4, 2]");
}

}  // namespace
