// Weights of other origin: which tensor of a file is which parameter of the model, and how its
// axes lie there.
#ifndef NNCC_TRAIN_WEIGHTSMAPPING_H
#define NNCC_TRAIN_WEIGHTSMAPPING_H

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi.h"
#include "train/Weights.h"

namespace nncc::train {

struct WeightsMapping {
  // PyTorch's names (weight, running_mean) and axes (channels before height and width, [out, in]);
  // else Keras's, which are ours.
  bool pytorch = false;
  // The file's name and ours: of a tensor, or of a layer (a name up to a dot). One '*' on the left
  // stands for any text, which comes back where the right has one.
  std::vector<std::pair<std::string, std::string>> rename;
  // Patterns of parameters that are left as they are, and of tensors that are not wanted.
  std::vector<std::string> skip;

  bool empty() const { return !pytorch && rename.empty() && skip.empty(); }
};

WeightsMapping mappingOf(const NnccWeights &weights);

// A file with its mapping.
struct WeightsFile {
  std::filesystem::path path;
  WeightsMapping mapping;
};

// What the model's YAML names as its weights, below the data folder; no path if it names none.
WeightsFile startingWeights(const NnccProgram &program, const std::filesystem::path &dataDir);

// By the mapping, or where that is empty by our own names.
LoadedWeights loadWeights(const NnccProgram &program, const WeightsFile &weights, void *parameters);

// True if `pattern`, in which a '*' stands for any text, fits the whole of `name`.
bool matches(std::string_view pattern, std::string_view name);

// Like loadWeights, by a mapping: parameters to skip keep what `parameters` holds. Tensors may be
// of any floating-point type. Throws UserError where a parameter or a tensor is left over, a shape
// does not fit, or an entry of the mapping fits nothing; the block may be half filled then.
LoadedWeights loadMapped(const NnccProgram &program, const std::filesystem::path &path,
                         const WeightsMapping &mapping, void *parameters);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_WEIGHTSMAPPING_H
