// Every candidate schedule of every row, at every level, against the reference: values
// within the row's tolerance, nothing written outside the results, the same bits whatever
// lies around the buffers, and the same bits for a sample in a slice of any size.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "Compare.h"
#include "Options.h"
#include "Process.h"
#include "Rows.h"
#include "RunKernel.h"
#include "reference/Op.h"

namespace nncc::ops {
namespace {

int64_t largestExtent(const KernelSpec &spec) {
  for (const TensorType &argument : spec.arguments)
    if (argument.sliced >= 0)
      return argument.shape[argument.sliced];
  return 1;
}

// The largest slice that is run.
int64_t wholeExtent(const Row &row, const KernelSpec &spec) {
  return row.slice ? row.slice : largestExtent(spec);
}

bool isSliced(const KernelSpec &spec) {
  for (const TensorType &argument : spec.arguments)
    if (argument.sliced >= 0)
      return true;
  return false;
}

bool exactOnIntegers(const KernelSpec &spec) {
  for (const schedule::Node &node : spec.nodes)
    if (!opNamed(node.op).exactOnIntegers)
      return false;
  return true;
}

// Schedules that transform their operands, with fractions that integers don't survive.
bool transformsOperands(const std::string &candidate) {
  return candidate.rfind("winograd", 0) == 0;
}

// A call with what must come out of it.
struct Expectation {
  std::string text;  // "extent 3, accumulating"
  bool integers;
  int64_t begin;     // the slice [begin, begin + extent) of the largest one
  Call call;
  Evaluation evaluation;
};

// Does the argument say where in a batch the slice begins?
bool isPosition(const KernelSpec &spec, size_t argument) {
  for (const schedule::Node &node : spec.nodes)
    for (size_t o = 0; o < node.operands.size(); o++)
      if (node.operands[o].argument && node.operands[o].node == int(argument) &&
          opNamed(node.op).operand(node.attributes, o) == "position")
        return true;
  return false;
}

// All calls of a row. The first of each kind of numbers has the largest extent.
std::vector<Expectation> expectationsOf(const Row &row, const KernelSpec &spec) {
  std::vector<Expectation> expectations;
  const int64_t largest = wholeExtent(row, spec);
  std::vector<int64_t> extents = {largest};
  if (isSliced(spec)) {
    extents.push_back(0);
    if (largest > 1)
      extents.push_back(1);
    if (largest > 3 && row.size == Size::Small)
      extents.push_back(largest / 2 + 1);
  }
  std::vector<bool> kinds = {false};
  if (row.size == Size::Small && row.numbers == Numbers::Real && exactOnIntegers(spec))
    kinds.push_back(true);
  for (bool integers : kinds) {
    const Numbers numbers = integers ? Numbers::Integers : row.numbers;
    const Tensors all = randomArguments(spec, largest, numbers, row.seed());
    Tensors previous;
    Random random(row.seed() + 1);
    for (const schedule::Result &result : spec.results)
      randomize(previous.emplace_back(spec.typeOf(result.value), largest), numbers, random);
    for (int64_t extent : extents)
      for (bool accumulate : {false, true}) {
        if (accumulate && !spec.accumulates())
          continue;
        Expectation expectation;
        expectation.text = std::string(integers ? "integers, " : "") + "extent " +
                           std::to_string(extent) + (accumulate ? ", accumulating" : "");
        expectation.integers = integers;
        expectation.begin = largest - extent;
        Call &call = expectation.call;
        call.extent = extent;
        for (size_t a = 0; a < all.size(); a++) {
          call.arguments.push_back(all[a].slice(expectation.begin, extent));
          if (isPosition(spec, a))
            call.arguments.back()() += double(expectation.begin);
        }
        call.accumulate = accumulate;
        if (accumulate)
          for (const Tensor &result : previous)
            call.previous.push_back(result.slice(expectation.begin, extent));
        expectation.evaluation = evaluate(spec, call.arguments, extent, call.previous);
        expectations.push_back(std::move(expectation));
      }
  }
  return expectations;
}

bool sameBits(const Tensor &a, const Tensor &b) {
  for (int64_t e = 0; e < a.size(); e++)
    if (a.numbers[e].value != b.numbers[e].value &&
        !(std::isnan(a.numbers[e].value) && std::isnan(b.numbers[e].value)))
      return false;
  return a.shape == b.shape;
}

// What is wrong with a compiled kernel; empty if nothing.
std::string faultsOf(const Compiled &compiled, const Row &row, const KernelSpec &spec,
                     const std::vector<Expectation> &expectations) {
  const LoadedKernel kernel(compiled);
  std::map<bool, Answer> whole;  // of the largest slice, by kind of numbers
  for (const Expectation &expected : expectations) {
    const Answer answer = runKernel(kernel, spec, compiled.info, expected.call, Side::End);
    const Answer again = runKernel(kernel, spec, compiled.info, expected.call, Side::Begin);
    for (const Answer *each : {&answer, &again})
      if (!each->offence.empty())
        return expected.text + ": " + each->offence;
    const bool transforms = transformsOperands(compiled.info.schedule);
    const bool exact = expected.integers && !transforms;
    constexpr int64_t tile = 6;  // points of the largest one in each direction
    const Evaluation evaluation =
        transforms ? withMagnitudesOfTiles(expected.evaluation, tile - 1) : expected.evaluation;
    for (size_t r = 0; r < spec.results.size(); r++) {
      const std::string wrong =
          differences(spec, expected.call.arguments, evaluation, r, answer.results[r],
                      exact ? 0 : std::max(row.tolerance, compiled.info.errorBound));
      if (!wrong.empty())
        return expected.text + ": " + wrong;
      if (!sameBits(answer.results[r], again.results[r]))
        return expected.text + ": result " + std::to_string(r) +
               " depends on where the buffers lie";
    }
    if (expected.call.extent == wholeExtent(row, spec))
      whole.emplace(expected.integers, answer);
    for (size_t r = 0; r < spec.results.size(); r++)
      if (!spec.results[r].accumulate && spec.typeOf(spec.results[r].value).sliced >= 0 &&
          !sameBits(answer.results[r],
                    whole.at(expected.integers).results[r].slice(expected.begin,
                                                                 expected.call.extent)))
        return expected.text + ": result " + std::to_string(r) +
               " has other bits than in the largest slice";
  }
  return "";
}

// Every schedule at every level in f32. What differs little from level to level is tried on the
// highest one that runs here: f64, which serves check-grad on the machine that compiles, and the
// reference's scalar loops.
bool worthwhile(ElementType element, const Level &level, const std::string &candidate) {
  if (!options.level.empty() || !options.element.empty() || !options.schedule.empty())
    return true;
  std::string highest;
  for (const Level &each : levels())
    if (each.runs)
      highest = each.name;
  return level.name == highest || (element == ElementType::F32 && candidate != "reference");
}

// "winograd(4x4," of "winograd(4x4,tile=2x7,rows=2)": what differs in more than sizes.
std::string familyOf(const std::string &candidate) { return candidate.substr(0, candidate.find("tile=")); }

// Of the variants of a family that differ in their sizes alone: the one expected to be fastest, and one
// of the others, which one depends on the row. Where the level is not the highest one, the compiler's
// choice and one of all others. Together the rows try all kinds of sizes.
std::vector<std::string> sampleOf(const std::vector<std::string> &candidates, uint64_t seed, bool highest,
                                  bool others) {
  if (!highest && candidates.size() > 2)
    return {candidates[0], candidates[1 + seed % (candidates.size() - 2)]};  // the last one is the reference
  std::map<std::string, std::vector<std::string>> families;
  for (const std::string &candidate : candidates)
    families[familyOf(candidate)].push_back(candidate);
  std::vector<std::string> sample;
  for (const auto &[family, variants] : families) {
    sample.push_back(variants[0]);
    if (others && variants.size() > 1)
      sample.push_back(variants[1 + seed % (variants.size() - 1)]);
  }
  return sample;
}

class KernelTest : public testing::TestWithParam<const Row *> {};

TEST_P(KernelTest, MatchesReference) {
  const Row &row = *GetParam();
  struct Task {
    ElementType element;
    Level level;
    Job job;
    Compiled compiled;
    std::string failure;
  };
  std::vector<Task> tasks;
  std::map<ElementType, KernelSpec> specs;
  for (ElementType element : {ElementType::F32, ElementType::F64})
    if (element == ElementType::F32 || row.size == Size::Small)
      specs[element] = row.spec(element);
  for (const auto &[element, spec] : specs)
    for (const Level &level : levels()) {
      if ((!options.level.empty() && options.level != level.name) ||
          (!options.element.empty() && options.element != name(element)))
        continue;
      Target target;
      target.level = level.name;
      std::vector<std::string> candidates = {""};
      if (!options.schedule.empty())
        candidates = {options.schedule};
      else if (row.size == Size::Small)
        candidates = sampleOf(candidatesFor(spec, target), row.seed(), worthwhile(element, level, "reference"),
                              element == ElementType::F32);
      for (const std::string &candidate : candidates)
        if (worthwhile(element, level, candidate))
          tasks.push_back({element, level, {&specs[element], target, candidate}, {}, ""});
    }
  ASSERT_FALSE(tasks.empty()) << "no such level or element type";
  inParallel(tasks.size(), [&](size_t i) {
    try {
      tasks[i].compiled = compile(tasks[i].job);
    } catch (const std::exception &error) {
      tasks[i].failure = error.what();
    }
  });

  std::map<ElementType, std::vector<Expectation>> expectations;
  for (const auto &[element, spec] : specs)
    expectations[element] = expectationsOf(row, spec);
  for (Task &task : tasks) {
    if (task.failure.empty() && task.level.runs)
      task.failure =
          faultsOf(task.compiled, row, specs[task.element], expectations[task.element]);
    if (task.failure.empty())
      continue;
    std::vector<std::string> again = {
        "bin/test_ops", "--gtest_filter=Rows/KernelTest.MatchesReference/" + row.name(),
        "--level",      task.level.name,
        "--element",    name(task.element)};
    const std::string candidate =
        task.job.candidate.empty() ? task.compiled.info.schedule : task.job.candidate;
    if (!candidate.empty())
      again.insert(again.end(), {"--schedule", candidate});
    ADD_FAILURE() << name(task.element) << " on " << task.level.name << ", schedule "
                  << (candidate.empty() ? "chosen by the compiler" : candidate) << "\n  "
                  << task.failure << "\n  again: " << quoted(again)
                  << "\n  kernel: " << task.job.command();
  }
}

// The order in which lanes are added is a promise, not a matter of rounding:
// ((0+1)+(2+3))+((4+5)+(6+7)), to the bit.
TEST(SumLanes, AddsAFixedTree) {
  const int64_t lanes = 8, elements = 37;
  Builder builder(ElementType::F32);
  Value src = builder.argument({ElementType::F32, {lanes, elements}, 1});
  builder.result(
      builder.node("sum_lanes", {src}, {}, {{ElementType::F32, {elements}, 0}})[0]);
  Call call;
  call.extent = elements;
  call.arguments = randomArguments(builder.spec, elements, Numbers::Real, 1);
  for (const Level &level : levels()) {
    if (!level.runs)
      continue;
    Target target;
    target.level = level.name;
    for (const std::string &candidate : candidatesFor(builder.spec, target)) {
      const Compiled compiled = compile({&builder.spec, target, candidate});
      const Answer answer = runKernel(LoadedKernel(compiled), builder.spec, compiled.info, call,
                                      Side::Begin);
      ASSERT_EQ(answer.offence, "");
      for (int64_t e = 0; e < elements; e++) {
        auto lane = [&](int64_t l) { return float(call.arguments[0](l, e).value); };
        const float expected = ((lane(0) + lane(1)) + (lane(2) + lane(3))) +
                               ((lane(4) + lane(5)) + (lane(6) + lane(7)));
        ASSERT_EQ(answer.results[0](e).value, expected)
            << candidate << " on " << level.name << ", element " << e;
      }
    }
  }
}

std::vector<const Row *> allRows() {
  std::vector<const Row *> all;
  for (const Row &row : rows())
    all.push_back(&row);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Rows, KernelTest, testing::ValuesIn(allRows()),
                         [](const auto &info) { return info.param->name(); });

}  // namespace
}  // namespace nncc::ops
