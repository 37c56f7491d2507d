// Kernel specifications, targets and kernel information as text: nothing is lost on the
// way, the text and its hash are stable, and a text that is wrong says what is wrong.
#include "schedule/KernelSpec.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace nncc::schedule {
namespace {

// conv2d -> max_pool2d -> relu, and an update in place: every field has a value that is
// not its default somewhere.
KernelSpec example() {
  KernelSpec spec;
  spec.arguments = {{ElementType::F32, {5, 8, 8, 3}, 0},
                    {ElementType::F32, {3, 3, 3, 17}, -1},
                    {ElementType::F32, {17}, -1},
                    {ElementType::F64, {}, -1}};
  Node conv{"conv2d",
            {{true, 0, 0}, {true, 1, 0}, {true, 2, 0}},
            {{"strides", {1, 1}}, {"pads", {0, 0, 0, 0}}},
            {{ElementType::F32, {5, 6, 6, 17}, 0}}};
  Node pool{"max_pool2d",
            {{false, 0, 0}},
            {{"pool_size", {2, 2}}, {"strides", {2, 2}}, {"pads", {0, 0, 0, 0}}},
            {{ElementType::F32, {5, 3, 3, 17}, 0}, {ElementType::U8, {5, 3, 3, 17}, 0}}};
  Node scale{"rescale",
             {{false, 1, 0}},
             {{"scale", {1 / 255.}}, {"offset", {-0.1}}},
             {{ElementType::F32, {5, 3, 3, 17}, 0}}};
  spec.nodes = {conv, pool, scale};
  spec.results = {{{false, 2, 0}, true, -1}, {{false, 1, 1}, false, -1}, {{true, 2, 0}, false, 2}};
  spec.anchor = 0;
  return spec;
}

// Equality field by field, written out so that a field that toJson forgets is noticed.
void expectEqual(const TensorType &a, const TensorType &b) {
  EXPECT_EQ(a.element, b.element);
  EXPECT_EQ(a.shape, b.shape);
  EXPECT_EQ(a.sliced, b.sliced);
}

void expectEqual(const ValueRef &a, const ValueRef &b) {
  EXPECT_EQ(a.argument, b.argument);
  EXPECT_EQ(a.node, b.node);
  EXPECT_EQ(a.result, b.result);
}

TEST(KernelSpec, SurvivesTheWayThroughText) {
  const KernelSpec spec = example(), back = KernelSpec::fromJson(spec.toJson());
  ASSERT_EQ(back.arguments.size(), spec.arguments.size());
  for (size_t a = 0; a < spec.arguments.size(); a++)
    expectEqual(back.arguments[a], spec.arguments[a]);
  ASSERT_EQ(back.nodes.size(), spec.nodes.size());
  for (size_t n = 0; n < spec.nodes.size(); n++) {
    EXPECT_EQ(back.nodes[n].op, spec.nodes[n].op);
    EXPECT_EQ(back.nodes[n].attributes, spec.nodes[n].attributes);
    ASSERT_EQ(back.nodes[n].operands.size(), spec.nodes[n].operands.size());
    for (size_t o = 0; o < spec.nodes[n].operands.size(); o++)
      expectEqual(back.nodes[n].operands[o], spec.nodes[n].operands[o]);
    ASSERT_EQ(back.nodes[n].results.size(), spec.nodes[n].results.size());
    for (size_t r = 0; r < spec.nodes[n].results.size(); r++)
      expectEqual(back.nodes[n].results[r], spec.nodes[n].results[r]);
  }
  ASSERT_EQ(back.results.size(), spec.results.size());
  for (size_t r = 0; r < spec.results.size(); r++) {
    expectEqual(back.results[r].value, spec.results[r].value);
    EXPECT_EQ(back.results[r].accumulate, spec.results[r].accumulate);
    EXPECT_EQ(back.results[r].inPlace, spec.results[r].inPlace);
  }
  EXPECT_EQ(back.anchor, spec.anchor);
  EXPECT_EQ(back.toJson(), spec.toJson());
}

TEST(KernelSpec, KeepsEveryBitOfAnAttribute) {
  KernelSpec spec = example();
  for (double value : {1 / 3., 1e-7, 0.1 + 0.2, std::numeric_limits<double>::min(),
                       std::numeric_limits<double>::max(), 1e15 + 0.5, -0.0}) {
    spec.nodes[2].attributes["scale"] = {value};
    const double back =
        KernelSpec::fromJson(spec.toJson()).nodes[2].attributes.at("scale").at(0);
    EXPECT_EQ(back, value);
    EXPECT_EQ(std::signbit(back), std::signbit(value));
  }
}

TEST(KernelSpec, KeepsEveryElementType) {
  for (ElementType type : {ElementType::U8, ElementType::I32, ElementType::I64, ElementType::F32,
                           ElementType::F64}) {
    KernelSpec spec = example();
    spec.arguments[0].element = type;
    EXPECT_EQ(KernelSpec::fromJson(spec.toJson()).arguments[0].element, type);
  }
}

TEST(KernelSpec, TextAndHashAreStable) {
  EXPECT_EQ(example().toJson(), example().toJson());
  // Attributes are a map: the order in which they were set does not show.
  KernelSpec other = example();
  other.nodes[0].attributes.clear();
  other.nodes[0].attributes["strides"] = {1, 1};
  other.nodes[0].attributes["pads"] = {0, 0, 0, 0};
  EXPECT_EQ(other.toJson(), example().toJson());
  // Symbols and caches outlive a build of the compiler: a change here invalidates both.
  EXPECT_EQ(hashOf(""), "cbf29ce484222325");
  EXPECT_EQ(hashOf("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(hashOf("foobar"), "85944171f73967e8");
}

TEST(KernelSpec, EveryFieldIsInTheHash) {
  const std::string hash = hashOf(example().toJson());
  const std::vector<void (*)(KernelSpec &)> changes = {
      [](KernelSpec &spec) { spec.arguments[0].element = ElementType::F64; },
      [](KernelSpec &spec) { spec.arguments[0].shape[0] = 6; },
      [](KernelSpec &spec) { spec.arguments[0].sliced = -1; },
      [](KernelSpec &spec) { spec.arguments.pop_back(); },
      [](KernelSpec &spec) { spec.nodes[2].op = "relu"; },
      [](KernelSpec &spec) { spec.nodes[2].operands[0].node = 0; },
      [](KernelSpec &spec) { spec.nodes[2].operands[0].result = 1; },
      [](KernelSpec &spec) { spec.nodes[2].operands[0].argument = true; },
      [](KernelSpec &spec) { spec.nodes[0].attributes["pads"][2] = 1; },
      [](KernelSpec &spec) { spec.nodes[0].results[0].shape[3] = 16; },
      [](KernelSpec &spec) { spec.results[0].accumulate = false; },
      [](KernelSpec &spec) { spec.results[1].value.result = 0; },
      [](KernelSpec &spec) { spec.results[2].inPlace = 1; },
      [](KernelSpec &spec) { spec.results.pop_back(); },
      [](KernelSpec &spec) { spec.anchor = -1; },
  };
  for (size_t c = 0; c < changes.size(); c++) {
    KernelSpec changed = example();
    changes[c](changed);
    EXPECT_NE(hashOf(changed.toJson()), hash) << "change " << c;
  }
}

TEST(KernelSpec, Accumulates) {
  KernelSpec spec = example();
  EXPECT_TRUE(spec.accumulates());
  spec.results[0].accumulate = false;
  EXPECT_FALSE(spec.accumulates());
}

TEST(KernelSpec, TypeOf) {
  const KernelSpec spec = example();
  EXPECT_EQ(spec.typeOf({true, 1, 0}).shape, (std::vector<int64_t>{3, 3, 3, 17}));
  EXPECT_EQ(spec.typeOf({false, 1, 1}).element, ElementType::U8);
}

TEST(TensorType, Sizes) {
  EXPECT_EQ((TensorType{ElementType::F64, {2, 3}, -1}.bytes()), 48);
  EXPECT_EQ((TensorType{ElementType::U8, {}, -1}.bytes()), 1);
  EXPECT_EQ((TensorType{ElementType::I64, {7}, 0}.elements()), 7);
}

// The message of what `text` throws.
std::string complaintOf(const std::string &text) {
  try {
    KernelSpec::fromJson(text);
  } catch (const std::runtime_error &error) {
    return error.what();
  } catch (const std::exception &error) {
    return std::string("not a runtime_error: ") + error.what();
  }
  return "accepted";
}

std::string with(const std::string &path, const nlohmann::json &value) {
  auto json = nlohmann::json::parse(example().toJson());
  json[nlohmann::json::json_pointer(path)] = value;
  return json.dump();
}

std::string without(const std::string &path, const std::string &key) {
  auto json = nlohmann::json::parse(example().toJson());
  json[nlohmann::json::json_pointer(path)].erase(key);
  return json.dump();
}

TEST(KernelSpec, MalformedTextIsRefused) {
  const struct {
    std::string text, expected;
  } cases[] = {
      {"", "parse error"},
      {"{", "parse error"},
      {"[]", "kernel specification"},
      {"null", "kernel specification"},
      {"{}", "anchor"},
      {example().toJson().substr(0, 200), "parse error"},
      {example().toJson() + "}", "parse error"},
      {without("", "results"), "results"},
      {without("", "arguments"), "arguments"},
      {without("/nodes/0", "op"), "op"},
      {without("/nodes/0", "attributes"), "attributes"},
      {without("/nodes/0", "operands"), "operands"},
      {without("/arguments/0", "shape"), "shape"},
      {without("/results/0", "accumulate"), "accumulate"},
      {with("/arguments/0/element", "f16"), "'f16'"},
      {with("/arguments/0/element", 3), "type"},
      {with("/arguments/0/shape", {2, -1}), "-1"},
      {with("/arguments/0/shape", {2, 0}), "extent of 0"},
      {with("/arguments/0/shape", "2x2"), "type"},
      {with("/arguments/0/sliced", 4), "sliced dimension 4"},
      {with("/arguments/0/sliced", -2), "sliced dimension -2"},
      {with("/nodes/0/op", 7), "type"},
      {with("/nodes/0/attributes/strides", "one"), "type"},
      {with("/nodes/0/operands/0", {4}), "argument 4"},
      {with("/nodes/0/operands/0", {-1}), "argument -1"},
      {with("/nodes/0/operands/0", nlohmann::json::array()), "kernel specification"},
      {with("/nodes/0/operands/0", {0, 0}), "node 0"},  // itself
      {with("/nodes/0/operands/0", {1, 0}), "node 1"},  // a later one
      {with("/nodes/1/operands/0", {0, 1}), "node 0"},  // it has one result only
      {with("/nodes/1/operands/0", {0, -1}), "node 0"},
      {with("/results/0/value", {3, 0}), "result 0"},
      {with("/results/0/value", {9}), "result 0"},
      {with("/results", nlohmann::json::array()), "no results"},
      {with("/results/2/in_place", 4), "argument 4"},
      {with("/results/2/in_place", -2), "argument -2"},
      {with("/anchor", 3), "anchor"},
      {with("/anchor", -2), "anchor"},
      {with("/anchor", "first"), "type"},
  };
  for (const auto &[text, expected] : cases) {
    const std::string complaint = complaintOf(text);
    EXPECT_NE(complaint.find("kernel specification"), std::string::npos)
        << complaint << "\nfor " << text.substr(0, 400);
    EXPECT_NE(complaint.find(expected), std::string::npos)
        << complaint << "\ndoes not say '" << expected << "' for " << text.substr(0, 400);
  }
}

TEST(Target, SurvivesTheWayThroughText) {
  Target target;
  target.level = "x86-64-v4";
  target.cpu = "znver5";
  target.l1Bytes = 48 << 10;
  target.l2Bytes = 2 << 20;
  const Target back = targetFromJson(toJson(target));
  EXPECT_EQ(back.level, target.level);
  EXPECT_EQ(back.cpu, target.cpu);
  EXPECT_EQ(back.l1Bytes, target.l1Bytes);
  EXPECT_EQ(back.l2Bytes, target.l2Bytes);
  EXPECT_THROW(targetFromJson("{}"), std::runtime_error);
  EXPECT_THROW(targetFromJson("x86-64"), std::runtime_error);
}

TEST(Target, Registers) {
  Target target;
  target.level = "x86-64";
  EXPECT_EQ(target.vectorBytes(), 16);
  EXPECT_EQ(target.vectorRegisters(), 16);
  target.level = "x86-64-v3";
  EXPECT_EQ(target.vectorBytes(), 32);
  EXPECT_EQ(target.vectorRegisters(), 16);
  target.level = "x86-64-v4";
  EXPECT_EQ(target.vectorBytes(), 64);
  EXPECT_EQ(target.vectorRegisters(), 32);
}

TEST(KernelInfo, SurvivesTheWayThroughText) {
  KernelInfo info;
  info.schedule = "direct(tile=14x2)";
  info.reference = true;
  info.refusals = {"winograd: strides are not 1", "a \"quoted\" reason\n"};
  info.scratch = {{ElementType::F32, {8, 16}, 0}, {ElementType::U8, {7}, -1}};
  info.kept = {true, false};
  info.flopsPerSample = 14450688.5;
  const KernelInfo back = KernelInfo::fromJson(info.toJson());
  EXPECT_EQ(back.schedule, info.schedule);
  EXPECT_EQ(back.reference, info.reference);
  EXPECT_EQ(back.refusals, info.refusals);
  EXPECT_EQ(back.flopsPerSample, info.flopsPerSample);
  ASSERT_EQ(back.scratch.size(), 2u);
  EXPECT_EQ(back.kept, info.kept);
  EXPECT_TRUE(back.keeps());
  expectEqual(back.scratch[0], info.scratch[0]);
  expectEqual(back.scratch[1], info.scratch[1]);
  EXPECT_THROW(KernelInfo::fromJson("{\"schedule\": 1}"), std::runtime_error);
}

}  // namespace
}  // namespace nncc::schedule
