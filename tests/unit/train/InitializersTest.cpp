#include "train/Initializers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "error.h"

namespace {

using nncc::train::initialize;

constexpr int64_t kCount = 20000;

struct Moments {
  double mean, deviation, least, most;
};

NnccParameter parameterOf(const char *name, const char *initializer, const int64_t *shape,
                          int32_t type = NNCC_F64, const NnccOption *options = nullptr,
                          int32_t numOptions = 0) {
  return {{name, type, 1, shape}, 0, {initializer, options, numOptions}, 300, 100, 1, 0, 0};
}

std::vector<double> valuesOf(const char *initializer, uint64_t seed = 1,
                             const char *name = "dense.kernel",
                             std::vector<NnccOption> options = {}) {
  std::vector<double> values(kCount);
  initialize(parameterOf(name, initializer, &kCount, NNCC_F64, options.data(),
                         static_cast<int32_t>(options.size())),
             seed, values.data());
  return values;
}

Moments momentsOf(const std::vector<double> &values) {
  Moments m{0, 0, values[0], values[0]};
  for (double x : values) m.mean += x / static_cast<double>(values.size());
  for (double x : values) {
    m.deviation += (x - m.mean) * (x - m.mean) / static_cast<double>(values.size());
    m.least = std::min(m.least, x);
    m.most = std::max(m.most, x);
  }
  m.deviation = std::sqrt(m.deviation);
  return m;
}

// Keras's definitions for fan_in 300 and fan_out 100. A uniform distribution within +-limit has
// deviation limit / sqrt(3); truncated normals end at two deviations of the one they are cut from.
struct Expected {
  const char *initializer;
  double deviation, limit;
};

TEST(Initializers, ListedValuesAreTakenAsTheyAre) {
  int64_t count = 4;
  NnccOption listed{"values", "1" NNCC_LIST_SEPARATOR "-0.0625" NNCC_LIST_SEPARATOR "1e-07" NNCC_LIST_SEPARATOR "3", NAN};
  float values[4];
  initialize(parameterOf("c.kernel", "values", &count, NNCC_F32, &listed, 1), 1, values);
  EXPECT_EQ(std::vector<float>(values, values + 4), (std::vector<float>{1, -0.0625f, 1e-07f, 3}));
  for (const char *wrong : {"1" NNCC_LIST_SEPARATOR "2" NNCC_LIST_SEPARATOR "3", "1" NNCC_LIST_SEPARATOR "2" NNCC_LIST_SEPARATOR "x" NNCC_LIST_SEPARATOR "4",
        "1" NNCC_LIST_SEPARATOR "2" NNCC_LIST_SEPARATOR "3" NNCC_LIST_SEPARATOR "4" NNCC_LIST_SEPARATOR "5", ""}) {
    listed.text = wrong;
    EXPECT_THROW(initialize(parameterOf("c.kernel", "values", &count, NNCC_F32, &listed, 1), 1, values),
                 nncc::UserError)
        << wrong;
  }
}

TEST(Initializers, HaveKerasDeviationsAndLimits) {
  auto uniform = [](const char *name, double limit) {
    return Expected{name, limit / std::sqrt(3.0), limit};
  };
  auto truncated = [](const char *name, double deviation) {
    return Expected{name, deviation, 2 * deviation / 0.87962566103423978};
  };
  for (Expected expected :
       {uniform("glorot_uniform", std::sqrt(6.0 / 400)), uniform("he_uniform", std::sqrt(6.0 / 300)),
        uniform("lecun_uniform", std::sqrt(3.0 / 300)), uniform("random_uniform", 0.05),
        truncated("glorot_normal", std::sqrt(2.0 / 400)), truncated("he_normal", std::sqrt(2.0 / 300)),
        truncated("lecun_normal", std::sqrt(1.0 / 300)),
        truncated("truncated_normal", 0.05 * 0.87962566103423978),
        Expected{"random_normal", 0.05, 0.05 * 5.5}}) {
    Moments m = momentsOf(valuesOf(expected.initializer));
    EXPECT_NEAR(m.mean, 0, 4 * expected.deviation / std::sqrt(double{kCount})) << expected.initializer;
    EXPECT_NEAR(m.deviation, expected.deviation, 0.03 * expected.deviation) << expected.initializer;
    EXPECT_LE(m.most, expected.limit) << expected.initializer;
    EXPECT_GE(m.least, -expected.limit) << expected.initializer;
    // The tails are there too.
    EXPECT_GT(m.most, 0.6 * expected.limit) << expected.initializer;
    EXPECT_LT(m.least, -0.6 * expected.limit) << expected.initializer;
  }
}

TEST(Initializers, Constants) {
  for (auto [name, value] : {std::pair{"zeros", 0.0}, {"ones", 1.0}, {"constant", 0.0}})
    for (double x : valuesOf(name)) ASSERT_EQ(x, value) << name;
  for (double x : valuesOf("constant", 1, "a", {{"value", "0.5", 0.5}})) ASSERT_EQ(x, 0.5);
}

TEST(Initializers, OptionsSetTheRange) {
  Moments m = momentsOf(
      valuesOf("random_uniform", 1, "a", {{"minval", "2", 2}, {"maxval", "4", 4}}));
  EXPECT_NEAR(m.mean, 3, 0.02);
  EXPECT_GE(m.least, 2);
  EXPECT_LE(m.most, 4);
  m = momentsOf(valuesOf("random_normal", 1, "a", {{"mean", "-1", -1}, {"stddev", "2", 2}}));
  EXPECT_NEAR(m.mean, -1, 0.06);
  EXPECT_NEAR(m.deviation, 2, 0.06);
}

// Of a wide matrix the rows, of a tall one the columns are orthogonal and as long as `gain`; of more dimensions the
// last one counts as the columns.
TEST(Initializers, OrthogonalRowsOrColumns) {
  for (const std::vector<int64_t> &shape : {std::vector<int64_t>{5, 12}, {12, 5}, {7, 7}, {64, 256}, {1, 4}, {4, 1},
                                            {3, 2, 4}, {2, 3, 40}})
    for (double gain : {1.0, 2.5}) {
      int64_t columns = shape.back(), rows = 1;
      for (size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
      NnccParameter parameter = parameterOf("lstm.recurrent_kernel", "orthogonal", shape.data());
      parameter.tensor.rank = static_cast<int32_t>(shape.size());
      NnccOption option{"gain", "", gain};
      parameter.initializer.options = &option;
      parameter.initializer.num_options = 1;
      std::vector<double> q(static_cast<size_t>(rows * columns)), other(q);
      initialize(parameter, 1, q.data());
      initialize(parameter, 2, other.data());
      EXPECT_NE(q, other);
      bool wide = rows <= columns;
      int64_t count = wide ? rows : columns, length = wide ? columns : rows;
      auto at = [&](int64_t vector, int64_t k) {
        return q[static_cast<size_t>(wide ? vector * columns + k : k * columns + vector)];
      };
      for (int64_t i = 0; i < count; ++i)
        for (int64_t j = 0; j <= i; ++j) {
          double product = 0;
          for (int64_t k = 0; k < length; ++k) product += at(i, k) * at(j, k);
          EXPECT_NEAR(product, i == j ? gain * gain : 0, 1e-13 * gain * gain)
              << rows << "x" << columns << ": vectors " << i << " and " << j;
        }
    }
}

TEST(Initializers, AreAFunctionOfSeedNameAndElement) {
  std::vector<double> values = valuesOf("glorot_uniform");
  EXPECT_EQ(values, valuesOf("glorot_uniform"));
  EXPECT_NE(values, valuesOf("glorot_uniform", 2));
  EXPECT_NE(values, valuesOf("glorot_uniform", 1, "dense_1.kernel"));

  int64_t fewer = 10;
  std::vector<double> start(10);
  initialize(parameterOf("dense.kernel", "glorot_uniform", &fewer), 1, start.data());
  EXPECT_TRUE(std::equal(start.begin(), start.end(), values.begin()));

  std::vector<float> narrow(kCount);
  initialize(parameterOf("dense.kernel", "glorot_uniform", &kCount, NNCC_F32), 1, narrow.data());
  for (int64_t i = 0; i < kCount; ++i) ASSERT_EQ(narrow[i], static_cast<float>(values[i]));
}

TEST(Initializers, UnknownOneIsAUserErrorThatNamesIt) {
  double value;
  int64_t one = 1;
  try {
    initialize(parameterOf("dense.kernel", "orthogonall", &one), 1, &value);
    FAIL();
  } catch (const nncc::UserError &error) {
    EXPECT_NE(std::string(error.what()).find("orthogonall"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("dense.kernel"), std::string::npos);
  }
}

TEST(NormalQuantile, InvertsTheDistribution) {
  for (double p : {1e-17, 1e-12, 1e-6, 0.001, 0.02275, 0.07, 0.2, 0.4, 0.499, 0.5}) {
    double x = nncc::train::normalQuantile(p);
    EXPECT_NEAR(std::erfc(-x / std::sqrt(2.0)) / 2 / p, 1, 1e-13) << p;
  }
  EXPECT_EQ(nncc::train::normalQuantile(0.5), 0);
  EXPECT_NEAR(nncc::train::normalQuantile(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(nncc::train::normalQuantile(1 - 1e-6), 4.753424308822899, 1e-9);
}

}  // namespace
