//===- Readers.h - what the `data` section can name ------------------------===//
#ifndef NNCC_FRONTEND_READERS_H
#define NNCC_FRONTEND_READERS_H

#include "frontend/Model.h"

namespace nncc::frontend {

// A reader of the runtime (runtime/data), by the word that the YAML uses. All readers have a
// `path`, relative to the trainer's --data folder; `READER: PATH` is short for
// `READER: {path: PATH}`.
struct ReaderSpec {
  std::string name;
  std::string doc;
  std::vector<nn::OptionSpec> options; // besides path
  // What is wrong with an input that this reader is to fill, and a hint; "" if it fits.
  std::string (*complaint)(const Input &);
};

llvm::ArrayRef<ReaderSpec> readers();

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_READERS_H
