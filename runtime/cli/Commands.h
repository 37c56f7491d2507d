// The commands of a generated program that live in this room. All print to standard output
// and throw UserError.
#ifndef NNCC_CLI_COMMANDS_H
#define NNCC_CLI_COMMANDS_H

#include <filesystem>
#include <string>
#include <vector>

#include "abi.h"

namespace nncc::cli {

// The layers with their output shapes and parameters, and totals.
std::string summary(const NnccProgram &program);

struct EvaluateOptions {
  std::filesystem::path dataDir = ".";
  std::filesystem::path weights;
  int threads = 1;
  std::filesystem::path out = ".";  // where tables go
};

// Loss and metrics of weights on the test set, or where there is none on the validation set.
void evaluate(const NnccProgram &program, const EvaluateOptions &options);

struct PredictOptions {
  std::vector<std::filesystem::path> files;
  std::filesystem::path weights;
  int threads = 1;
};

// For each image the classes with their probabilities, the five most likely, best first; for each
// row of a CSV file or sample of an array the same, or the values of the outputs.
void predict(const NnccProgram &program, const PredictOptions &options);

struct ExportOptions {
  std::filesystem::path from;  // a run's folder, a checkpoint or a weights file
  std::filesystem::path to;
};

// Writes the parameters of the newest intact checkpoint, or of the file named, as safetensors.
void exportWeights(const NnccProgram &program, const ExportOptions &options);

// Throws UserError saying where weights come from, if there is no such file.
void requireWeights(const std::filesystem::path &weights);

}  // namespace nncc::cli

#endif  // NNCC_CLI_COMMANDS_H
