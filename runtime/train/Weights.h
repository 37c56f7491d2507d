// A model's parameters as a safetensors file: one tensor a parameter under its name, and as
// metadata the model's name, its class names and what the reader found in the training data, so
// that `predict` needs nothing else.
#ifndef NNCC_TRAIN_WEIGHTS_H
#define NNCC_TRAIN_WEIGHTS_H

#include <filesystem>
#include <string>
#include <vector>

#include "abi.h"
#include "train/Safetensors.h"

namespace nncc::train {

struct LoadedWeights {
  std::vector<std::string> classNames;  // empty where the file has none
  std::string preprocessing;            // data::Dataset's; empty where the file has none
  std::vector<std::string> warnings;    // sentences for the user: values that are no numbers
};

// Fills the parameter block. The file must hold the program's parameters and nothing else,
// in their shapes, as F32 or in the program's own type (F64 for double precision; F32 is
// widened). Throws UserError naming the file and the tensor; the block may be half filled then.
LoadedWeights loadWeights(const NnccProgram &program, const std::filesystem::path &path,
                          void *parameters);

// Replaces the file atomically. Equal parameters give equal bytes.
void saveWeights(const NnccProgram &program, const std::filesystem::path &path,
                 const void *parameters, const std::vector<std::string> &classNames,
                 const std::string &preprocessing = {});

// Class names as a metadata text and back; a text that is no list of names is UserError.
std::string classNamesText(const std::vector<std::string> &classNames);
std::vector<std::string> classNamesOf(const SafetensorsFile &file);
// The metadata that holds a data set's preprocessing, and that text in a file; empty if none.
inline constexpr const char *kPreprocessing = "preprocessing";
std::string preprocessingOf(const SafetensorsFile &file);

// The program's parameters and optimizer slots where they lie in their blocks.
std::vector<TensorView> parameterViews(const NnccProgram &program, const void *parameters);
std::vector<TensorView> slotViews(const NnccProgram &program, const void *state);

// The parameters with the moving averages (NnccSlot) in place of those that have one.
void copyAverages(const NnccProgram &program, const void *parameters, const void *state,
                  void *destination);

// Reads the stored tensor into memory laid out as `tensor`; throws UserError unless name,
// shape and dtype fit.
void readTensor(const SafetensorsFile &file, const NnccTensor &tensor, void *destination);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_WEIGHTS_H
