#include "data/SequenceChange.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "Files.h"
#include "data/Augmentation.h"
#include "data/Batches.h"
#include "data/Random.h"

using namespace nncc::data;

namespace {

using Options = std::vector<std::pair<std::string, std::string>>;
constexpr int64_t kSteps = 20, kFeatures = 6, kElements = kSteps * kFeatures;

// The same every time, from -2 to 2.
std::vector<float> testValues(int64_t steps, int64_t features, uint64_t seed) {
  Random random(seed, Purpose::Shuffle, 0);
  std::vector<float> values(static_cast<size_t>(steps * features));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(4 * random.uniform(i) - 2);
  return values;
}

// What a feature is at any time between its first step, 0, and its last, 1.
double valueAt(const std::vector<float> &values, int64_t length, int64_t features, int64_t feature, double time) {
  for (int64_t i = 0; i + 1 < length; ++i) {
    double begin = double(i) / double(length - 1), end = double(i + 1) / double(length - 1);
    if (time > end && i + 2 < length) continue;
    double share = (time - begin) / (end - begin);
    return (1 - share) * values[i * features + feature] + share * values[(i + 1) * features + feature];
  }
  return values[feature];
}

std::vector<float> changed(const SequenceShape &shape, const SequenceChange &how, const std::vector<float> &values,
                           int64_t &length) {
  std::vector<float> to(static_cast<size_t>(shape.elements()), 99.0f);
  length = change(shape, how, length, values.data(), to.data());
  return to;
}

TEST(SequenceChange, StretchesToTheRoundedLengthAndInterpolates) {
  SequenceShape shape{12, 2};
  for (int64_t before = 1; before <= 12; ++before)
    for (double factor : {0.1, 0.5, 0.77, 1.0, 1.3, 1.9}) {
      std::vector<float> values = testValues(before, 2, static_cast<uint64_t>(before));
      values.resize(24);
      int64_t length = before;
      std::vector<float> to = changed(shape, {.stretch = factor}, values, length);
      ASSERT_EQ(length, std::clamp<int64_t>(std::lround(factor * double(before)), 1, 12)) << before << " " << factor;
      for (int64_t i = 0; i < length; ++i)
        for (int64_t f = 0; f < 2; ++f) {
          double time = length > 1 ? double(i) / double(length - 1) : 0;
          ASSERT_NEAR(to[i * 2 + f], valueAt(values, before, 2, f, time), 1e-5) << before << " " << factor;
        }
      for (int64_t i = length * 2; i < 24; ++i) ASSERT_EQ(to[i], 0);
    }
}

TEST(SequenceChange, RotationsTurnByTheirAngleAboutTheirAxis) {
  // By the right hand: a quarter about z takes x to y.
  Rotation quarter = rotationAbout(1, 0, std::numbers::pi / 2);
  EXPECT_NEAR(quarter[0], 0, 1e-15);
  EXPECT_NEAR(quarter[3], 1, 1e-15);
  for (double height : {-1.0, -0.3, 0.0, 0.8})
    for (double longitude : {0.0, 1.0, 4.0})
      for (double angle : {-3.0, -0.2, 0.0, 0.5, 2.0}) {
        Rotation r = rotationAbout(height, longitude, angle);
        double flat = std::sqrt(1 - height * height);
        double axis[] = {flat * std::cos(longitude), flat * std::sin(longitude), height};
        for (int i = 0; i < 3; ++i) {
          EXPECT_NEAR(r[3 * i] * axis[0] + r[3 * i + 1] * axis[1] + r[3 * i + 2] * axis[2], axis[i], 1e-12);
          for (int j = 0; j < 3; ++j) {
            double product = 0;
            for (int k = 0; k < 3; ++k) product += r[3 * i + k] * r[3 * j + k];
            EXPECT_NEAR(product, i == j, 1e-12);
          }
        }
        EXPECT_NEAR(r[0] + r[4] + r[8], 1 + 2 * std::cos(angle), 1e-12);
      }
}

TEST(SequenceChange, TurnsEachTripleAlike) {
  SequenceShape shape{4, 6};
  std::vector<float> values = testValues(3, 6, 5);
  values.resize(24);
  Rotation r = rotationAbout(0.4, 2, 0.7);
  int64_t length = 3;
  std::vector<float> to = changed(shape, {.turns = true, .rotation = r}, values, length);
  ASSERT_EQ(length, 3);
  for (int64_t i = 0; i < 18; i += 3)
    for (int64_t row = 0; row < 3; ++row)
      EXPECT_NEAR(to[i + row],
                  r[3 * row] * values[i] + r[3 * row + 1] * values[i + 1] + r[3 * row + 2] * values[i + 2], 1e-5);
  for (int64_t i = 18; i < 24; ++i) EXPECT_EQ(to[i], 0);
}

// Sequences of 4 to 15 steps, whose targets are [2, 3] numbers.
struct Samples {
  explicit Samples(int64_t samples) : set("test", columns, samples) {
    for (int64_t i = 0; i < samples; ++i) {
      int32_t length = 4 + static_cast<int32_t>(i % 12);
      std::vector<float> values = testValues(length, kFeatures, static_cast<uint64_t>(i));
      values.resize(kElements);
      std::memcpy(set.sample(0, i), values.data(), kElements * sizeof(float));
      std::memcpy(set.sample(1, i), &length, sizeof length);
      std::vector<float> target = testValues(2, 3, static_cast<uint64_t>(i));
      std::memcpy(set.sample(2, i), target.data(), 6 * sizeof(float));
    }
  }
  Samples(const Samples &) = delete;

  std::vector<float> values(int64_t i) const {
    std::vector<float> values(kElements);
    std::memcpy(values.data(), set.sample(0, i), kElements * sizeof(float));
    return values;
  }

  int64_t inputShape[2] = {kSteps, kFeatures}, targetShape[2] = {2, 3};
  NnccTensor columns[3] = {{"input", NNCC_F32, 2, inputShape},
                           {"input.lengths", NNCC_I32, 0, nullptr},
                           {"target", NNCC_F32, 2, targetShape}};
  Dataset set;
};

struct Result {
  std::vector<float> values;
  int32_t length = 0;
  std::vector<float> target;
  bool operator==(const Result &) const = default;
};

struct Augmenter {
  Augmenter(const Samples &samples, const Options &options)
      : samples(samples), component("augment", options), augmentation(component, samples.columns, 2) {}
  Result operator()(int64_t index, int64_t epoch = 0, uint64_t seed = 1) const {
    Result result{std::vector<float>(kElements), 0, std::vector<float>(6)};
    void *to[] = {result.values.data(), &result.length, result.target.data()};
    augmentation.apply(samples.set, seed, epoch, index, to, {});
    return result;
  }
  const Samples &samples;
  Component component;
  Augmentation augmentation;
};

TEST(SequenceAugmentation, NothingAskedForChangesNothing) {
  Samples samples(2);
  Augmenter off(samples, {{"time_stretch", "0"}, {"rotation", "0"}});
  EXPECT_TRUE(off.augmentation.empty());
  EXPECT_EQ(off(1).values, samples.values(1));
  EXPECT_EQ(off(1).length, 5);
}

TEST(SequenceAugmentation, LengthsAreSpreadWithinTheBounds) {
  Samples samples(12);
  Augmenter augment(samples, {{"time_stretch", "0.4"}});
  int seen[kSteps + 2] = {};
  const int draws = 4000;
  for (int epoch = 0; epoch < draws; ++epoch) {
    Result result = augment(11, epoch);  // of 15 steps
    ASSERT_GE(result.length, 9);
    ASSERT_LE(result.length, kSteps);
    ++seen[result.length];
    for (int64_t i = result.length * kFeatures; i < kElements; ++i) ASSERT_EQ(result.values[i], 0);
  }
  // Each length is as likely as any other; the least is half as likely, and all beyond the steps become those.
  for (int length = 10; length < kSteps; ++length) EXPECT_NEAR(seen[length], draws / 12.0, 5 * std::sqrt(draws / 12.0));
  EXPECT_NEAR(seen[kSteps], draws * 1.5 / 12, 5 * std::sqrt(draws * 1.5 / 12));
}

TEST(SequenceAugmentation, TurnsAllVectorsOfASampleAlikeByAnyAngleWithinTheBound) {
  Samples samples(1);
  Augmenter augment(samples, {{"rotation", "30"}});
  std::vector<float> before = samples.values(0);
  double largest = 0, sum[3] = {};
  const int draws = 2000;
  for (int epoch = 0; epoch < draws; ++epoch) {
    std::vector<float> after = augment(0, epoch).values;
    for (int64_t i = 0; i < 24; i += 3) {
      double cosine = 0, length = 0, turnedLength = 0;
      for (int64_t k = i; k < i + 3; ++k) {
        cosine += before[k] * after[k];
        length += before[k] * before[k];
        turnedLength += after[k] * after[k];
        if (i == 0) sum[k] += after[k];
      }
      ASSERT_NEAR(length, turnedLength, 1e-5);
      double angle = std::acos(std::min(1.0, cosine / length)) * 180 / std::numbers::pi;
      ASSERT_LE(angle, 30.001);
      largest = std::max(largest, angle);
      for (int64_t j = i + 3; j < 24; j += 3) {  // angles between vectors stay
        double product = 0, turned = 0;
        for (int64_t k = 0; k < 3; ++k) product += before[i + k] * before[j + k], turned += after[i + k] * after[j + k];
        ASSERT_NEAR(product, turned, 1e-4);
      }
    }
  }
  EXPECT_GT(largest, 29);
  // To no side more than to another: the mean is on the vector. It is shorter by the mean of (1 + 2 cos) / 3.
  double shorter = (1 + 2 * std::sin(std::numbers::pi / 6) / (std::numbers::pi / 6)) / 3;
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(sum[k] / draws, shorter * before[k], 0.05);
}

const Options everything = {{"time_stretch", "0.3"}, {"rotation", "20"}};

TEST(SequenceAugmentation, DependsOnSeedEpochAndSampleOnly) {
  Samples samples(30);
  Augmenter augment(samples, everything);
  EXPECT_EQ(augment(7, 3, 5), augment(7, 3, 5));
  EXPECT_NE(augment(7, 3, 5), augment(7, 3, 6));
  EXPECT_NE(augment(7, 3, 5), augment(7, 4, 5));
  for (int threads : {1, 2, 3})
    for (bool byLength : {false, true}) {
      Batches batches(samples.set, {.batchSize = 8, .shuffle = true, .seed = 9, .epoch = 2,
                                    .transform = augment.augmentation.transform(samples.set, 9), .threads = threads,
                                    .grouping = {.byLength = byLength}});
      for (int64_t i = 0; i < batches.batchesPerEpoch() + 1; ++i) {
        const Batch &batch = batches.next();
        for (int32_t k = 0; k < batch.samples; ++k) {
          Result expected = augment(batch.sampleIndex[k], batch.epoch, 9);
          auto *values = static_cast<const float *>(batch.inputs[0]) + k * kElements;
          ASSERT_TRUE(std::equal(expected.values.begin(), expected.values.end(), values));
          ASSERT_EQ(static_cast<const int32_t *>(batch.inputs[1])[k], expected.length);
        }
      }
    }
}

TEST(SequenceAugmentation, LeavesTargetsAlone) {
  Samples samples(3);
  Augmenter augment(samples, everything);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_NE(augment(i).values, samples.values(i));
    EXPECT_EQ(augment(i).target, testValues(2, 3, static_cast<uint64_t>(i)));
  }
}

// Pinned: other numbers would change every resumed training.
TEST(SequenceAugmentation, NumbersStayAsTheyAre) {
  Samples samples(12);
  std::vector<int32_t> lengths;
  Augmenter stretch(samples, {{"time_stretch", "0.4"}});
  for (int64_t i = 0; i < 8; ++i) lengths.push_back(stretch(11, i).length);
  EXPECT_EQ(lengths, (std::vector<int32_t>{15, 13, 18, 15, 17, 11, 14, 12}));
  Augmenter all(samples, everything);
  EXPECT_NEAR(all(3, 2).values[0], 0.24506190419197083, 1e-6);
  EXPECT_NEAR(all(3, 2).values[7], 1.0722798109054565, 1e-6);
}

TEST(SequenceAugmentation, SidesOfPairsAreVariedEachOnItsOwn) {
  int64_t shape[] = {kSteps, kFeatures};
  NnccTensor columns[] = {{"a", NNCC_F32, 2, shape},        {"a.lengths", NNCC_I32, 0, nullptr},
                          {"b", NNCC_F32, 2, shape},        {"b.lengths", NNCC_I32, 0, nullptr},
                          {"labels", NNCC_I32, 0, nullptr}};
  Dataset pairs("test", columns, 1);
  std::vector<float> values = testValues(kSteps, kFeatures, 1);
  int32_t length = 15, same = 1;
  for (int side : {0, 2}) {
    std::memcpy(pairs.sample(side, 0), values.data(), kElements * sizeof(float));
    std::memcpy(pairs.sample(side + 1, 0), &length, sizeof length);
  }
  std::memcpy(pairs.sample(4, 0), &same, sizeof same);
  for (auto [key, text] : everything)
    for (bool apart : {false, true}) {
      Component component("augment", {{key, text}});
      Augmentation augmentation(component, columns, 4, apart);
      std::vector<float> a(kElements), b(kElements);
      int32_t al = 0, bl = 0, label = 0, different = 0;
      for (int64_t epoch = 0; epoch < 20; ++epoch) {
        void *to[] = {a.data(), &al, b.data(), &bl, &label};
        augmentation.apply(pairs, 1, epoch, 0, to, {});
        different += a != b;
      }
      EXPECT_EQ(label, 1);
      EXPECT_EQ(different > 0, apart) << key;
    }
}

TEST(SequenceAugmentation, MixupBlendsWithThePartnerAsItIsInThisEpoch) {
  int64_t shape[] = {4, 3}, targetShape[] = {10};
  NnccTensor columns[] = {{"input", NNCC_F32, 2, shape}, {"target", NNCC_F32, 1, targetShape}};
  Dataset set("test", columns, 10);
  for (int64_t i = 0; i < 10; ++i) {
    std::vector<float> values = testValues(4, 3, static_cast<uint64_t>(i)), target(10);
    target[i] = 1;
    std::memcpy(set.sample(0, i), values.data(), 12 * sizeof(float));
    std::memcpy(set.sample(1, i), target.data(), 10 * sizeof(float));
  }
  Options options = {{"rotation", "40"}};
  Component alone("augment", options);
  options.push_back({"mixup", "1"});
  Component blended("augment", options);
  Augmentation vary(alone, columns, 1), mix(blended, columns, 1);
  std::vector<std::byte> scratch(static_cast<size_t>(mix.scratchBytes()));
  ASSERT_GE(scratch.size(), 12 * sizeof(float));
  int partners = 0;
  for (int64_t epoch = 0; epoch < 10; ++epoch) {
    std::vector<float> varied[10], target(10), result(12);
    for (int64_t i = 0; i < 10; ++i) {
      varied[i].resize(12);
      void *to[] = {varied[i].data(), target.data()};
      vary.apply(set, 2, epoch, i, to, {});
    }
    for (int64_t i = 0; i < 10; ++i) {
      void *to[] = {result.data(), target.data()};
      mix.apply(set, 2, epoch, i, to, scratch);
      std::vector<double> expected(12);
      for (int64_t from = 0; from < 10; ++from) {
        partners += from != i && target[from] > 0;
        for (int64_t k = 0; k < 12; ++k) expected[k] += target[from] * varied[from][k];
      }
      for (int64_t k = 0; k < 12; ++k) ASSERT_NEAR(result[k], expected[k], 1e-5);
    }
  }
  EXPECT_GT(partners, 50);
}

TEST(SequenceAugmentation, RefusesWhatItCannotDo) {
  int64_t shape[] = {4, 4};
  NnccTensor columns[] = {
      {"x", NNCC_F32, 2, shape}, {"x.lengths", NNCC_I32, 0, nullptr}, {"target", NNCC_F32, 0, nullptr}};
  Component stretch("augment", {{"time_stretch", "0.1"}}), rotation("augment", {{"rotation", "5"}}),
      mixup("augment", {{"mixup", "1"}});
  NnccTensor withoutLengths[] = {columns[0], columns[2]};
  EXPECT_EQ(errorOf([&] { Augmentation(stretch, withoutLengths, 1); }),
            "augment: time_stretch changes lengths, but input 'x' is [4, 4] without `lengths: true`");
  EXPECT_EQ(errorOf([&] { Augmentation(rotation, columns, 2); }),
            "augment: rotation turns vectors of 3 features, but input 'x' is [4, 4]");
  EXPECT_EQ(errorOf([&] { Augmentation(mixup, columns, 2); }),
            "augment: mixup can't blend sequences of different lengths, but input 'x' is [4, 4] with lengths");
}

}  // namespace
