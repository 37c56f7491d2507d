// One tensor of a PyTorch model in our axes.
#ifndef NNCC_TRAIN_FOREIGNTENSOR_H
#define NNCC_TRAIN_FOREIGNTENSOR_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi.h"
#include "train/Safetensors.h"

namespace nncc::train {

// The values of a tensor of any floating-point type; UserError for other types.
std::vector<double> readNumbers(const SafetensorsFile &file, const StoredTensor &tensor);

// What a module of PyTorch calls a weight that is `layer.LEAF` here: weight for kernel, ...
std::span<const std::string_view> ourLeaves(std::string_view leaf);
// What PyTorch keeps beside the weights: num_batches_tracked.
bool isBookkeeping(std::string_view leaf);

// How PyTorch lays out a parameter. Its values there are those here with the axes in another
// order: `shape` is PyTorch's, and the value of our element i is that at `source(i)`.
class PytorchLayout {
 public:
  PytorchLayout(const NnccProgram &program, const NnccParameter &parameter);

  const std::vector<int64_t> &shape() const { return there; }
  int64_t source(int64_t element) const;

 private:
  std::vector<int64_t> there;    // PyTorch's shape
  std::vector<int64_t> sizes;    // ours, perhaps with a dimension split: row-major
  std::vector<int64_t> strides;  // of `sizes`, in PyTorch's values
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_FOREIGNTENSOR_H
