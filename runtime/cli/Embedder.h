// What a model whose output is an embedding makes of files that a user names.
#ifndef NNCC_CLI_EMBEDDER_H
#define NNCC_CLI_EMBEDDER_H

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/Commands.h"
#include "train/Model.h"
#include "train/References.h"
#include "train/Weights.h"

namespace nncc::cli {

// Runs PREDICT over files and shows each sample: images of one file each, or the rows of tables and arrays.
class Predictor {
 public:
  // Throws UserError for a model that reads no files of a user.
  Predictor(const NnccProgram &program, const ChosenWeights &weights, int threads);

  using Seen = std::function<void(const std::string &title, const train::Outputs &outputs, int32_t sample)>;
  void run(const std::vector<std::filesystem::path> &files, const Seen &seen);

  train::Model &model() { return compiled; }
  const NnccEntry &entry() const { return predict; }
  const train::LoadedWeights &weights() const { return loaded; }

 private:
  void runImages(const std::vector<std::filesystem::path> &files, const Seen &seen);
  void runTables(const std::vector<std::filesystem::path> &files, const Seen &seen);

  const NnccEntry &predict;
  bool tables;
  train::Model compiled;
  train::LoadedWeights loaded;
};

class Embedder {
 public:
  // Throws UserError for a model without embeddings.
  Embedder(const NnccProgram &program, const ChosenWeights &weights, int threads);

  // Those of a file for the model's weights.
  train::References references(const std::filesystem::path &path);
  void embed(const std::vector<std::filesystem::path> &files,
             const std::function<void(const std::string &title, std::span<const float> embedding)> &seen);

 private:
  int32_t output;
  Predictor predictor;
};

// One sample's values of the output of a model, as they are stored.
std::vector<float> embeddingOf(const train::Outputs &outputs, int32_t output, const NnccTensor &tensor, int32_t sample);

// The output that is an embedding, or UserError that says what such a model is.
int32_t requireEmbedding(const NnccProgram &program);

}  // namespace nncc::cli

#endif  // NNCC_CLI_EMBEDDER_H
