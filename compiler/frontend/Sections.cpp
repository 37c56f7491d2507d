//===- Sections.cpp - the options of the sections themselves ---------------===//
#include "frontend/Sections.h"

namespace nncc::frontend {

using nn::OptionKind;

llvm::ArrayRef<SectionSpec> sectionSpecs() {
  static const std::vector<SectionSpec> all = {
      {"model", "the model's name, and the program's.", {}},
      {"input",
       "`shape` of one sample, `[height, width, channels]` for images; layers see value * scale + offset.",
       {{"type", OptionKind::Choice, "", "u8: pixels, also where there is a scale; f32: numbers", 1, {"u8", "f32"}},
        {"scale", OptionKind::Number, "1", "values are multiplied by it"},
        {"offset", OptionKind::Number, "0", "and this is added"}}},
      {"layers",
       "a list; each layer reads the one before it unless its `inputs` name others.",
       {}},
      {"outputs", "names of the layers that `predict` prints; by default the last one.", {}},
      {"train",
       "`loss`, `optimizer` and a list of `metrics`, which are named below.",
       {{"batch_size", OptionKind::Integer, "32", "most samples in a step", 1, {}, 1, 65536},
        {"epochs", OptionKind::Integer, "1", "passes over the training data", 1, {}, 1, 1000000},
        {"lanes", OptionKind::Integer, "8", "partial sums of each weight gradient", 1, {}, 1, 64}}},
      {"data", "the readers of `train` and, where there are such, of `validation` and `test`, which may also be "
        "splits of `train`; `augment` beside the reader of `train`.", {}},
  };
  return all;
}

llvm::ArrayRef<nn::OptionSpec> sectionOptions(llvm::StringRef name) {
  for (const SectionSpec &section : sectionSpecs())
    if (section.name == name) return section.options;
  llvm_unreachable("no such section");
}

} // namespace nncc::frontend
