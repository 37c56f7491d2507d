// Files of weights and batches.
#ifndef NNCC_BENCHMARKS_ONEDNN_SAFETENSORS_H
#define NNCC_BENCHMARKS_ONEDNN_SAFETENSORS_H

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace onednn {

// An 8-byte length, a JSON header of name -> dtype, shape, byte range, then the bytes.
class Safetensors {
 public:
  struct Tensor {
    std::string dtype;  // "F32"
    std::vector<char> bytes;
  };

  // Throws Unsupported if it is no such file.
  explicit Safetensors(const std::string &path);
  // Throws Unsupported if there is none of this name.
  Tensor find(const std::string &name) const;

  std::string path;

 private:
  nlohmann::json header;
  std::vector<char> bytes;
};

}  // namespace onednn

#endif
