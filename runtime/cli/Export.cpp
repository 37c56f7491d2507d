#include <cstdio>

#include "cli/Commands.h"
#include "error.h"
#include "train/Block.h"
#include "train/Checkpoint.h"
#include "train/Initializers.h"
#include "train/Program.h"
#include "train/Trainer.h"

namespace nncc::cli {

namespace {

namespace fs = std::filesystem;

// The blocks that a checkpoint fills: which of them holds what is exported, it says itself.
class Blocks {
 public:
  explicit Blocks(const NnccProgram &program)
      : parameters(program.parameter_bytes, train::Block::Fill::Zero, "the model's parameters"),
        slots(program.state_bytes, train::Block::Fill::Zero, "the optimizer's state"),
        best(program.parameter_bytes, train::Block::Fill::Zero, "the best weights"),
        averages(program.parameter_bytes, train::Block::Fill::Zero, "the averaged weights") {}

  train::Block parameters, slots, best, averages;
};

// Weights and what goes beside them.
struct Source {
  fs::path path;
  const void *weights;
  std::vector<std::string> classNames;
  std::string preprocessing;
};

Source readFrom(const NnccProgram &program, const ExportOptions &options, Blocks &blocks) {
  const fs::path &from = options.from;
  auto weights = [&](const train::TrainingState &state) {
    return train::weightsToSave(program, state, blocks.parameters.data(), blocks.slots.data(),
                                blocks.best.data(), blocks.averages.data());
  };
  std::error_code error;
  if (fs::is_directory(from, error)) {
    train::Resumed newest = train::loadNewestCheckpoint(
        program, from, blocks.parameters.data(), blocks.slots.data(), blocks.best.data());
    for (const std::string &why : newest.refused)
      std::fprintf(stderr, "warning: passed over %s\n", why.c_str());
    return {newest.path, weights(newest.state), newest.state.classNames, newest.state.preprocessing};
  }
  if (!fs::exists(from, error))
    throw UserError("there is nothing at '" + from.string() +
                    "'; train the model first, or name a run's folder or checkpoint with --from");
  if (from.extension() == ".nncc") {
    train::TrainingState state = train::loadCheckpoint(
        program, from, blocks.parameters.data(), blocks.slots.data(), blocks.best.data());
    return {from, weights(state), state.classNames, state.preprocessing};
  }
  // What the mapping leaves out has its initial value.
  if (!options.mapping.empty())
    for (const NnccParameter &parameter : train::parameters(program))
      train::initialize(parameter, train::kDefaultSeed,
                        static_cast<std::byte *>(blocks.parameters.data()) + parameter.offset);
  train::LoadedWeights loaded =
      train::loadWeights(program, {from, options.mapping}, blocks.parameters.data());
  return {from, blocks.parameters.data(), loaded.classNames, loaded.preprocessing};
}

}  // namespace

void exportWeights(const NnccProgram &program, const ExportOptions &options) {
  Blocks blocks(program);
  Source source = readFrom(program, options, blocks);
  train::saveWeights(program, options.to, source.weights, source.classNames, source.preprocessing);
  std::printf("Weights of %s written to %s\n", source.path.c_str(), options.to.c_str());
}

}  // namespace nncc::cli
