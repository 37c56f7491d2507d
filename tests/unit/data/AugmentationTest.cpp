#include "data/Augmentation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>
#include <set>

#include "Files.h"
#include "data/Batches.h"
#include "data/Random.h"

using namespace nncc::data;

namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

// Images of noise with one-hot targets of as many classes as there are samples, or with labels.
struct Samples {
  Samples(int64_t samples, int64_t height, int64_t width, int64_t channels, bool labels = false)
      : imageShape{height, width, channels},
        targetShape{samples},
        columns{{"input", NNCC_U8, 3, imageShape},
                labels ? NnccTensor{"label", NNCC_I32, 0, nullptr}
                       : NnccTensor{"target", NNCC_F32, 1, targetShape}},
        set("test", columns, samples),
        shape{static_cast<int32_t>(height), static_cast<int32_t>(width),
              static_cast<int32_t>(channels)} {
    for (int64_t i = 0; i < samples; ++i) {
      Bytes pixels = testPixels(shape.bytes(), static_cast<uint32_t>(i));
      std::memcpy(set.sample(0, i), pixels.data(), pixels.size());
      if (labels) {
        int32_t label = static_cast<int32_t>(i);
        std::memcpy(set.sample(1, i), &label, sizeof label);
      } else {
        std::vector<float> target(samples);
        target[i] = 1;
        std::memcpy(set.sample(1, i), target.data(), set.sampleBytes(1));
      }
    }
  }
  Samples(const Samples &) = delete;

  int64_t imageShape[3], targetShape[1];
  NnccTensor columns[2];
  Dataset set;
  ImageShape shape;
};

struct Result {
  Bytes image;
  std::vector<float> target;
  bool operator==(const Result &) const = default;
};

class Augmenter {
 public:
  Augmenter(const Samples &samples, const Options &options)
      : samples(samples),
        component("augment", options),
        augmentation(component, samples.columns, 1),
        scratch(augmentation.scratchBytes()) {}

  Result operator()(int64_t index, int64_t epoch = 0, uint64_t seed = 1) {
    Result result{Bytes(samples.shape.bytes()),
                  std::vector<float>(samples.set.sampleBytes(1) / sizeof(float))};
    void *columns[] = {result.image.data(), result.target.data()};
    augmentation.apply(samples.set, seed, epoch, index, columns, scratch);
    return result;
  }

  const Samples &samples;
  Component component;
  Augmentation augmentation;
  std::vector<std::byte> scratch;
};

Bytes placed(const Samples &samples, int64_t index, Fill fill, Placement placement) {
  Bytes result(samples.shape.bytes());
  place(samples.shape, fill, placement, sampleOf(samples.set, index).data(), result.data());
  return result;
}

// 5 standard deviations of how often something of this probability comes in `draws`.
double spread(double probability, int draws) {
  return 5 * std::sqrt(probability * (1 - probability) * draws);
}

TEST(Augmentation, NothingAskedForChangesNothing) {
  Samples samples(3, 4, 5, 3, true);
  EXPECT_TRUE(Augmentation({}, samples.columns, 1).empty());
  Augmenter off(samples, {{"horizontal_flip", "0"}, {"shift", "0" NNCC_LIST_SEPARATOR "0"}, {"fill_mode", "reflect"},
                          {"rotation", "0"}, {"mixup", "0"}, {"cutout", "0"}});
  EXPECT_TRUE(off.augmentation.empty());
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(off(i).image, sampleOf(samples.set, i));
}

TEST(Augmentation, FlipsWithItsProbability) {
  Samples samples(40, 3, 5, 3);
  Augmenter augment(samples, {{"horizontal_flip", "0.3"}, {"vertical_flip", "0.5"}});
  int seen[2][2] = {};
  const int epochs = 100, draws = 40 * epochs;
  for (int epoch = 0; epoch < epochs; ++epoch)
    for (int64_t i = 0; i < 40; ++i) {
      Bytes image = augment(i, epoch).image;
      int matches = 0;
      for (int x = 0; x < 2; ++x)
        for (int y = 0; y < 2; ++y)
          if (image == placed(samples, i, {}, {x == 1, y == 1})) ++matches, ++seen[x][y];
      ASSERT_EQ(matches, 1);
    }
  for (int y = 0; y < 2; ++y) {
    EXPECT_NEAR(seen[1][y], 0.15 * draws, spread(0.15, draws));
    EXPECT_NEAR(seen[0][y], 0.35 * draws, spread(0.35, draws));
  }
}

TEST(Augmentation, CropsAnywhereWithinThePadding) {
  Samples samples(1, 9, 8, 3);
  Augmenter augment(samples,
                    {{"crop_padding", "2"}, {"fill_mode", "constant"}, {"fill_value", "7"}});
  std::vector<Bytes> places;
  for (int y = -2; y <= 2; ++y)
    for (int x = -2; x <= 2; ++x)
      places.push_back(placed(samples, 0, {FillMode::Constant, 7}, {false, false, x, y}));
  std::vector<int> seen(places.size());
  const int draws = 5000;
  for (int epoch = 0; epoch < draws; ++epoch) {
    auto found = std::find(places.begin(), places.end(), augment(0, epoch).image);
    ASSERT_NE(found, places.end());
    ++seen[found - places.begin()];
  }
  for (int count : seen) EXPECT_NEAR(count, draws / 25, spread(1 / 25.0, draws));
}

TEST(Augmentation, ShiftsByAShareOfHeightAndWidth) {
  Samples samples(1, 20, 10, 1);
  Augmenter augment(samples, {{"shift", "0.1" NNCC_LIST_SEPARATOR "0.3"}, {"fill_mode", "wrap"}});
  std::set<int> down, right;
  for (int epoch = 0; epoch < 500; ++epoch) {
    Bytes image = augment(0, epoch).image;
    int matches = 0;
    for (int y = -5; y <= 5; ++y)
      for (int x = -5; x < 5; ++x)
        if (image == placed(samples, 0, {FillMode::Wrap, 0}, {false, false, x, y})) {
          ++matches;
          down.insert(y);
          right.insert(x);
        }
    ASSERT_EQ(matches, 1);
  }
  EXPECT_EQ(down, (std::set<int>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(right, (std::set<int>{-3, -2, -1, 0, 1, 2, 3}));
}

// The angle and the zoom are found again from the factors of a picture that is a plane.
TEST(Augmentation, TurnsAndZoomsWithinTheirBounds) {
  Samples samples(1, 41, 41, 2);
  std::byte *pixels = samples.set.sample(0, 0);
  for (int y = 0; y < 41; ++y)
    for (int x = 0; x < 41; ++x) {
      *pixels++ = static_cast<std::byte>(24 + 5 * x);
      *pixels++ = static_cast<std::byte>(24 + 5 * y);
    }
  Augmenter augment(samples, {{"rotation", "20"}, {"zoom", "0.3"}});
  double leastAngle = 90, mostAngle = -90, leastSide = 9, mostSide = 0;
  for (int epoch = 0; epoch < 400; ++epoch) {
    Bytes image = augment(0, epoch).image;
    auto at = [&](int x, int c) { return image[(20 * 41 + x) * 2 + c]; };
    double acrossX = (at(28, 0) - at(12, 0)) / 80.0, acrossY = (at(28, 1) - at(12, 1)) / 80.0;
    double angle = std::atan2(-acrossY, acrossX) * 180 / std::numbers::pi;
    double side = std::hypot(acrossX, acrossY);
    leastAngle = std::min(leastAngle, angle), mostAngle = std::max(mostAngle, angle);
    leastSide = std::min(leastSide, side), mostSide = std::max(mostSide, side);
  }
  EXPECT_NEAR(leastAngle, -20, 1);
  EXPECT_NEAR(mostAngle, 20, 1);
  EXPECT_NEAR(leastSide, 0.7, 0.02);
  EXPECT_NEAR(mostSide, 1.3, 0.02);
}

TEST(Augmentation, BrightnessAddsOneNumber) {
  Samples samples(1, 8, 8, 3);
  std::byte *pixels = samples.set.sample(0, 0);
  for (int i = 0; i < 192; ++i) pixels[i] = static_cast<std::byte>(100 + i % 50);
  Bytes original = sampleOf(samples.set, 0);
  Augmenter augment(samples, {{"brightness", "0.2"}});
  int least = 0, most = 0;
  for (int epoch = 0; epoch < 300; ++epoch) {
    Bytes image = augment(0, epoch).image;
    int added = image[0] - original[0];
    for (int i = 0; i < 192; ++i) ASSERT_EQ(image[i], original[i] + added);
    least = std::min(least, added), most = std::max(most, added);
  }
  EXPECT_NEAR(least, -51, 2);
  EXPECT_NEAR(most, 51, 2);
}

TEST(Augmentation, BrightnessStopsAtBlackAndWhite) {
  Samples samples(1, 16, 16, 1);
  Bytes original = sampleOf(samples.set, 0);
  Augmenter augment(samples, {{"brightness", "1"}});
  for (int epoch = 0; epoch < 50; ++epoch) {
    Bytes image = augment(0, epoch).image;
    auto middle = std::find_if(image.begin(), image.end(), [](int i) { return i > 0 && i < 255; });
    if (middle == image.end()) continue;
    int added = *middle - original[middle - image.begin()];
    for (int i = 0; i < 256; ++i) ASSERT_EQ(image[i], std::clamp(original[i] + added, 0, 255));
  }
}

TEST(Augmentation, ContrastKeepsTheMeanOfEachChannel) {
  Samples samples(1, 8, 8, 3);
  std::byte *pixels = samples.set.sample(0, 0);
  double means[3] = {};
  for (int i = 0; i < 192; ++i) {
    int value = 60 + 50 * (i % 3) + i % 16;
    pixels[i] = static_cast<std::byte>(value);
    means[i % 3] += value / 64.0;
  }
  Bytes original = sampleOf(samples.set, 0);
  Augmenter augment(samples, {{"contrast", "0.5"}});
  double least = 9, most = 0;
  for (int epoch = 0; epoch < 300; ++epoch) {
    Bytes image = augment(0, epoch).image;
    // The factor by the pixel that is furthest from its mean.
    int far = 0;
    for (int i = 0; i < 192; ++i)
      if (std::abs(original[i] - means[i % 3]) > std::abs(original[far] - means[far % 3])) far = i;
    double factor = (image[far] - means[far % 3]) / (original[far] - means[far % 3]);
    for (int i = 0; i < 192; ++i)
      ASSERT_NEAR(image[i], means[i % 3] + factor * (original[i] - means[i % 3]), 1.01);
    least = std::min(least, factor), most = std::max(most, factor);
  }
  EXPECT_NEAR(least, 0.5, 0.1);
  EXPECT_NEAR(most, 1.5, 0.1);
}

TEST(Augmentation, CutoutSetsASquareToTheMean) {
  Samples samples(1, 12, 10, 3);
  Bytes original = sampleOf(samples.set, 0);
  double sums[3] = {};
  for (int i = 0; i < 360; ++i) sums[i % 3] += original[i];
  Augmenter augment(samples, {{"cutout", "4"}});
  std::set<std::pair<int, int>> corners;
  bool whole = false;
  for (int epoch = 0; epoch < 2000; ++epoch) {
    Bytes image = augment(0, epoch).image;
    int top = 12, bottom = -1, left = 10, right = -1;
    for (int i = 0; i < 360; ++i) {
      if (image[i] == original[i]) continue;
      ASSERT_EQ(image[i], std::lround(sums[i % 3] / 120));
      int y = i / 30, x = i / 3 % 10;
      top = std::min(top, y), bottom = std::max(bottom, y);
      left = std::min(left, x), right = std::max(right, x);
    }
    ASSERT_LT(bottom - top, 4);
    ASSERT_LT(right - left, 4);
    for (int y = top; y <= bottom; ++y)
      for (int x = left; x <= right; ++x)
        for (int c = 0; c < 3; ++c)
          ASSERT_EQ(image[(y * 10 + x) * 3 + c], std::lround(sums[c] / 120));
    whole |= bottom - top == 3 && right - left == 3;
    corners.insert({bottom, right});
  }
  EXPECT_TRUE(whole);
  // Around a pixel in any of 12 rows and 10 columns; the squares of the last two end alike.
  EXPECT_EQ(corners.size(), 11u * 9u);
}

TEST(Augmentation, MixupBlendsImageAndTargetAlike) {
  const int64_t count = 30;
  Samples samples(count, 6, 5, 3);
  Augmenter augment(samples, {{"mixup", "0.4"}});
  double sum = 0;
  std::set<int64_t> partners;
  for (int64_t epoch = 0; epoch < 40; ++epoch)
    for (int64_t i = 0; i < count; ++i) {
      Result result = augment(i, epoch);
      float share = result.target[i], rest = 0;
      int64_t partner = i;
      for (int64_t k = 0; k < count; ++k)
        if (k != i && result.target[k] > 0) {
          ASSERT_EQ(partner, i) << "two partners";
          partner = k;
          rest = result.target[k];
        }
      ASSERT_EQ(share + rest, 1);
      Bytes own = sampleOf(samples.set, i), other = sampleOf(samples.set, partner);
      for (size_t p = 0; p < own.size(); ++p)
        ASSERT_EQ(result.image[p], std::floor(share * own[p] + (1 - share) * other[p] + 0.5F));
      sum += share;
      partners.insert(partner);
    }
  EXPECT_NEAR(sum / (40 * count), 0.5, 0.06);
  EXPECT_EQ(partners.size(), static_cast<size_t>(count));
}

// The partner is what it would be by itself.
TEST(Augmentation, MixupTakesThePartnerAsItIsInThisEpoch) {
  Samples samples(5, 6, 5, 3);
  Options options = {{"horizontal_flip", "0.5"}, {"crop_padding", "2"}, {"contrast", "0.3"}};
  Augmenter alone(samples, options);
  options.push_back({"mixup", "1"});
  Augmenter mixed(samples, options);
  int blended = 0;
  for (int64_t epoch = 0; epoch < 20; ++epoch)
    for (int64_t i = 0; i < 5; ++i) {
      Result result = mixed(i, epoch);
      Bytes own = alone(i, epoch).image;
      int64_t partner = i;
      for (int64_t k = 0; k < 5; ++k)
        if (k != i && result.target[k] > 0) partner = k;
      Bytes other = alone(partner, epoch).image;
      float share = result.target[i];
      for (size_t p = 0; p < own.size(); ++p)
        ASSERT_EQ(result.image[p], std::floor(share * own[p] + (1 - share) * other[p] + 0.5F));
      blended += partner != i;
    }
  EXPECT_GT(blended, 50);
}

TEST(Augmentation, MixupSuitsNumbersToo) {
  int64_t width[] = {4};
  NnccTensor columns[] = {{"input", NNCC_F32, 1, width}, {"target", NNCC_F32, 0, nullptr}};
  Dataset set("test", columns, 10);
  for (int64_t i = 0; i < 10; ++i) {
    float row[4] = {float(i), float(2 * i), float(-i), 1}, target = float(10 * i);
    std::memcpy(set.sample(0, i), row, sizeof row);
    std::memcpy(set.sample(1, i), &target, sizeof target);
  }
  Component component("augment", {{"mixup", "1"}});
  Augmentation augmentation(component, columns, 1);
  EXPECT_EQ(augmentation.scratchBytes(), 0);
  int between = 0;
  for (int64_t epoch = 0; epoch < 20; ++epoch) {
    float row[4], target;
    void *to[] = {row, &target};
    augmentation.apply(set, 1, epoch, 3, to, {});
    EXPECT_NEAR(row[1], 2 * row[0], 1e-5);
    EXPECT_NEAR(row[2], -row[0], 1e-5);
    EXPECT_NEAR(target, 10 * row[0], 1e-4);
    EXPECT_EQ(row[3], 1);
    between += row[0] != std::floor(row[0]);
  }
  EXPECT_GT(between, 5);
}

TEST(Augmentation, BetaHasItsMeanAndVariance) {
  Random random(5, Purpose::Augmentation, 0);
  const int draws = 20000;
  for (double alpha : {0.001, 0.2, 1.0, 7.5}) {
    double sum = 0, squares = 0;
    for (int i = 0; i < draws; ++i) {
      double value = betaDraw(alpha, random, 256 * static_cast<uint64_t>(i));
      ASSERT_GE(value, 0);
      ASSERT_LE(value, 1);
      sum += value;
      squares += (value - 0.5) * (value - 0.5);
    }
    double variance = 1 / (4 * (2 * alpha + 1));
    EXPECT_NEAR(sum / draws, 0.5, 5 * std::sqrt(variance / draws)) << alpha;
    // Bounded values: the fourth moment is at most a quarter of the variance.
    EXPECT_NEAR(squares / draws, variance, 5 * std::sqrt(variance / 4 / draws)) << alpha;
  }
}

const Options everything = {
    {"horizontal_flip", "0.5"}, {"vertical_flip", "0.5"}, {"shift", "0.2" NNCC_LIST_SEPARATOR "0.1"},
    {"crop_padding", "2"},      {"rotation", "10"},       {"zoom", "0.2"},
    {"contrast", "0.4"},        {"brightness", "0.1"},    {"mixup", "0.5"},
    {"cutout", "3"}};

TEST(Augmentation, DependsOnSeedEpochAndSampleOnly) {
  Samples samples(50, 12, 11, 3);
  Augmenter augment(samples, everything);
  EXPECT_EQ(augment(7, 3, 5), augment(7, 3, 5));
  EXPECT_NE(augment(7, 3, 5), augment(7, 3, 6));
  EXPECT_NE(augment(7, 3, 5), augment(7, 4, 5));
  for (int threads : {1, 2, 5})
    for (bool shuffle : {false, true})
      for (int batchSize : {1, 16, 50}) {
        Batches batches(samples.set,
                        {.batchSize = batchSize, .shuffle = shuffle, .seed = 9, .epoch = 2,
                         .transform = augment.augmentation.transform(samples.set, 9),
                         .threads = threads});
        for (int64_t i = 0; i < batches.batchesPerEpoch() + 1; ++i) {
          const Batch &batch = batches.next();
          for (int32_t k = 0; k < batch.samples; ++k) {
            Result expected = augment(batch.sampleIndex[k], batch.epoch, 9);
            auto *images = static_cast<const uint8_t *>(batch.inputs[0]);
            auto *targets = static_cast<const float *>(batch.inputs[1]);
            ASSERT_TRUE(std::equal(expected.image.begin(), expected.image.end(),
                                   images + k * samples.shape.bytes()));
            ASSERT_TRUE(std::equal(expected.target.begin(), expected.target.end(),
                                   targets + k * 50));
          }
        }
      }
}

TEST(Augmentation, NoOperationTouchesTheNumbersOfAnother) {
  Samples samples(30, 10, 10, 3);
  Augmenter flip(samples, {{"horizontal_flip", "0.5"}});
  Augmenter more(samples, {{"horizontal_flip", "0.5"}, {"cutout", "3"}});
  for (int64_t i = 0; i < 30; ++i) {
    Bytes flipped = flip(i).image, cut = more(i).image;
    int changed = 0;
    for (size_t p = 0; p < cut.size(); ++p) changed += cut[p] != flipped[p];
    EXPECT_LE(changed, 27);
  }
}

// Pinned: other numbers would change every stored trajectory and every resumed training.
TEST(Augmentation, NumbersStayAsTheyAre) {
  Samples samples(8, 16, 16, 3);
  Augmenter augment(samples, {{"horizontal_flip", "0.5"}, {"crop_padding", "4"}});
  std::vector<std::array<int, 3>> found;
  for (int64_t i = 0; i < 4; ++i) {
    Bytes image = augment(i, 1).image;
    for (int flip = 0; flip < 2; ++flip)
      for (int y = -4; y <= 4; ++y)
        for (int x = -4; x <= 4; ++x)
          if (image == placed(samples, i, {}, {flip == 1, false, x, y}))
            found.push_back({flip, y, x});
  }
  EXPECT_EQ(found, (std::vector<std::array<int, 3>>{{0, 0, 2}, {1, 1, 4}, {1, -2, 3}, {1, 1, -3}}));
}

TEST(Augmentation, RefusesWhatItCannotDo) {
  Samples labels(3, 4, 4, 3, true);
  Component mixup("augment", {{"mixup", "0.2"}}), odd("augment", {{"sharpen", "2"}}),
      fill("augment", {{"fill_mode", "mirror"}});
  EXPECT_EQ(errorOf([&] { Augmentation(mixup, labels.columns, 1); }),
            "augment: mixup can't blend 'label', which holds class numbers; expected a loss with "
            "numbers as targets, such as categorical_crossentropy");
  EXPECT_NE(errorOf([&] { Augmentation(odd, labels.columns, 1); }).find("'sharpen: 2'"),
            std::string::npos);
  EXPECT_NE(errorOf([&] { Augmentation(fill, labels.columns, 1); }).find("'fill_mode: mirror'"),
            std::string::npos);
}

}  // namespace
