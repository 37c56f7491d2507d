// Classes that a model was never trained on: embeddings of examples, by name, in a small file beside the
// weights that made them. A sample is of the class of the nearest example, or of none beyond a distance. What
// an embedding is, and how far apart two are, is up to who makes them: a model of pairs compares samples as they are.
//
// The file is safetensors: the tensor `embeddings` [examples, values], and as metadata the examples' names
// (a JSON list), the limit where there is one, a fingerprint of the weights, and a checksum of all of it.
#ifndef NNCC_TRAIN_REFERENCES_H
#define NNCC_TRAIN_REFERENCES_H

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi.h"

namespace nncc::train {

// Of the values of all parameters: 16 hex digits.
std::string weightsFingerprint(const NnccProgram &program, const void *parameters);

class References {
 public:
  // None, for embeddings of so many values made by weights with this fingerprint.
  References(int64_t values, std::string weights) : size(values), weights(std::move(weights)) {}

  // Those of a file; none where there is no file. Throws UserError naming the file where it is damaged,
  // no file of references, or made by other weights.
  static References load(const std::filesystem::path &path, int64_t values, const std::string &weights);
  // Replaces the file whole or not at all.
  void save(const std::filesystem::path &path) const;

  void add(const std::string &name, std::span<const float> embedding);
  // Takes away all examples of a class and says how many they were.
  int64_t forget(const std::string &name);

  bool empty() const { return names.empty(); }
  // Every class once, in the order of the names, with its examples.
  struct Class {
    std::string name;
    int64_t examples;
  };
  std::vector<Class> classes() const;

  struct Nearest {
    std::string name;
    double distance;
    bool known;  // not beyond the limit
  };
  // The nearest example by this distance. There must be one; of equal distances that which was added first.
  Nearest nearest(const std::function<double(std::span<const float> example)> &distance) const;

  // The largest distance at which a sample is of a class, where it was chosen.
  std::optional<double> limit;

 private:
  std::string checksum() const;

  int64_t size;
  std::string weights;
  std::vector<std::string> names;  // of the examples
  std::vector<float> embeddings;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_REFERENCES_H
