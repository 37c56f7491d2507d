#include <cstdio>

#include "cli/Commands.h"
#include "error.h"
#include "train/Block.h"
#include "train/Checkpoint.h"
#include "train/Weights.h"

namespace nncc::cli {

namespace {

namespace fs = std::filesystem;

// Fills the parameter block and says what of; class names go to `classNames`.
fs::path readFrom(const NnccProgram &program, const fs::path &from, void *parameters,
                  std::vector<std::string> &classNames) {
  std::error_code error;
  if (fs::is_directory(from, error)) {
    train::Resumed newest = train::loadNewestCheckpoint(program, from, parameters, nullptr);
    for (const std::string &why : newest.refused)
      std::fprintf(stderr, "warning: passed over %s\n", why.c_str());
    classNames = newest.state.classNames;
    return newest.path;
  }
  if (!fs::exists(from, error))
    throw UserError("there is nothing at '" + from.string() +
                    "'; train the model first, or name a run's folder or checkpoint with --from");
  if (from.extension() == ".nncc")
    classNames = train::loadCheckpoint(program, from, parameters, nullptr).classNames;
  else
    classNames = train::loadWeights(program, from, parameters).classNames;
  return from;
}

}  // namespace

void exportWeights(const NnccProgram &program, const ExportOptions &options) {
  train::Block parameters(program.parameter_bytes, train::Block::Fill::Zero,
                          "the model's parameters");
  std::vector<std::string> classNames;
  fs::path source = readFrom(program, options.from, parameters.data(), classNames);
  train::saveWeights(program, options.to, parameters.data(), classNames);
  std::printf("Weights of %s written to %s\n", source.c_str(), options.to.c_str());
}

}  // namespace nncc::cli
