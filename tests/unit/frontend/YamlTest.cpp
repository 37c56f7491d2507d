// Trees with positions; what is refused is tested by tests/lit/frontend/files.test.
#include "frontend/SourceFile.h"
#include "frontend/Yaml.h"
#include <gtest/gtest.h>

using namespace nncc::frontend;

namespace {

Node parse(llvm::StringRef text) {
  std::vector<Problem> problems;
  auto node = parseYaml(text, problems);
  EXPECT_TRUE(node && problems.empty()) << (problems.empty() ? "" : problems[0].message);
  return node ? *node : Node();
}

void expectMark(const Node &node, unsigned line, unsigned column) {
  EXPECT_EQ(node.mark.line, line);
  EXPECT_EQ(node.mark.column, column);
}

TEST(Yaml, NodesKnowWhereTheyStand) {
  Node root = parse("a: 1\nb:\n  - x\n  - {c: \"y\"}\n");
  ASSERT_TRUE(root.isMap());
  expectMark(root, 1, 1);
  expectMark(*root.find("a"), 1, 4);
  const Node &list = *root.find("b");
  ASSERT_TRUE(list.isList());
  ASSERT_EQ(list.items.size(), 2u);
  expectMark(list.items[0], 3, 5);
  expectMark(list.items[1], 4, 5);
  const Node &text = *list.items[1].find("c");
  expectMark(text, 4, 9);
  EXPECT_TRUE(text.quoted);
  EXPECT_FALSE(list.items[0].quoted);
  EXPECT_EQ(root.find("c"), nullptr);
}

TEST(Yaml, ColumnsCountBytesBehindAByteOrderMark) {
  Node root = parse("\xef\xbb\xbf" "a: \xc3\xa9 x\nb: {\xc3\xa9: 1}\n");
  EXPECT_EQ(root.find("a")->text, "\xc3\xa9 x");
  expectMark(*root.find("b")->find("\xc3\xa9"), 2, 9);
}

TEST(Yaml, NothingStandsAtItsKey) {
  Node root = parse("- flatten:\n- dense:\n    units: 3\n    activation: ~\n");
  const Entry &flatten = root.items[0].entries[0];
  EXPECT_TRUE(flatten.value.isNull());
  expectMark(flatten.value, 1, 3);
  const Node &activation = *root.items[1].entries[0].value.find("activation");
  EXPECT_TRUE(activation.isNull());
  expectMark(activation, 4, 5);
}

TEST(Yaml, AliasesStandForTheirValue) {
  Node root = parse("a: &x {b: [1, 2]}\nc: *x\nd: [*x, *x]\n");
  EXPECT_EQ(root.find("c")->find("b")->items.size(), 2u);
  EXPECT_EQ(root.find("d")->items[1].find("b")->items[1].text, "2");
  expectMark(*root.find("c")->find("b"), 1, 11);
}

TEST(Yaml, OfDuplicateKeysTheFirstCounts) {
  std::vector<Problem> problems;
  auto node = parseYaml("a: 1\nb: {c: 1, c: 2, c: 3}\na: 2\n", problems);
  ASSERT_TRUE(node);
  EXPECT_EQ(node->entries.size(), 2u);
  EXPECT_EQ(node->find("a")->text, "1");
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(problems[1].mark.column, 17u);
  ASSERT_TRUE(problems[1].noteMark);
  EXPECT_EQ(problems[1].noteMark->column, 5u);
}

TEST(Yaml, AnEmptyDocumentIsNothing) {
  EXPECT_TRUE(parse("# only this\n").isNull());
  EXPECT_TRUE(parse("---\n").isNull());
}

TEST(Source, TabsMayStandBetweenWords) {
  std::vector<Problem> problems;
  EXPECT_TRUE(checkSource("a:\t1\n\t\n \t# comment\n\t\r\nb: \"\t\"\n", problems));
  EXPECT_FALSE(checkSource("a:\n  \tb: 1\n", problems));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].mark.line, 2u);
  EXPECT_EQ(problems[0].mark.column, 3u);
}

} // namespace
