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

// What a module of PyTorch calls a weight that is `layer.LEAF` here: weight for kernel, ... A recurrent
// layer's are weight_ih, weight_hh, bias_ih and bias_hh, with _l0 behind them or not.
std::span<const std::string_view> ourLeaves(std::string_view leaf);

// PyTorch has two biases in each recurrent layer. `leaf` is the one that goes with the recurrent weights.
bool isRecurrentBias(std::string_view leaf);
// What PyTorch keeps beside the weights: num_batches_tracked.
bool isBookkeeping(std::string_view leaf);

// How PyTorch lays out a parameter. Its values there are those here with the axes in another
// order: `shape` is PyTorch's, and the value of our element i is that at `source(i)`. The gates of a GRU
// are in another order too. A recurrent layer's bias is in two tensors there, of this shape each: that which
// the layer adds is their sum or, in a GRU, the rows of ours are the two, and source(i) is a place in its own.
class PytorchLayout {
 public:
  PytorchLayout(const NnccProgram &program, const NnccParameter &parameter);

  const std::vector<int64_t> &shape() const { return there; }
  int64_t source(int64_t element) const;
  // Is it a recurrent layer's bias, and which of PyTorch's two is our element in: -1 for both?
  bool hasTwoBiases() const { return twoBiases; }
  int biasOf(int64_t element) const { return rows == 1 ? -1 : static_cast<int>(element / (gates * units)); }

 private:
  std::vector<int64_t> there;    // PyTorch's shape
  std::vector<int64_t> sizes;    // ours, perhaps with a dimension split: row-major
  std::vector<int64_t> strides;  // of `sizes`, in PyTorch's values
  int64_t gates = 0, units = 0;  // of a recurrent layer
  bool twoBiases = false;
  int64_t rows = 1;  // of a bias
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_FOREIGNTENSOR_H
