#include "data/Resample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

#include "Files.h"
#include "data/Random.h"

using namespace nncc::data;

namespace {

constexpr FillMode modes[] = {FillMode::Reflect, FillMode::Constant, FillMode::Nearest,
                              FillMode::Wrap};

// One step at a time, as Keras draws it.
int64_t naiveIndex(int64_t i, int64_t size, FillMode mode) {
  while (i < 0 || i >= size) switch (mode) {
      case FillMode::Reflect: i = i < 0 ? -1 - i : 2 * size - 1 - i; break;
      case FillMode::Constant: return -1;
      case FillMode::Nearest: i = i < 0 ? i + 1 : i - 1; break;
      case FillMode::Wrap: i = i < 0 ? i + size : i - size; break;
    }
  return i;
}

int naivePixel(const ImageShape &shape, const Fill &fill, const Bytes &image, int64_t y, int64_t x,
               int c) {
  y = naiveIndex(y, shape.height, fill.mode);
  x = naiveIndex(x, shape.width, fill.mode);
  return y < 0 || x < 0 ? fill.value : image[(y * shape.width + x) * shape.channels + c];
}

Bytes naivePlace(const ImageShape &shape, const Fill &fill, const Placement &placement,
                 const Bytes &image) {
  Bytes result;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) {
        int row = y - placement.shiftY, column = x - placement.shiftX;
        if (placement.flipY) row = shape.height - 1 - row;
        if (placement.flipX) column = shape.width - 1 - column;
        result.push_back(naivePixel(shape, fill, image, row, column, c));
      }
  return result;
}

double naiveBilinear(const ImageShape &shape, const Fill &fill, const Bytes &image, double y,
                     double x, int c) {
  double top = std::floor(y), left = std::floor(x), below = y - top, right = x - left;
  auto at = [&](int down, int aside) {
    return naivePixel(shape, fill, image, static_cast<int64_t>(top) + down,
                      static_cast<int64_t>(left) + aside, c);
  };
  return (1 - below) * ((1 - right) * at(0, 0) + right * at(0, 1)) +
         below * ((1 - right) * at(1, 0) + right * at(1, 1));
}

// Calls `use` with a result buffer that has guards around it, and returns what was written.
template <typename Use>
Bytes guarded(const ImageShape &shape, Use use) {
  constexpr size_t guard = 64;
  Bytes buffer(shape.bytes() + 2 * guard, 0xA5);
  use(buffer.data() + guard);
  for (size_t i = 0; i < guard; ++i) {
    EXPECT_EQ(buffer[i], 0xA5) << "written before the image";
    EXPECT_EQ(buffer[buffer.size() - 1 - i], 0xA5) << "written behind the image";
  }
  return {buffer.begin() + guard, buffer.end() - guard};
}

Bytes placed(const ImageShape &shape, const Fill &fill, const Placement &placement,
             const Bytes &image) {
  return guarded(shape, [&](uint8_t *to) { place(shape, fill, placement, image.data(), to); });
}

Bytes resampled(const ImageShape &shape, const Fill &fill, const Affine &map, const Bytes &image) {
  return guarded(shape, [&](uint8_t *to) { resample(shape, fill, map, image.data(), to); });
}

constexpr ImageShape shapes[] = {{1, 1, 1}, {1, 1, 3}, {1, 2, 3}, {2, 1, 3}, {5, 7, 1},
                                 {5, 7, 3}, {6, 3, 2}, {4, 9, 4}, {16, 16, 3}};

TEST(Place, IsExact) {
  for (const ImageShape &shape : shapes) {
    Bytes image = testPixels(shape.bytes(), 1);
    for (FillMode mode : modes)
      for (int flips = 0; flips < 4; ++flips)
        for (int shiftY : {0, 1, -2, 5, -30})
          for (int shiftX : {0, -1, 2, 7, -9, 40}) {
            Fill fill{mode, 77};
            Placement placement{(flips & 1) != 0, (flips & 2) != 0, shiftX, shiftY};
            ASSERT_EQ(placed(shape, fill, placement, image),
                      naivePlace(shape, fill, placement, image))
                << shape.height << "x" << shape.width << "x" << shape.channels << " mode "
                << static_cast<int>(mode) << " flips " << flips << " shift " << shiftY << ", "
                << shiftX;
          }
  }
}

TEST(Resample, WithoutTurnOrZoomIsAPlacement) {
  for (const ImageShape &shape : shapes) {
    Bytes image = testPixels(shape.bytes(), 2);
    for (FillMode mode : modes)
      for (int flips = 0; flips < 4; ++flips)
        for (int shift : {0, 1, -3, 20}) {
          Fill fill{mode, 9};
          Placement placement{(flips & 1) != 0, (flips & 2) != 0, shift, -2 * shift};
          ASSERT_EQ(resampled(shape, fill, affine(shape, placement, 0, 1), image),
                    placed(shape, fill, placement, image));
        }
  }
}

TEST(Resample, IsWithinOneLevelOfBilinearInDouble) {
  Random random(3, Purpose::Augmentation, 0);
  int64_t draw = 0;
  double worst = 0;
  for (const ImageShape &shape : {ImageShape{31, 32, 3}, ImageShape{40, 17, 1}, ImageShape{9, 9, 4},
                                  ImageShape{1, 12, 3}, ImageShape{224, 224, 3}}) {
    Bytes image = testPixels(shape.bytes(), 3);  // noise: the worst case
    for (FillMode mode : modes) {
      Fill fill{mode, 200};
      Placement placement{random.uniform(draw++) < 0.5, random.uniform(draw++) < 0.5,
                          static_cast<int32_t>(random.below(draw++, 9)) - 4,
                          static_cast<int32_t>(random.below(draw++, 9)) - 4};
      double radians = 6 * random.uniform(draw++) - 3, side = 0.2 + 1.6 * random.uniform(draw++);
      Affine map = affine(shape, placement, radians, side);
      Bytes result = resampled(shape, fill, map, image);
      for (int y = 0, i = 0; y < shape.height; ++y)
        for (int x = 0; x < shape.width; ++x)
          for (int c = 0; c < shape.channels; ++c, ++i) {
            double exact = naiveBilinear(shape, fill, image, map.yx * x + map.yy * y + map.y0,
                                         map.xx * x + map.xy * y + map.x0, c);
            worst = std::max(worst, std::abs(result[i] - exact));
          }
    }
  }
  EXPECT_LE(worst, 1);
  EXPECT_GT(worst, 0.4) << "rounding alone gives about a half: was anything compared?";
}

TEST(Affine, AQuarterTurnIsClockwise) {
  ImageShape shape{6, 6, 3};
  Bytes image = testPixels(shape.bytes(), 4);
  Bytes turned = resampled(shape, {}, affine(shape, {}, std::numbers::pi / 2, 1), image);
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 6; ++x)
      for (int c = 0; c < 3; ++c)  // what was at the left is at the top
        ASSERT_EQ(turned[(y * 6 + x) * 3 + c], image[((5 - x) * 6 + y) * 3 + c]);
}

TEST(Affine, ZoomShowsAPartAboutTheCentre) {
  ImageShape shape{9, 15, 1};
  Bytes image = testPixels(shape.bytes(), 5);
  Bytes near = resampled(shape, {}, affine(shape, {}, 0, 1.0 / 3), image);
  Bytes far = resampled(shape, {FillMode::Constant, 0}, affine(shape, {}, 0, 3), image);
  for (int y = -1; y <= 1; ++y)
    for (int x = -2; x <= 2; ++x) {
      ASSERT_EQ(near[(4 + 3 * y) * 15 + 7 + 3 * x], image[(4 + y) * 15 + 7 + x]);
      ASSERT_EQ(far[(4 + y) * 15 + 7 + x], image[(4 + 3 * y) * 15 + 7 + 3 * x]);
    }
  EXPECT_EQ(far[0], 0) << "beyond the edge";
}

// What a user who knows the order expects: flip, shift, and only then the turn.
TEST(Affine, TurnsWhatWasPlaced) {
  ImageShape shape{8, 8, 3};
  Bytes image = testPixels(shape.bytes(), 6);
  Fill fill{FillMode::Constant, 0};
  Placement placement{true, false, 2, -1};
  Bytes atOnce = resampled(shape, fill, affine(shape, placement, std::numbers::pi / 2, 1), image);
  Bytes afterwards = resampled(shape, fill, affine(shape, {}, std::numbers::pi / 2, 1),
                               placed(shape, fill, placement, image));
  EXPECT_EQ(atOnce, afterwards);
}

}  // namespace
