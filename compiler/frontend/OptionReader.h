//===- OptionReader.h - options, checked by their declarations -------------===//
#ifndef NNCC_FRONTEND_OPTIONREADER_H
#define NNCC_FRONTEND_OPTIONREADER_H

#include "frontend/Diagnostics.h"
#include "nn/Registry.h"

namespace nncc::frontend {

// Whose options are read: for messages, and for what is not written.
struct Subject {
  std::string text;         // "layer 'conv2d'"
  Mark mark;                // where errors of missing options go
  mlir::Location location;  // of options that have their default
};

class OptionReader {
public:
  explicit OptionReader(Diagnostics &diagnostics) : diagnostics(diagnostics) {}

  // Fills in `options` from a map, or from null or no node: none written. Keys in `others` are
  // left to the caller. False after errors, of which it reports all; options that could not
  // be read are then absent.
  bool read(const Node *node, const Subject &subject, llvm::ArrayRef<nn::OptionSpec> specs,
            llvm::ArrayRef<llvm::StringRef> others, nn::Options &options);

private:
  std::optional<nn::OptionValue> readValue(const Node &node, const Subject &subject,
                                           const nn::OptionSpec &spec);
  std::optional<nn::OptionValue> readPairs(const Node &node, const Subject &subject, const nn::OptionSpec &spec);
  // A name from `known`, or a map of one name to its options: {NAME: {option: value}}.
  template <typename Spec>
  std::optional<nn::OptionValue> readNamed(const Node &node, const Subject &subject, const nn::OptionSpec &spec,
                                           llvm::StringRef kind, llvm::ArrayRef<Spec> known);
  std::optional<nn::OptionValue> readArray(const Node &node, const Subject &subject, const nn::OptionSpec &spec);
  bool addArray(const Node &node, size_t level, const Subject &subject, const nn::OptionSpec &spec,
                nn::Array &numbers);
  std::optional<nn::OptionValue> readLayers(const Node &node, const Subject &subject, const nn::OptionSpec &spec);
  nn::OptionValue defaultValue(const nn::OptionSpec &spec, const Subject &subject);
  std::nullopt_t refuse(const Node &node, const Subject &subject, const nn::OptionSpec &spec,
                        const std::string &hint = "");

  Diagnostics &diagnostics;
};

// A component with the numbers, texts and lists of `options`; absent ones are left out.
nn::Component toComponent(llvm::StringRef name, const nn::Options &options);

// {name = ..., option = value}: absent options are left out.
mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context, llvm::StringRef name,
                                 const nn::Options &options);

// The names of specs, for messages.
template <typename Spec> std::vector<llvm::StringRef> namesOf(llvm::ArrayRef<Spec> specs) {
  std::vector<llvm::StringRef> names;
  for (const Spec &spec : specs) names.push_back(spec.name);
  return names;
}

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_OPTIONREADER_H
