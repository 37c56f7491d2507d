//===- Choice.h - one of several specs, with its options -------------------===//
#ifndef NNCC_FRONTEND_CHOICE_H
#define NNCC_FRONTEND_CHOICE_H

#include "frontend/Model.h"
#include "frontend/OptionReader.h"
#include "frontend/Text.h"

namespace nncc::frontend {

// A name, or a map of one name to its options. Without a spec after an error.
template <typename Spec>
Chosen<Spec> choose(Diagnostics &diagnostics, OptionReader &reader, const Node &node,
                    llvm::StringRef what, llvm::ArrayRef<Spec> specs) {
  Chosen<Spec> chosen;
  chosen.mark = node.mark;
  if (!node.isScalar() && !(node.isMap() && node.entries.size() == 1)) {
    diagnostics.error(node.mark) << what << " is "
                                 << (node.isMap() ? "a map of " + std::to_string(node.entries.size()) : node.describe())
                                 << "; expected a name, or one name with options: {NAME: {option: value}}";
    return chosen;
  }
  const Node &name = node.isScalar() ? node : node.entries[0].key;
  chosen.mark = name.mark;
  const Spec *spec = nn::find(specs, name.text);
  if (!spec) {
    diagnostics.error(name.mark) << "no " << what << " is called " << quote(name.text)
                                 << suggestion(name.text, namesOf(specs));
    return chosen;
  }
  Subject subject{what.str() + " '" + spec->name + "'", name.mark, diagnostics.named(what, name.mark)};
  if (reader.read(node.isMap() ? &node.entries[0].value : nullptr, subject, spec->options, {}, chosen.options))
    chosen.spec = spec;
  return chosen;
}

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_CHOICE_H
