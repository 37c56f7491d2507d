// How models that compare samples see files that a user names: those whose output is an embedding, and those of
// pairs.
#ifndef NNCC_CLI_EMBEDDER_H
#define NNCC_CLI_EMBEDDER_H

#include <filesystem>
#include <functional>
#include <memory>
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

// Does the model see two samples and say how far apart they are?
bool comparesPairs(const NnccProgram &program);
// Does it compare samples in either way, so that classes may be enrolled?
bool comparesSamples(const NnccProgram &program);

class Embedder {
 public:
  virtual ~Embedder() = default;

  // What is kept of each sample: its embedding or, in a model of pairs, the sample as it is read.
  using Seen = std::function<void(const std::string &title, std::span<const float> embedding)>;
  virtual void embed(const std::vector<std::filesystem::path> &files, const Seen &seen) = 0;
  virtual double distance(std::span<const float> first, std::span<const float> second) = 0;
  // Those of a file for the model's weights.
  train::References references(const std::filesystem::path &path) {
    return train::References::load(path, size(), fingerprint());
  }

 protected:
  virtual int64_t size() const = 0;
  virtual std::string fingerprint() = 0;
};

// Throws UserError for a model that compares nothing, or whose pairs are no images.
std::unique_ptr<Embedder> makeEmbedder(const NnccProgram &program, const ChosenWeights &weights, int threads);

}  // namespace nncc::cli

#endif  // NNCC_CLI_EMBEDDER_H
