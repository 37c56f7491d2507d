//===- Yaml.cpp - text -> a tree with positions ----------------------------===//
#include "frontend/Yaml.h"
#include "frontend/Text.h"
#include "llvm/ADT/StringMap.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/parser.h"
#include <map>
#include <sstream>

using llvm::StringRef;

namespace nncc::frontend {

// A model needs a handful of levels; the limit keeps recursion over trees (and inside
// yaml-cpp, which calls us on the way down) far from the end of the stack.
static constexpr unsigned deepest = 32;
// Values after the expansion of aliases.
static constexpr size_t mostValues = 100000;

const Node *Node::find(StringRef key) const {
  for (const Entry &entry : entries)
    if (entry.key.text == key) return &entry.value;
  return nullptr;
}

std::string Node::describe() const {
  switch (kind) {
  case Kind::Null: return "nothing";
  case Kind::Scalar: return quoted ? "the text " + quote(text) : quote(text);
  case Kind::List: return "a list";
  case Kind::Map: return "a map";
  }
  llvm_unreachable("all kinds are above");
}

namespace {

// Thrown out of the event handler, through yaml-cpp.
struct Refusal {
  Problem problem;
};

Mark toMark(const YAML::Mark &mark) {
  if (mark.is_null()) return {};
  return {static_cast<unsigned>(mark.line) + 1, static_cast<unsigned>(mark.column) + 1};
}

class TreeBuilder : public YAML::EventHandler {
public:
  explicit TreeBuilder(std::vector<Problem> &problems) : problems(problems) {}

  Node root;

  void OnDocumentStart(const YAML::Mark &mark) override {
    if (started)
      refuse(toMark(mark), "a second document begins here; expected one model per file: leave out "
                           "what follows '---'");
    started = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override {
    Node node;
    node.mark = toMark(mark);
    add(std::move(node), anchor, 1);
  }

  void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                const std::string &value) override {
    Node node;
    node.kind = Node::Kind::Scalar;
    node.mark = toMark(mark);
    node.text = value;
    node.quoted = tag == "!";
    checkTag(tag, node.mark);
    add(std::move(node), anchor, 1);
  }

  void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override {
    auto found = anchors.find(anchor);
    if (found == anchors.end())
      refuse(toMark(mark), "this alias refers to the value that it is part of; write the value out");
    add(found->second.node, 0, found->second.values);
  }

  void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::List);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::Map);
  }
  void OnMapEnd() override { close(); }

private:
  struct Level {
    Node node;
    YAML::anchor_t anchor;
    size_t valuesBefore;
    std::optional<Node> key;
    llvm::StringMap<Mark> keys;
  };
  struct Anchor {
    Node node;
    size_t values;
  };

  [[noreturn]] static void refuse(Mark mark, std::string message) {
    throw Refusal{{mark, std::move(message), std::nullopt, ""}};
  }

  // "?" and "!" are yaml-cpp's for plain and quoted scalars without a tag.
  static void checkTag(const std::string &tag, Mark mark) {
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(mark, "tags such as " + quote(tag) + " are not supported; leave it out");
  }

  void checkDepth(size_t levels, Mark mark) {
    if (levels > deepest)
      refuse(mark, "lists and maps are nested more than " + std::to_string(deepest) +
                       " deep; a model needs fewer than 10 levels");
  }

  void open(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, Node::Kind kind) {
    checkTag(tag, toMark(mark));
    checkDepth(levels.size() + 1, toMark(mark));
    Level level{{}, anchor, values, std::nullopt, {}};
    level.node.kind = kind;
    level.node.mark = toMark(mark);
    levels.push_back(std::move(level));
  }

  void close() {
    Level level = std::move(levels.back());
    levels.pop_back();
    add(std::move(level.node), level.anchor, values - level.valuesBefore + 1, /*counted=*/true);
  }

  // Takes a finished value that stands for `size` values, those inside it included.
  void add(Node node, YAML::anchor_t anchor, size_t size, bool counted = false) {
    values += counted ? 1 : size;
    if (anchor) {
      values += size; // the anchor's copy
      anchors[anchor] = {node, size};
    }
    if (values > mostValues)
      refuse(node.mark, "more than " + std::to_string(mostValues) +
                            " values (aliases count as what they stand for); this is no model");
    if (levels.empty()) {
      root = std::move(node);
      return;
    }
    checkDepth(levels.size() + node.height, node.mark);
    Level &parent = levels.back();
    parent.node.height = std::max(parent.node.height, node.height + 1);
    if (parent.node.isList()) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      checkKey(node, parent);
      parent.key = std::move(node);
    } else {
      addEntry(std::move(*parent.key), std::move(node), parent);
      parent.key.reset();
    }
  }

  void checkKey(const Node &key, const Level &map) {
    if (!key.isScalar())
      refuse(key.isNull() ? map.node.mark : key.mark,
             "a key is missing or " + key.describe() + "; expected a word before ':'");
    if (key.text == "<<" && !key.quoted)
      refuse(key.mark, "merge keys ('<<') are not supported; write the options out");
  }

  void addEntry(Node key, Node value, Level &map) {
    if (value.isNull()) value.mark = key.mark; // yaml-cpp's is that of whatever comes next
    auto [first, isNew] = map.keys.try_emplace(key.text, key.mark);
    if (!isNew) {
      problems.push_back({key.mark, "key " + quote(key.text) + " is here twice; leave one out",
                          first->second, "the first is here"});
      return;
    }
    map.node.entries.push_back({std::move(key), std::move(value)});
  }

  std::vector<Problem> &problems;
  bool started = false;
  size_t values = 0;
  std::vector<Level> levels;
  std::map<YAML::anchor_t, Anchor> anchors;
};

} // namespace

std::optional<Node> parseYaml(StringRef text, std::vector<Problem> &problems) {
  try {
    std::istringstream stream(text.str());
    YAML::Parser parser(stream);
    TreeBuilder builder(problems);
    // The second call finds the end of the file or a second document, which the builder refuses.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
    return std::move(builder.root);
  } catch (const Refusal &refusal) {
    problems.push_back(refusal.problem);
  } catch (const YAML::Exception &exception) {
    problems.push_back({toMark(exception.mark), "not valid YAML: " + exception.msg, std::nullopt, ""});
  }
  return std::nullopt;
}

} // namespace nncc::frontend
