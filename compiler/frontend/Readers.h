//===- Readers.h - what the `data` section can name ------------------------===//
#ifndef NNCC_FRONTEND_READERS_H
#define NNCC_FRONTEND_READERS_H

#include "frontend/Model.h"

namespace nncc::frontend {

// A reader of the runtime (runtime/data), by the word that the YAML uses, or a split: what takes
// a part from the training samples instead of reading one.
struct ReaderSpec {
  std::string name;
  std::string doc;
  std::vector<nn::OptionSpec> options;
  std::string scalar;    // the option that a single value behind the name stands for; "": none
  bool isSplit = false;
  // What is wrong with an input that this reader is to fill, and a hint; "" if it fits.
  std::string (*complaint)(const Input &) = nullptr;
  bool lengths = false;        // gives the lengths of inputs that have them
  bool severalInputs = false;  // fills all inputs of a model that has several
  bool columns = false;        // knows columns of its samples, by which a group or a fold can go
  bool time = false;           // its samples go by time: `last` is the split that suits it, and no other
  // What is wrong with options that are right one by one; "" if nothing is.
  std::string (*optionsComplaint)(const nn::Options &) = nullptr;
  // Does it take the targets of several outputs from columns of a table, some of which may be empty? Then what is
  // wrong with its options for a model whose losses go by output, or not.
  std::string (*targetsComplaint)(const nn::Options &, bool byOutput) = nullptr;
};

llvm::ArrayRef<ReaderSpec> readers();

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_READERS_H
