// Options by their declarations: those of the registry, and kinds that it does not use yet.
#include "frontend/OptionReader.h"
#include <gtest/gtest.h>

using namespace nncc;
using namespace nncc::frontend;

namespace {

class OptionsTest : public testing::Test {
protected:
  OptionsTest() : diagnostics(context, "test.yaml"), reader(diagnostics) {
    context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) {
      messages.push_back(diagnostic.str());
      return mlir::success();
    });
  }

  // The value of the one option `o` in `text`, declared as `spec`.
  nn::OptionValue read(llvm::StringRef text, nn::OptionSpec spec) {
    spec.name = "o";
    std::vector<Problem> problems;
    auto node = parseYaml(text, problems);
    EXPECT_TRUE(node && problems.empty());
    nn::Options options;
    bool good = reader.read(&*node, {"layer 'l'", {}, diagnostics.at({})}, {spec}, {}, options);
    return good ? options.all().at("o").value : nn::OptionValue();
  }

  mlir::MLIRContext context;
  Diagnostics diagnostics;
  OptionReader reader;
  std::vector<std::string> messages;
};

TEST_F(OptionsTest, DefaultsSuitTheirDeclarations) {
  int defaults = 0;
  auto check = [&](const std::string &owner, const std::vector<nn::OptionSpec> &specs) {
    for (const nn::OptionSpec &spec : specs) {
      EXPECT_FALSE(spec.doc.empty()) << owner << ": option '" << spec.name << "' has no documentation";
      if (!spec.defaultText) continue;
      ++defaults;
      nn::Options options;
      EXPECT_TRUE(reader.read(nullptr, {owner, {}, diagnostics.at({})}, {spec}, {}, options));
      EXPECT_EQ(options.all().size(), 1u) << owner << ": option '" << spec.name << "'";
    }
  };
  for (auto &spec : nn::layers()) check(spec.name, spec.options);
  for (auto &spec : nn::initializers()) check(spec.name, spec.options);
  for (auto &spec : nn::losses()) check(spec.name, spec.options);
  for (auto &spec : nn::metrics()) check(spec.name, spec.options);
  for (auto &spec : nn::optimizers()) check(spec.name, spec.options);
  EXPECT_TRUE(messages.empty()) << messages[0];
  EXPECT_GT(defaults, 10);
}

// The frontend gives these meanings of its own.
TEST_F(OptionsTest, LayersLeaveCommonOptionsAlone) {
  for (auto &layer : nn::layers())
    for (auto &option : layer.options)
      EXPECT_FALSE(option.name == "name" || option.name == "inputs" || option.name == "trainable")
          << layer.name << " declares '" << option.name << "'";
}

TEST_F(OptionsTest, IntegersWithoutBoundsAreBoundedAllTheSame) {
  nn::OptionSpec spec{"o", nn::OptionKind::Integer, std::nullopt, ""};
  EXPECT_EQ(std::get<int64_t>(read("o: 1048576", spec)), 1048576);
  EXPECT_EQ(std::get<int64_t>(read("o: -1048576", spec)), -1048576);
  read("o: 1048577", spec);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0], "layer 'l': option 'o' is '1048577'; expected an integer from -1048576 to 1048576");
}

TEST_F(OptionsTest, OneIntegerStandsForAll) {
  nn::OptionSpec spec{"o", nn::OptionKind::Integers, std::nullopt, "", 3};
  EXPECT_EQ(std::get<std::vector<int64_t>>(read("o: 5", spec)), (std::vector<int64_t>{5, 5, 5}));
  EXPECT_EQ(std::get<std::vector<int64_t>>(read("o: [1, 2, 3]", spec)), (std::vector<int64_t>{1, 2, 3}));
}

TEST_F(OptionsTest, ListsOfAnyLength) {
  nn::OptionSpec spec{"o", nn::OptionKind::Integers, std::nullopt, "", 0, {}, 1, 9};
  EXPECT_EQ(std::get<std::vector<int64_t>>(read("o: [5]", spec)), (std::vector<int64_t>{5}));
  EXPECT_EQ(std::get<std::vector<int64_t>>(read("o: [3, 2, 1]", spec)), (std::vector<int64_t>{3, 2, 1}));
  for (auto text : {"o: 5", "o: []", "o: [1, 1, 1, 1, 1, 1, 1, 1, 1]", "o: [10]"}) read(text, spec);
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0], "layer 'l': option 'o' is '5'; expected a list of 1 to 8 integers, each from 1 to 9");
}

TEST_F(OptionsTest, PairsTakeOneNumberForBothOrAll) {
  nn::OptionSpec two{"o", nn::OptionKind::Pairs, std::nullopt, "", 2, {}, 0, 9}, one = two;
  one.count = 1;
  auto values = [&](llvm::StringRef text, const nn::OptionSpec &spec) {
    return std::get<std::vector<int64_t>>(read(text, spec));
  };
  EXPECT_EQ(values("o: 5", two), (std::vector<int64_t>{5, 5, 5, 5}));
  EXPECT_EQ(values("o: [1, 2]", two), (std::vector<int64_t>{1, 1, 2, 2}));
  EXPECT_EQ(values("o: [[1, 2], 3]", two), (std::vector<int64_t>{1, 2, 3, 3}));
  EXPECT_EQ(values("o: 5", one), (std::vector<int64_t>{5, 5}));
  EXPECT_EQ(values("o: [1, 2]", one), (std::vector<int64_t>{1, 2}));
  for (auto text : {"o: [1, 2, 3]", "o: [[1, 2, 3], 1]", "o: 10", "o: [[1, x], 1]"}) read(text, two);
  for (auto text : {"o: [1]", "o: [[1, 2]]"}) read(text, one);
  ASSERT_EQ(messages.size(), 6u);
  EXPECT_EQ(messages[0], "layer 'l': option 'o' is a list; expected an integer from 0 to 9, or a list of 2 such "
                         "integers or pairs of them: [[before, after], ...]");
  EXPECT_EQ(messages[4], "layer 'l': option 'o' is a list; expected an integer from 0 to 9, or a pair of such "
                         "integers: [before, after]");
}

TEST_F(OptionsTest, AbsentOptionsHaveAValueOfTheirKind) {
  auto absent = [&](nn::OptionKind kind) { return read("{}", {"o", kind, "", "", 2, {"a"}}); };
  EXPECT_EQ(std::get<std::string>(absent(nn::OptionKind::Activation)), "");
  EXPECT_EQ(std::get<std::string>(absent(nn::OptionKind::Choice)), "");
  EXPECT_TRUE(std::get<std::vector<int64_t>>(absent(nn::OptionKind::Integers)).empty());
  EXPECT_TRUE(std::holds_alternative<std::monostate>(absent(nn::OptionKind::Integer)));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(absent(nn::OptionKind::Number)));
}

TEST_F(OptionsTest, ARequiredActivationCantBeLeftEmpty) {
  read("o:", {"o", nn::OptionKind::Activation, std::nullopt, ""});
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].substr(0, 53), "layer 'l': option 'o' is nothing; expected an activat");
}

TEST_F(OptionsTest, OptionsKnowWhereTheyStand) {
  std::vector<Problem> problems;
  auto node = parseYaml("a: 1\nb: 2\n", problems);
  nn::Options options;
  nn::OptionSpec specs[] = {{"b", nn::OptionKind::Integer, std::nullopt, ""}, {"c", nn::OptionKind::Number, "3", ""}};
  mlir::Location own = diagnostics.named("layer", {9, 9});
  EXPECT_TRUE(reader.read(&*node, {"layer", {}, own}, specs, {"a"}, options));
  EXPECT_EQ(options.location("b"), mlir::Location(diagnostics.at({2, 4})));
  EXPECT_EQ(options.location("c"), own);
  EXPECT_EQ(options.number("c"), 3);
}

} // namespace
