// The checked model of `nncc compile --emit=json` as this program reads it: a chain of layers.
// What it does not know is refused (Unsupported), so that it never trains another network than
// nncc does.
#ifndef NNCC_BENCHMARKS_ONEDNN_MODEL_H
#define NNCC_BENCHMARKS_ONEDNN_MODEL_H

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace onednn {

struct LayerEntry {
  std::string name, kind, activation;  // "linear" where there is none
  nlohmann::json options;
  bool trainable;
};

struct Model {
  std::string input;                       // its name
  int64_t batch, height, width, channels;  // of the input's bytes
  float scale, offset;                     // what the network sees is byte x scale + offset
  std::vector<LayerEntry> layers;
  int64_t outputs;  // numbers the last layer gives for a sample
  std::string loss;
  bool lossReadsLogits;
  nlohmann::json optimizer;
};

Model readModel(const std::string &path);

}  // namespace onednn

#endif
