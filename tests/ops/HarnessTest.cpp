// The harness finds what it is there to find: kernels written by hand, each with one
// offence, and results that are wrong by a little more than they may be.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "Compare.h"
#include "Process.h"
#include "Rows.h"
#include "RunKernel.h"

namespace nncc::ops {
namespace {

// relu of 5 numbers, with `offence` after the loop.
const char kernelText[] = R"(
#include <HalideRuntime.h>
static int kernel(struct halide_buffer_t *src, struct halide_buffer_t *dst) {
  const float *from = (const float *)src->host;
  float *to = (float *)dst->host;
  volatile float sink;
  (void)sink;
  for (int i = 0; i < src->dim[0].extent; i++) to[i] = from[i] > 0 ? from[i] : 0;
  OFFENCE;
  return 0;
}
int call_kernel(void **a) { return kernel(a[0], a[1]); }
)";

class HandWrittenKernel : public testing::Test {
protected:
  void SetUp() override {
    Builder builder(ElementType::F32);
    builder.result(builder.relu(builder.sliced({5})));
    spec = builder.spec;
    call.extent = 5;
    call.arguments = randomArguments(spec, 5, Numbers::Real, 1);
  }

  Answer run(const std::string &offence, Side side) {
    const std::string path = testing::TempDir() + "nncc_kernel_" + std::to_string(getpid());
    std::ofstream(path + ".c") << kernelText;
    const Outcome outcome =
        runProcess({NNCC_C_COMPILER, "-shared", "-fPIC", "-I", NNCC_HALIDE_INCLUDE,
                    "-DOFFENCE=" + offence, "-o", path + ".so", path + ".c"});
    EXPECT_TRUE(outcome.ok()) << outcome.errors;
    Compiled compiled;
    compiled.library = path + ".so";
    const Answer answer = runKernel(LoadedKernel(compiled), spec, {}, call, side);
    std::filesystem::remove(path + ".c");
    std::filesystem::remove(path + ".so");
    return answer;
  }

  KernelSpec spec;
  Call call;
};

TEST_F(HandWrittenKernel, IsRight) {
  for (Side side : {Side::Begin, Side::End}) {
    const Answer answer = run("", side);
    EXPECT_EQ(answer.offence, "");
    EXPECT_EQ(differences(spec, call.arguments, evaluate(spec, call.arguments, 5), 0,
                          answer.results.at(0), 0),
              "");
  }
}

TEST_F(HandWrittenKernel, OffencesAreFound) {
  const struct {
    const char *offence;
    Side side;
    const char *found;
  } cases[] = {
      {"to[5] = 1", Side::Begin, "result 0 was written 0 bytes after its end"},
      {"to[-1] = 1", Side::End, "result 0 was written 4 bytes before its begin"},
      {"to[5] = 1", Side::End, "result 0 was touched 0 bytes after its end"},
      {"to[-1] = 1", Side::Begin, "result 0 was touched 4 bytes before its begin"},
      {"sink = from[5]", Side::End, "argument 0 was touched 0 bytes after its end"},
      {"sink = from[-2]", Side::Begin, "argument 0 was touched 8 bytes before its begin"},
      {"*(float *)&from[2] += 1", Side::End, "argument 0 was changed at byte 8"},
      {"dst->dim[0].extent = 4", Side::End, "the halide_buffer_t of result 0 was changed"},
      {"src->flags = 1", Side::End, "the halide_buffer_t of argument 0 was changed"},
      {"return 3", Side::End, "returned 3"},
  };
  for (const auto &[offence, side, found] : cases) {
    const std::string complaint = run(offence, side).offence;
    EXPECT_NE(complaint.find(found), std::string::npos)
        << offence << " gave '" << complaint << "' instead of '" << found << "'";
  }
}

// Elements that a kernel forgets hold NaN.
TEST_F(HandWrittenKernel, ForgottenElementsAreFound) {
  const Answer answer = run("to[3] = ((const float *)dst->host)[-1]", Side::End);
  EXPECT_NE(differences(spec, call.arguments, evaluate(spec, call.arguments, 5), 0,
                        answer.results.at(0), 1e6)
                .find("at [3]"),
            std::string::npos);
}

TEST(Compare, BoundsAreRelativeToTheSumOfAbsoluteProducts) {
  Builder builder(ElementType::F32);
  Value src = builder.sliced({1, 2});
  builder.result(builder.dense(src, builder.whole({2, 1}), {}));
  Tensors arguments(2);
  arguments[0] = Tensor(ElementType::F32, {1, 2}, 0);
  arguments[0].numbers = {Number(1), Number(1)};
  arguments[1] = Tensor(ElementType::F32, {2, 1});
  arguments[1].numbers = {Number(3), Number(-3)};
  const Evaluation expected = evaluate(builder.spec, arguments, 1);
  Tensor found = expected.results[0];
  found(0, 0) = Number(6 * 3.9 * epsilonOf(ElementType::F32));
  EXPECT_EQ(differences(builder.spec, arguments, expected, 0, found, 4), "");
  found(0, 0) = Number(6 * 4.1 * epsilonOf(ElementType::F32));
  EXPECT_NE(differences(builder.spec, arguments, expected, 0, found, 4), "");
}

TEST(Compare, WorkspacesAreExactUpToNearTies) {
  Builder builder(ElementType::F32);
  auto pooled = builder.maxPool2d(builder.sliced({1, 2, 2, 1}), {2, 2}, {{2, 2}});
  builder.result(pooled[0]);
  builder.result(pooled[1]);
  Tensors arguments = {Tensor(ElementType::F32, {1, 2, 2, 1}, 0)};
  arguments[0].numbers = {Number(0.5), Number(1), Number(1), Number(1 - 1e-7)};
  const Evaluation expected = evaluate(builder.spec, arguments, 1);
  Tensor found = expected.results[1];
  auto accepted = [&](double position, double tolerance) {
    found(0, 0, 0, 0) = Number(position);
    return differences(builder.spec, arguments, expected, 1, found, tolerance).empty();
  };
  EXPECT_TRUE(accepted(1, 0));
  EXPECT_FALSE(accepted(2, 0)) << "the first of equals must win where numbers are exact";
  EXPECT_TRUE(accepted(2, 4));
  EXPECT_TRUE(accepted(3, 4));
  EXPECT_FALSE(accepted(0, 4));
  EXPECT_FALSE(accepted(4, 4));
}

TEST(Compare, HitsAreExactUpToNearTies) {
  Builder builder(ElementType::F32);
  Value scores = builder.sliced({3, 2});
  Value labels = builder.argument({ElementType::I32, {3}, 0});
  builder.result(builder.node("sparse_categorical_accuracy", {scores, labels}, {},
                              {{ElementType::F32, {3}, 0}})[0]);
  Tensors arguments = {Tensor(ElementType::F32, {3, 2}, 0), Tensor(ElementType::I32, {3}, 0)};
  arguments[0].numbers = {Number(1), Number(2), Number(1), Number(1 - 1e-7), Number(2), Number(1)};
  arguments[1].numbers = {Number(1), Number(1), Number(1)};  // right, nearly, wrong
  const Evaluation expected = evaluate(builder.spec, arguments, 3);
  auto accepted = [&](std::vector<double> hits, double tolerance) {
    Tensor found = expected.results[0];
    for (int64_t n = 0; n < 3; n++)
      found(n) = Number(hits[n]);
    return differences(builder.spec, arguments, expected, 0, found, tolerance).empty();
  };
  EXPECT_TRUE(accepted({1, 0, 0}, 0));
  EXPECT_FALSE(accepted({1, 1, 0}, 0));
  EXPECT_TRUE(accepted({1, 1, 0}, 4));
  EXPECT_FALSE(accepted({0, 0, 0}, 4));
  EXPECT_FALSE(accepted({1, 0, 1}, 4));
  EXPECT_FALSE(accepted({1, 0.5, 0}, 4));
}

TEST(Process, EndsWhatTakesTooLong) {
  const Outcome outcome = runProcess({"sleep", "100"}, 1);
  EXPECT_EQ(outcome.status, -1);
  EXPECT_NE(outcome.errors.find("killed after 1 s"), std::string::npos);
  EXPECT_EQ(runProcess({"sh", "-c", "echo out; echo err >&2; exit 3"}).status, 3);
  EXPECT_EQ(runProcess({"sh", "-c", "echo out; echo err >&2"}).output, "out\n");
  EXPECT_EQ(runProcess({"sh", "-c", "echo out; echo err >&2"}).errors, "err\n");
  EXPECT_NE(runProcess({"sh", "-c", "kill -SEGV $$"}).errors.find("signal"), std::string::npos);
}

}  // namespace
}  // namespace nncc::ops
