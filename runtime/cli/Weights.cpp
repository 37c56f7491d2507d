#include <cstdio>

#include "cli/Commands.h"
#include "error.h"
#include "train/Trainer.h"

namespace nncc::cli {

train::LoadedWeights fillWeights(const NnccProgram &program, train::Model &model,
                                 const ChosenWeights &weights, bool initialWillDo) {
  bool trained = program.train.num_judged > 0;
  std::error_code error;
  train::WeightsFile file = weights;
  if (!std::filesystem::exists(file.path, error)) {
    if (weights.named || (trained && !initialWillDo))
      throw UserError("there are no weights at '" + file.path.string() +
                      "'; train the model first, or name a safetensors file with --weights");
    if (trained)
      std::fprintf(stderr, "note: there are no weights at '%s': these are the initial ones\n",
                   file.path.c_str());
    file = trained ? train::WeightsFile() : train::startingWeights(program, weights.dataDir);
  }
  // What a file leaves out has its initial value.
  if (file.path.empty() || !file.mapping.empty()) model.initialize(train::kDefaultSeed);
  if (file.path.empty()) return {};
  train::LoadedWeights loaded = train::loadWeights(program, file, model.parameters());
  for (const std::string &warning : loaded.warnings)
    std::fprintf(stderr, "warning: %s\n", warning.c_str());
  return loaded;
}

}  // namespace nncc::cli
