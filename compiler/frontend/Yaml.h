//===- Yaml.h - text -> a tree with positions ------------------------------===//
//
// The YAML that a model file may use: one document of maps, lists and scalars, with anchors
// and aliases within reason; no tags, no merge keys. yaml-cpp reads it and throws; here its
// exceptions end.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_FRONTEND_YAML_H
#define NNCC_FRONTEND_YAML_H

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <vector>

namespace nncc::frontend {

// A place in the file, from 1; columns count bytes.
struct Mark {
  unsigned line = 1, column = 1;
};

struct Entry;

struct Node {
  enum class Kind { Null, Scalar, List, Map };
  Kind kind = Kind::Null;
  Mark mark;                  // of a null value: its key's
  std::string text;           // Scalar
  bool quoted = false;        // Scalar: text whatever it looks like
  std::vector<Node> items;    // List
  std::vector<Entry> entries; // Map: in the file's order, each key once
  unsigned height = 0;        // levels below

  bool isNull() const { return kind == Kind::Null; }
  bool isScalar() const { return kind == Kind::Scalar; }
  bool isList() const { return kind == Kind::List; }
  bool isMap() const { return kind == Kind::Map; }
  // The value of `key` in a map, or null.
  const Node *find(llvm::StringRef key) const;
  // What stands there, for messages: "'abc'", "a list", "nothing".
  std::string describe() const;
};

struct Entry {
  Node key; // Scalar
  Node value;
};

// Something wrong with the text; `note`, if any, says where else to look.
struct Problem {
  Mark mark;
  std::string message;
  std::optional<Mark> noteMark;
  std::string note;
};

// Null if the text can't be read to its end; a tree may come with problems too (a duplicate
// key, of which the first counts). An empty document gives a null node. `text` is UTF-8
// without control characters (see SourceFile.h).
std::optional<Node> parseYaml(llvm::StringRef text, std::vector<Problem> &problems);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_YAML_H
