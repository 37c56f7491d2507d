#include <cstdio>

#include "cli/Commands.h"
#include "error.h"
#include "train/Block.h"
#include "train/Checkpoint.h"
#include "train/Weights.h"

namespace nncc::cli {

namespace {

namespace fs = std::filesystem;

// What goes beside the parameters.
struct Source {
  fs::path path;
  std::vector<std::string> classNames;
  std::string preprocessing;
};

// Fills the parameter block.
Source readFrom(const NnccProgram &program, const fs::path &from, void *parameters) {
  std::error_code error;
  if (fs::is_directory(from, error)) {
    train::Resumed newest = train::loadNewestCheckpoint(program, from, parameters, nullptr);
    for (const std::string &why : newest.refused)
      std::fprintf(stderr, "warning: passed over %s\n", why.c_str());
    return {newest.path, newest.state.classNames, newest.state.preprocessing};
  }
  if (!fs::exists(from, error))
    throw UserError("there is nothing at '" + from.string() +
                    "'; train the model first, or name a run's folder or checkpoint with --from");
  if (from.extension() == ".nncc") {
    train::TrainingState state = train::loadCheckpoint(program, from, parameters, nullptr);
    return {from, state.classNames, state.preprocessing};
  }
  train::LoadedWeights loaded = train::loadWeights(program, from, parameters);
  return {from, loaded.classNames, loaded.preprocessing};
}

}  // namespace

void exportWeights(const NnccProgram &program, const ExportOptions &options) {
  train::Block parameters(program.parameter_bytes, train::Block::Fill::Zero,
                          "the model's parameters");
  Source source = readFrom(program, options.from, parameters.data());
  train::saveWeights(program, options.to, parameters.data(), source.classNames,
                     source.preprocessing);
  std::printf("Weights of %s written to %s\n", source.path.c_str(), options.to.c_str());
}

}  // namespace nncc::cli
