// Which schedule the compiler chooses: a kernel of models/cifar10.yaml that falls back to
// another family, or to the reference, is right but slow, and no comparison would notice.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "CompiledKernel.h"
#include "Rows.h"
#include "schedule/KernelCompiler.h"

namespace nncc::ops {
namespace {

// Families by kernel. Tiles belong to the target and may change.
struct Families {
  std::string v3, v4;
};

const std::map<std::string, Families> &expectedFamilies() {
  static const std::map<std::string, Families> table = {
      {"cifar10_conv1", {"winograd", "winograd"}},
      {"cifar10_conv2", {"winograd", "winograd"}},
      {"cifar10_conv3", {"winograd", "winograd"}},
      {"cifar10_conv4", {"winograd", "winograd"}},
      {"cifar10_conv5", {"direct", "direct"}},
      {"cifar10_conv2_evaluate", {"winograd", "winograd"}},
      {"cifar10_conv3_evaluate", {"winograd", "winograd"}},
      {"cifar10_conv5_evaluate", {"direct", "direct"}},
      {"cifar10_dense1", {"tiled", "tiled"}},
      {"cifar10_dense2", {"tiled", "tiled"}},
      {"cifar10_loss", {"vectors", "vectors"}},
      {"cifar10_loss_evaluate", {"vectors", "vectors"}},
      {"cifar10_dense2_bwd_weights", {"tiled", "tiled"}},
      {"cifar10_dense2_bwd_data", {"tiled", "tiled"}},
      {"cifar10_dense1_bwd_weights", {"tiled", "tiled"}},
      {"cifar10_dense1_bwd_data", {"tiled", "tiled"}},
      {"cifar10_conv5_bwd_weights", {"direct", "direct"}},
      {"cifar10_conv5_bwd_data", {"argmax", "argmax"}},
      {"cifar10_conv4_bwd_weights", {"direct", "winograd"}},
      {"cifar10_conv4_bwd_data", {"winograd_plane", "winograd_plane"}},
      {"cifar10_conv3_bwd_weights", {"argmax", "argmax"}},
      {"cifar10_conv3_bwd_data", {"argmax", "argmax"}},
      {"cifar10_conv2_bwd_weights", {"argmax", "argmax"}},
      {"cifar10_conv2_bwd_data", {"winograd", "winograd"}},
      {"cifar10_conv1_bwd_weights", {"winograd", "winograd"}},
      {"cifar10_softmax", {"vectors", "vectors"}},
      {"cifar10_transpose_conv2", {"columns", "columns"}},
      {"cifar10_transpose_conv4", {"columns", "columns"}},
      {"cifar10_transpose_conv5", {"columns", "columns"}},
      {"cifar10_transpose_dense1", {"columns", "columns"}},
      {"cifar10_transpose_dense2", {"columns", "columns"}},
      {"cifar10_update_864", {"vectors", "vectors"}},
      {"cifar10_update_9216", {"vectors", "vectors"}},
      {"cifar10_update_18432", {"vectors", "vectors"}},
      {"cifar10_update_36864", {"vectors", "vectors"}},
      {"cifar10_update_4096", {"vectors", "vectors"}},
      {"cifar10_update_640", {"vectors", "vectors"}},
      {"cifar10_update_32", {"vectors", "vectors"}},
      {"cifar10_update_64", {"vectors", "vectors"}},
      {"cifar10_update_16", {"vectors", "vectors"}},
  };
  return table;
}

std::string familyOf(const std::string &schedule) { return schedule.substr(0, schedule.find('(')); }

class ScheduleTest : public testing::TestWithParam<std::string> {};

TEST_P(ScheduleTest, Cifar10) {
  Target target;
  target.level = GetParam();
  const std::vector<Row> rows = cifar10Rows();
  std::vector<KernelInfo> infos(rows.size());
  inParallel(rows.size(), [&](size_t i) {
    const KernelSpec spec = rows[i].spec(ElementType::F32);
    infos[i] = compile({&spec, target, ""}).info;
  });
  EXPECT_EQ(expectedFamilies().size(), rows.size());
  for (size_t i = 0; i < rows.size(); i++) {
    const KernelInfo &info = infos[i];
    EXPECT_FALSE(info.reference) << rows[i].variant;
    auto expected = expectedFamilies().find(rows[i].variant);
    if (expected == expectedFamilies().end()) {
      ADD_FAILURE() << rows[i].variant << " is not in the table; it chose " << info.schedule;
      continue;
    }
    EXPECT_EQ(familyOf(info.schedule),
              target.level == "x86-64-v3" ? expected->second.v3 : expected->second.v4)
        << rows[i].variant << " chose " << info.schedule << "; refused before it: "
        << testing::PrintToString(info.refusals);
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, ScheduleTest, testing::Values("x86-64-v3", "x86-64-v4"),
                         [](const auto &info) {
                           std::string name = info.param;
                           for (char &letter : name)
                             if (letter == '-')
                               letter = '_';
                           return name;
                         });

// Whatever its sizes, strides, groups and what is fused with it: a contraction is never left to
// the reference.
TEST(Schedules, FitEveryContraction) {
  int checked = 0;
  for (const Row &row : rows())
    for (ElementType element : {ElementType::F32, ElementType::F64}) {
      const KernelSpec spec = row.spec(element);
      if (spec.anchor < 0)
        continue;
      for (const Level &level : levels()) {
        Target target;
        target.level = level.name;
        std::string refusals;
        for (const schedule::CandidateInfo &candidate : schedule::listCandidates(spec, target)) {
          if (candidate.refusal.empty()) {
            EXPECT_FALSE(candidate.reference)
                << row.name() << " in " << name(element) << " on " << level.name << ":" << refusals;
            break;
          }
          refusals += " " + candidate.name + ": " + candidate.refusal + ";";
        }
        ++checked;
      }
    }
  EXPECT_GT(checked, 100);
}

std::string bytesOf(const std::filesystem::path &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Programs are reproducible, and the cache may trust hashes, only if the same specification
// gives the same bytes.
TEST(Objects, HaveTheSameBytes) {
  for (const Row &row : cifar10Rows()) {
    if (row.variant != "cifar10_conv5" && row.variant != "cifar10_conv5_bwd_weights" &&
        row.variant != "cifar10_loss")
      continue;
    const KernelSpec spec = row.spec(ElementType::F32);
    const Job job = {&spec, Target(), ""};
    const std::string again = std::filesystem::path(compile(job).object).replace_extension(
                                  "again" + std::to_string(getpid()) + ".o");
    compileObject(job, again, again + ".json");
    EXPECT_FALSE(bytesOf(again).empty()) << row.variant;
    EXPECT_EQ(bytesOf(again), bytesOf(compile(job).object)) << row.variant;
    std::filesystem::remove(again);
    std::filesystem::remove(again + ".json");
  }
}

}  // namespace
}  // namespace nncc::ops
