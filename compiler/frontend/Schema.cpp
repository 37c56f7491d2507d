//===- Schema.cpp - what a model's file may say, for people ----------------===//
#include "frontend/Schema.h"
#include "frontend/Augmentation.h"
#include "frontend/Readers.h"
#include "frontend/Sections.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace nncc::frontend {

using nn::OptionKind;
using nn::OptionSpec;

static std::string number(double value) {
  std::string text;
  raw_string_ostream(text) << format("%g", value);
  return text;
}

// What may be written for an option: "integer of at least 1", "2 integers, or one for all".
static std::string valueText(const OptionSpec &spec) {
  std::string text;
  switch (spec.kind) {
  case OptionKind::Integer: text = "integer"; break;
  case OptionKind::Pairs:
    text = spec.count == 1 ? "integer, or [before, after]"
                           : "integer, or a list of " + std::to_string(spec.count) + " integers or pairs [before, after]";
    break;
  case OptionKind::Integers:
    if (spec.count == 0) {
      text = "list of integers";
      break;
    }
    text = std::to_string(spec.count) + " integers, or one for all"; break;
  case OptionKind::Number: text = "number"; break;
  case OptionKind::NumberPair: text = "2 numbers, or one for both"; break;
  case OptionKind::Probability: return "true, false, or a probability";
  case OptionKind::Array: return "numbers in nested lists";
  case OptionKind::Boolean: return "true, false";
  case OptionKind::Choice: return llvm::join(spec.choices, ", ");
  case OptionKind::Activation: return "an activation";
  case OptionKind::Initializer: return "an initializer";
  case OptionKind::Text: return "text";
  case OptionKind::Texts: return "a text or a list of texts";
  case OptionKind::Numbers: text = "list of numbers"; break;
  case OptionKind::Options: return "options, below";
  case OptionKind::Schedule: text = "number or a schedule"; break;
  case OptionKind::Layers: return "a layer, {NAME: {options}}, or a list of layers";
  }
  // Limits that only keep sizes sane say nothing to a reader.
  bool low = spec.minimum > -1e300, high = spec.maximum <= 1000;
  if (low && high) return text + ", " + number(spec.minimum) + " to " + number(spec.maximum);
  if (low) return text + ", at least " + number(spec.minimum);
  return high ? text + ", at most " + number(spec.maximum) : text;
}

// Options inside of one come behind it: `ema.decay`.
static void writeRows(raw_ostream &out, StringRef prefix, ArrayRef<OptionSpec> options) {
  for (const OptionSpec &spec : options) {
    out << "| `" << prefix << spec.name << "` | " << valueText(spec) << " | ";
    if (!spec.defaultText) out << "required";
    else if (spec.defaultText->empty()) out << "none";
    else out << "`" << *spec.defaultText << "`";
    out << " | " << spec.doc << " |\n";
    writeRows(out, (prefix + spec.name + ".").str(), spec.inside);
  }
}

static void writeOptions(raw_ostream &out, ArrayRef<OptionSpec> options) {
  if (options.empty()) return;
  out << "| option | value | default | |\n|---|---|---|---|\n";
  writeRows(out, "", options);
  out << "\n";
}

template <typename Spec> static void writeAll(raw_ostream &out, StringRef title, ArrayRef<Spec> specs) {
  out << "## " << title << "\n\n";
  for (const Spec &spec : specs) {
    out << "**" << spec.name << "**";
    if constexpr (std::is_same_v<Spec, nn::CriterionSpec>)
      for (const std::string &alias : spec.aliases) out << " or **" << alias << "**";
    out << ": " << spec.doc << "\n\n";
    if constexpr (!std::is_same_v<Spec, nn::ActivationSpec>) writeOptions(out, spec.options);
  }
}

std::string schemaText() {
  std::string text;
  raw_string_ostream out(text);
  out << "# What a model's file may say\n\n"
         "Made by `nncc schema` from the declarations that the compiler reads files by; a test\n"
         "holds this page to them. After a change: `build/bin/nncc schema > models/SCHEMA.md`.\n\n"
         "`{NAME: {options}}` or, where the defaults will do, just `NAME`. Every layer also takes\n"
         "`name`, `inputs` and, where it has weights, `trainable`.\n\n"
         "## Sections\n\n";
  for (const SectionSpec &section : sectionSpecs()) {
    out << "**" << section.name << "**: " << section.doc << "\n\n";
    writeOptions(out, section.options);
  }
  writeAll(out, "Layers", nn::layers());
  writeAll(out, "Activations", nn::activations());
  writeAll(out, "Initializers", nn::initializers());
  writeAll(out, "Losses", nn::losses());
  writeAll(out, "Metrics", nn::metrics());
  writeAll(out, "Optimizers", nn::optimizers());
  writeAll(out, "Learning-rate schedules", nn::schedules());
  out << "## Readers\n\nFiles and folders are relative to the trainer's `--data`. `READER: PATH` is short for\n"
         "`READER: {path: PATH}`.\n\n";
  auto writeReaders = [&](bool splits) {
    for (const ReaderSpec &spec : readers()) {
      if (spec.isSplit != splits) continue;
      out << "**" << spec.name << "**: " << spec.doc << "\n\n";
      writeOptions(out, spec.options);
    }
  };
  writeReaders(false);
  out << "## Splits\n\nWhat may stand in the place of a reader for `validation` and `test`: they are then taken from\n"
         "the samples of `train`, which keeps the rest. `fraction: 0.2` is short for `fraction: {fraction: 0.2}`.\n\n";
  writeReaders(true);
  out << "## Augmentation\n\n`augment` beside the reader of `train` shows each sample a little different in every epoch.\n"
         "Images are flipped and shifted, turned and zoomed (one resampling), then change contrast and\n"
         "brightness, then are mixed, then cut out. Sequences, f32 [steps, features], are stretched and turned,\n"
         "then mixed.\n\n";
  writeOptions(out, augmentOptions());
  while (StringRef(text).ends_with("\n\n")) text.pop_back();
  return text;
}

} // namespace nncc::frontend
