// The commands of a generated program that live in this room. All print to standard output
// and throw UserError.
#ifndef NNCC_CLI_COMMANDS_H
#define NNCC_CLI_COMMANDS_H

#include <filesystem>
#include <string>
#include <vector>

#include "abi.h"
#include "train/Model.h"
#include "train/WeightsMapping.h"

namespace nncc::cli {

// The layers with their output shapes and parameters, and totals.
std::string summary(const NnccProgram &program);

// The weights of a command, and whether the user named them or they are the usual ones.
struct ChosenWeights : train::WeightsFile {
  bool named = false;
  std::filesystem::path dataDir = ".";  // where the model's own section `weights` starts
};

// Fills the parameters; warnings go to standard error. Where the user named no file and the usual
// one is not there, a model that is not trained takes those that its YAML names or its
// initializers'; others too if `initialWillDo`, with a word about it, else UserError.
train::LoadedWeights fillWeights(const NnccProgram &program, train::Model &model,
                                     const ChosenWeights &weights, bool initialWillDo);

// How images that a user names are read: as those of the training or, in a model without data, from
// any size to that of the input.
NnccComponent imageReader(const NnccProgram &program);

struct EvaluateOptions {
  std::filesystem::path dataDir = ".";
  ChosenWeights weights;
  int threads = 1;
  std::filesystem::path out = ".";  // where tables go
  std::filesystem::path references = {};  // where the distance goes beyond which a sample is unknown
};

// Loss and metrics of weights on the test set, or where there is none on the validation set. A model of
// embeddings with the metric one_shot_accuracy gets the distance beyond which a sample is unknown.
void evaluate(const NnccProgram &program, const EvaluateOptions &options);

struct PredictOptions {
  std::vector<std::filesystem::path> files;
  ChosenWeights weights;
  int threads = 1;
  std::filesystem::path references = {};  // classes that were enrolled, where the file is there
  bool json = false;  // for programs: a line of JSON a sample
};

// Where classes are enrolled the nearest of them and its distance, or that a sample is beyond all of them.
// Else a model of pairs takes files two by two: their distance, and whether that is near enough for one class.
// Else for each image the classes with their probabilities, the five most likely, best first; for each
// row of a CSV file or sample of an array the same, or the values of the outputs.
void predict(const NnccProgram &program, const PredictOptions &options);

struct EnrollOptions {
  std::string name;
  std::vector<std::filesystem::path> files;
  ChosenWeights weights;
  int threads = 1;
  std::filesystem::path references;
};

// Adds the samples of files as examples of a class, which training need not have seen.
void enroll(const NnccProgram &program, const EnrollOptions &options);

struct ForgetOptions {
  std::string name;
  ChosenWeights weights;
  int threads = 1;
  std::filesystem::path references;
};

// Takes a class away.
void forget(const NnccProgram &program, const ForgetOptions &options);

struct FeaturesOptions {
  std::filesystem::path image;
  std::filesystem::path to;      // a PNG file
  std::filesystem::path values;  // a safetensors file, or empty
  ChosenWeights weights;
  int threads = 1;
};

// Draws the value of every layer for one image, and writes the numbers themselves if asked to.
void features(const NnccProgram &program, const FeaturesOptions &options);

struct ExportOptions {
  std::filesystem::path from;  // a run's folder, a checkpoint or a weights file
  train::WeightsMapping mapping;  // of a weights file
  std::filesystem::path to;
};

// Writes the parameters of the newest intact checkpoint, or of the file named, as safetensors.
void exportWeights(const NnccProgram &program, const ExportOptions &options);

}  // namespace nncc::cli

#endif  // NNCC_CLI_COMMANDS_H
