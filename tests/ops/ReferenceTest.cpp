// The references against answers worked out by hand, and the table of rows itself.
#include <gtest/gtest.h>

#include <set>

#include "Evaluate.h"
#include "Fill.h"
#include "Rows.h"
#include "reference/Op.h"

namespace nncc::ops {
namespace {

Tensor tensor(Shape shape, std::vector<double> values) {
  Tensor result(ElementType::F64, std::move(shape));
  EXPECT_EQ(result.numbers.size(), values.size());
  for (size_t e = 0; e < values.size(); e++)
    result.numbers[e] = values[e];
  return result;
}

std::vector<std::vector<double>> run(const std::string &op, const Attributes &attributes,
                                     const Tensors &operands, std::vector<Shape> shapes) {
  Tensors results;
  for (Shape &shape : shapes)
    results.emplace_back(ElementType::F64, std::move(shape));
  opNamed(op).run(attributes, operands, results);
  std::vector<std::vector<double>> values;
  for (const Tensor &result : results) {
    values.emplace_back();
    for (const Number &number : result.numbers)
      values.back().push_back(number.value);
  }
  return values;
}

using Values = std::vector<double>;

const Attributes unitStride = {{"strides", {1, 1}}, {"pads", {0, 0, 0, 0}}};

TEST(Reference, Conv2d) {
  // 3 x 3 image, 2 x 2 kernel of which each position counts in another decimal.
  const Tensor src = tensor({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor weights = tensor({2, 2, 1, 1}, {1000, 100, 10, 1});
  EXPECT_EQ(run("conv2d", unitStride, {src, weights}, {{1, 2, 2, 1}})[0],
            (Values{1245, 2356, 4578, 5689}));
  EXPECT_EQ(run("conv2d", unitStride, {src, weights, tensor({1}, {0.5})}, {{1, 2, 2, 1}})[0],
            (Values{1245.5, 2356.5, 4578.5, 5689.5}));
  const Attributes padded = {{"strides", {2, 2}}, {"pads", {1, 1, 0, 0}}};
  EXPECT_EQ(run("conv2d", padded, {src, weights}, {{1, 2, 2, 1}})[0],
            (Values{1, 23, 407, 5689}));
}

TEST(Reference, Conv2dChannels) {
  // weights[.., ic, oc]: output 0 takes channel 1, output 1 the sum of both.
  const Tensor src = tensor({1, 1, 2, 2}, {3, 5, 7, 11});
  const Tensor weights = tensor({1, 1, 2, 2}, {0, 1, 1, 1});
  EXPECT_EQ(run("conv2d", unitStride, {src, weights}, {{1, 1, 2, 2}})[0],
            (Values{5, 8, 11, 18}));
}

TEST(Reference, Conv2dDilated) {
  // The kernel sees the corners of the image.
  const Tensor src = tensor({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor weights = tensor({2, 2, 1, 1}, {1000, 100, 10, 1});
  const Attributes dilated = {{"strides", {1, 1}}, {"pads", {0, 0, 0, 0}}, {"dilations", {2, 2}}};
  EXPECT_EQ(run("conv2d", dilated, {src, weights}, {{1, 1, 1, 1}})[0], (Values{1379}));
}

TEST(Reference, Conv2dGroups) {
  // Two groups of two inputs and one output.
  const Attributes groups = {{"strides", {1, 1}}, {"pads", {0, 0, 0, 0}}, {"groups", {2}}};
  const Tensor src = tensor({1, 1, 1, 4}, {1, 2, 3, 4});
  const Tensor weights = tensor({1, 1, 2, 2}, {10, 1, 100, 1000});
  EXPECT_EQ(run("conv2d", groups, {src, weights}, {{1, 1, 1, 2}})[0], (Values{210, 4003}));
  // The transposed convolution spreads an input over the outputs of its group.
  EXPECT_EQ(run("conv2d_bwd_data", groups,
                {tensor({1, 1, 1, 2}, {1, 2}), tensor({1, 1, 1, 4}, {1, 10, 100, 1000}),
                 tensor({4}, {0, 0, 0, 5})},
                {{1, 1, 1, 4}})[0],
            (Values{1, 10, 200, 2005}));
}

TEST(Reference, BiasBwd) {
  EXPECT_EQ(run("bias_bwd", {}, {tensor({2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})}, {{2}})[0],
            (Values{16, 20}));
}

TEST(Reference, Dense) {
  const Tensor src = tensor({2, 2}, {1, 10, 2, 20});
  const Tensor weights = tensor({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(run("dense", {}, {src, weights, tensor({3}, {0.1, 0.2, 0.3})}, {{2, 3}})[0],
            (Values{41.1, 52.2, 63.3, 82.1, 104.2, 126.3}));
}

TEST(Reference, Embedding) {
  const Tensor src = tensor({2, 2}, {1, -3, 1.9, 5}), weights = tensor({3, 2}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(run("embedding", {}, {src, weights}, {{2, 2, 2}})[0], (Values{3, 4, 1, 2, 3, 4, 5, 6}));
  const Tensor diff = tensor({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(run("embedding_bwd_weights", {{"rows", {3}}}, {src, diff}, {{3, 2}})[0],
            (Values{3, 4, 6, 8, 7, 8}));
}

TEST(Reference, Steps) {
  const Tensor src = tensor({2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), lengths = tensor({2}, {2, 3});
  EXPECT_EQ(run("mask_steps", {{"value", {-1}}}, {src, lengths}, {{2, 3, 2}})[0],
            (Values{1, 2, 3, 4, -1, -1, 7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(run("mask_steps", {{"value", {0}}}, {src, lengths, tensor({2}, {-1, -2})}, {{2, 3, 2}})[0],
            (Values{1, 2, 3, 4, -1, -2, 7, 8, 9, 10, 11, 12}));
  // The whole sequence as one window, and windows of three steps around every other one.
  EXPECT_EQ(run("rescale_windows", {{"steps", {6}}, {"window", {6}}, {"stride", {6}}, {"pad", {0}}},
                {tensor({2, 1, 2}, {1, 2, 3, 4}), lengths}, {{2, 1, 2}})[0],
            (Values{3, 6, 6, 8}));
  EXPECT_EQ(run("rescale_windows", {{"steps", {4}}, {"window", {3}}, {"stride", {2}}, {"pad", {1}}},
                {tensor({2, 2, 1}, {1, 6, 3, 8}), tensor({2}, {1, 3})}, {{2, 2, 1}})[0],
            (Values{2, 18, 3, 12}));
  const auto scaled = [](double multiply, double add, double divide) {
    const Attributes attributes = {{"multiply", {multiply}}, {"add", {add}}, {"divide", {divide}}};
    return run("scale_lengths", attributes, {tensor({4}, {1, 2, 3, 7})}, {{4}})[0];
  };
  EXPECT_EQ(scaled(1, -1, 2), (Values{1, 1, 1, 3}));
  EXPECT_EQ(scaled(2, 1, 1), (Values{3, 5, 7, 15}));
  EXPECT_EQ(run("count_steps", {}, {tensor({4}, {1, 2, 3, 7}), tensor({}, {3})}, {{}})[0], (Values{6}));
  EXPECT_EQ(run("last_step", {}, {src, lengths}, {{2, 2}})[0], (Values{3, 4, 11, 12}));
  EXPECT_EQ(run("last_step_bwd", {{"steps", {3}}}, {tensor({2, 2}, {1, 2, 3, 4}), lengths}, {{2, 3, 2}})[0],
            (Values{0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4}));
}

TEST(Reference, Relu) {
  EXPECT_EQ(run("relu", {}, {tensor({3}, {-1, 0, 2})}, {{3}})[0], (Values{0, 0, 2}));
  EXPECT_EQ(run("relu_bwd", {}, {tensor({3}, {0, 1e-30, 2}), tensor({3}, {5, 6, 7})}, {{3}})[0],
            (Values{0, 6, 7}));
}

TEST(Reference, Maximum) {
  const Tensor lhs = tensor({3}, {1, 5, 4}), rhs = tensor({3}, {2, 3, 4}), diff = tensor({3}, {7, 8, 9});
  EXPECT_EQ(run("maximum", {}, {lhs, rhs}, {{3}})[0], (Values{2, 5, 4}));
  EXPECT_EQ(run("maximum_bwd", {{"operand", {0}}}, {lhs, rhs, diff}, {{3}})[0], (Values{0, 8, 9}));
  EXPECT_EQ(run("maximum_bwd", {{"operand", {1}}}, {lhs, rhs, diff}, {{3}})[0], (Values{7, 0, 0}));
}

TEST(Reference, Rescale) {
  EXPECT_EQ(run("rescale", {{"scale", {0.5}}, {"offset", {-1}}}, {tensor({2}, {0, 255})},
                {{2}})[0],
            (Values{-1, 126.5}));
}

TEST(Reference, MaxPool2d) {
  // The third row and column do not take part; equal maxima: the first in row-major order.
  const Tensor src = tensor({1, 3, 3, 1}, {4, 7, 9, 7, 7, 9, 9, 9, 9});
  const Attributes two = {{"pool_size", {2, 2}}, {"strides", {2, 2}}, {"pads", {0, 0, 0, 0}}};
  EXPECT_EQ(run("max_pool2d", two, {src}, {{1, 1, 1, 1}, {1, 1, 1, 1}}),
            (std::vector<Values>{{7}, {1}}));
  // Padding does not win over negative numbers, and positions count from the window's corner.
  const Tensor negative = tensor({1, 2, 2, 1}, {-4, -3, -2, -5});
  const Attributes padded = {{"pool_size", {2, 2}}, {"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}};
  EXPECT_EQ(run("max_pool2d", padded, {negative}, {{1, 2, 2, 1}, {1, 2, 2, 1}}),
            (std::vector<Values>{{-4, -3, -2, -5}, {3, 2, 1, 0}}));
}

TEST(Reference, MaxPool2dBwd) {
  // Overlapping windows that share a maximum add up there.
  const Attributes overlapping = {
      {"pool_size", {1, 2}}, {"strides", {1, 1}}, {"pads", {0, 0, 0, 0}}};
  EXPECT_EQ(run("max_pool2d_bwd", overlapping,
                {tensor({1, 1, 2, 1}, {3, 4}), tensor({1, 1, 2, 1}, {1, 0})}, {{1, 1, 3, 1}})[0],
            (Values{0, 7, 0}));
}

TEST(Reference, Activations) {
  const Tensor src = tensor({2}, {-1, 1}), diffDst = tensor({2}, {1, 10});
  auto near = [&](const std::string &op, const Attributes &attributes, const Tensors &operands,
                  double first, double second) {
    const Values values = run(op, attributes, operands, {{2}})[0];
    EXPECT_NEAR(values[0], first, 1e-15) << op;
    EXPECT_NEAR(values[1], second, 1e-14) << op;
  };
  near("leaky_relu", {{"negative_slope", {0.3}}}, {src}, -0.3, 1);
  near("elu", {{"alpha", {2}}}, {src}, -1.2642411176571153, 1);
  near("gelu", {}, {src}, -0.15865525393145707, 0.8413447460685429);
  near("silu", {}, {src}, -0.2689414213699951, 0.7310585786300049);
  near("sigmoid", {}, {src}, 0.2689414213699951, 0.7310585786300049);
  near("tanh", {}, {src}, -0.7615941559557649, 0.7615941559557649);
  near("softplus", {}, {src}, 0.31326168751822286, 1.3132616875182228);
  near("elu_bwd", {{"alpha", {2}}}, {src, diffDst}, 1, 10);
  near("tanh_bwd", {}, {tensor({2}, {0.5, -1}), diffDst}, 0.75, 0);
  near("gelu_bwd", {}, {src, diffDst}, -0.08331547058768632, 10.833154705876863);
}

TEST(Reference, AvgPool2d) {
  // Corners see one element, edges two: padding is not counted.
  const Tensor src = tensor({1, 2, 2, 1}, {1, 2, 3, 4});
  const Attributes padded = {{"pool_size", {2, 2}}, {"strides", {1, 1}}, {"pads", {1, 1, 1, 1}}};
  EXPECT_EQ(run("avg_pool2d", padded, {src}, {{1, 3, 3, 1}})[0],
            (Values{1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4}));
  EXPECT_EQ(run("avg_pool2d_bwd", padded, {tensor({1, 3, 3, 1}, {1, 2, 0, 0, 4, 0, 0, 0, 8})},
                {{1, 2, 2, 1}})[0],
            (Values{3, 2, 1, 9}));
}

TEST(Reference, Parts) {
  const Tensor src = tensor({1, 2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(run("slice", {{"begin", {0, 1, 0}}, {"size", {1, 1, 2}}}, {src}, {{1, 1, 2}})[0],
            (Values{3, 4}));
  EXPECT_EQ(run("pad", {{"before", {0, 0, 1}}, {"after", {0, 1, 0}}}, {src}, {{1, 3, 3}})[0],
            (Values{0, 1, 2, 0, 3, 4, 0, 0, 0}));
  EXPECT_EQ(run("concatenate", {{"axis", {2}}}, {src, tensor({1, 2, 1}, {8, 9})}, {{1, 2, 3}})[0],
            (Values{1, 2, 8, 3, 4, 9}));
  EXPECT_EQ(run("upsample", {{"size", {1, 2}}}, {tensor({1, 2, 2, 1}, {1, 2, 3, 4})},
                {{1, 2, 4, 1}})[0],
            (Values{1, 1, 2, 2, 3, 3, 4, 4}));
}

TEST(Reference, Permute) {
  // dst[i][j][k] = src[j][k][i], as np.transpose(src, (2, 0, 1)).
  EXPECT_EQ(run("permute", {{"perm", {2, 0, 1}}},
                {tensor({2, 1, 3}, {0, 1, 2, 10, 11, 12})}, {{3, 2, 1}})[0],
            (Values{0, 10, 1, 11, 2, 12}));
}

TEST(Reference, Reshape) {
  EXPECT_EQ(run("reshape", {}, {tensor({2, 1, 2}, {1, 2, 3, 4})}, {{2, 2}})[0],
            (Values{1, 2, 3, 4}));
}

TEST(Reference, Softmax) {
  const Values values =
      run("softmax", {}, {tensor({1, 2}, {1000, 1000 + std::log(3)})}, {{1, 2}})[0];
  EXPECT_NEAR(values[0], 0.25, 1e-12);
  EXPECT_NEAR(values[1], 0.75, 1e-12);
}

TEST(Reference, SoftmaxBwd) {
  const Values values = run("softmax_bwd", {},
                            {tensor({1, 2}, {0.25, 0.75}), tensor({1, 2}, {8, 4})}, {{1, 2}})[0];
  EXPECT_EQ(values, (Values{0.25 * 3, 0.75 * -1}));
}

TEST(Reference, Add) {
  EXPECT_EQ(run("add", {}, {tensor({2}, {1, -2}), tensor({2}, {10, 20})}, {{2}})[0],
            (Values{11, 18}));
}

TEST(Reference, CrossEntropy) {
  const Tensor logits = tensor({2, 2}, {std::log(3), 0, -1000, 1000});
  const Tensor labels = tensor({2}, {1, 0});
  const Values loss = run("sparse_softmax_cross_entropy", {}, {logits, labels}, {{2}})[0];
  EXPECT_NEAR(loss[0], std::log(4), 1e-12);
  EXPECT_NEAR(loss[1], 2000, 1e-12);
  const Values diff = run("sparse_softmax_cross_entropy_bwd", {},
                          {logits, labels, tensor({}, {0.5})}, {{2, 2}})[0];
  EXPECT_NEAR(diff[0], 0.375, 1e-12);
  EXPECT_NEAR(diff[1], -0.375, 1e-12);
  EXPECT_NEAR(diff[2], -0.5, 1e-12);
  EXPECT_NEAR(diff[3], 0.5, 1e-12);
}

TEST(Reference, Accuracy) {
  EXPECT_EQ(run("sparse_categorical_accuracy", {},
                {tensor({3, 3}, {1, 5, 5, 1, 5, 5, 3, 2, 1}), tensor({3}, {1, 2, 0})}, {{3}})[0],
            (Values{1, 0, 1}));
}

TEST(Reference, LossSeed) {
  EXPECT_EQ(run("loss_seed", {{"weight", {2}}}, {tensor({}, {32})}, {{}})[0], (Values{0.0625}));
}

TEST(Reference, SumLanes) {
  EXPECT_EQ(run("sum_lanes", {}, {tensor({3, 2}, {1, 2, 10, 20, 100, 200})}, {{2}})[0],
            (Values{111, 222}));
}

TEST(Reference, AdamUpdate) {
  // After one step from zero moments m is (1-b1)g and v is (1-b2)g*g; the bias corrections
  // cancel both, but for epsilon: Keras adds it to the uncorrected root.
  const double g = 0.25, rate = 0.01, epsilon = 1e-7;
  const auto values =
      run("adam_update", {{"beta_1", {0.9}}, {"beta_2", {0.999}}, {"epsilon", {epsilon}}},
          {tensor({1}, {1}), tensor({1}, {g}), tensor({1}, {0}), tensor({1}, {0}),
           tensor({}, {rate}), tensor({}, {1})},
          {{1}, {1}, {1}});
  EXPECT_NEAR(values[1][0], 0.1 * g, 1e-15);
  EXPECT_NEAR(values[2][0], 0.001 * g * g, 1e-15);
  EXPECT_NEAR(values[0][0], 1 - rate / (1 + epsilon / (std::sqrt(0.001) * g)), 1e-12);
}

TEST(Number, CarriesTheSumOfAbsoluteProducts) {
  Number sum = 0;
  sum += Number(3) * Number(2);
  sum += Number(-3) * Number(2);
  EXPECT_EQ(sum.value, 0);
  EXPECT_EQ(sum.magnitude, 12);
}

TEST(Rows, AreOneForEveryOp) {
  std::set<std::string> names, ops;
  for (const Row &row : rows()) {
    EXPECT_TRUE(names.insert(row.name()).second) << row.name() << " is there twice";
    ops.insert(row.op);
  }
  for (const Op &op : allOps())
    EXPECT_TRUE(ops.count(op.name)) << op.name << " has no row in Rows.cpp";
}

// The interpreter runs each row's spec, in both element types, at slices of any size.
TEST(Rows, AreWellFormed) {
  for (const Row &row : rows()) {
    if (row.size == Size::Large)
      continue;  // made by the same functions as small ones
    for (ElementType real : {ElementType::F32, ElementType::F64}) {
      const KernelSpec spec = row.spec(real);
      int64_t largest = 1;
      for (const TensorType &argument : spec.arguments)
        if (argument.sliced >= 0)
          largest = argument.shape[argument.sliced];
      for (int64_t extent : {largest, int64_t{1}, int64_t{0}}) {
        const Tensors arguments = randomArguments(spec, extent, row.numbers, row.seed());
        const Tensors results = evaluate(spec, arguments, extent).results;
        ASSERT_EQ(results.size(), spec.results.size()) << row.name();
        double largestValue = 0;
        for (const Tensor &result : results)
          for (const Number &number : result.numbers) {
            ASSERT_TRUE(std::isfinite(number.value)) << row.name();
            ASSERT_LE(std::abs(number.value), number.magnitude * (1 + 1e-9)) << row.name();
            largestValue = std::max(largestValue, std::abs(number.value));
          }
        if (extent == largest) {
          EXPECT_GT(largestValue, 0) << row.name() << ": all results are zero";
        }
      }
    }
  }
}

}  // namespace
}  // namespace nncc::ops
