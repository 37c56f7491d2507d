// Layers that add the steps of their directions to a plan. A layer is made of shapes alone, then
// joined to its neighbours: all forward directions in order, then all backward ones in reverse.
#ifndef NNCC_BENCHMARKS_ONEDNN_LAYERS_H
#define NNCC_BENCHMARKS_ONEDNN_LAYERS_H

#include <memory>
#include <optional>
#include <string>

#include "Plan.h"
#include "Shapes.h"

namespace onednn {

class Layer {
 public:
  virtual ~Layer() = default;

  // The layout in which it reads its input best; none where it takes any as it is.
  virtual memory::desc wantedSource() const { return {}; }
  virtual bool trainable() const { return false; }
  // Adds what computes the result from `source`.
  virtual memory forward(Plan &, const memory &source) = 0;
  // Adds what computes the weights' gradients and, if it is wanted, the source's, which it
  // returns. It may overwrite `gradient`, that of the result.
  virtual memory backward(Plan &, memory gradient, bool wantsSource) = 0;
};

struct WeightedOptions {
  std::string name;
  bool trainable;
  std::optional<Activation> activation;
  // The layer above undoes the activation, on fewer numbers (see makePool).
  bool undoneAbove = false;
};

// `Operation` is a Convolution or a Dense.
template <typename Operation>
std::unique_ptr<Layer> makeWeighted(const Operation &, const WeightedOptions &);

// `below` is the activation of the layer before, whose gradient passes by the same places
// before the pool's backward direction as behind it. It has to be a relu: a window's maximum is
// 0 just where none of its values was positive.
std::unique_ptr<Layer> makePool(const Pool &, const memory::dims &result,
                                const std::optional<Activation> &below);

struct NormalizationOptions {
  std::string name;
  bool trainable;
  float momentum;
};

std::unique_ptr<Layer> makeNormalization(const Normalization &, memory::dim channels,
                                         const NormalizationOptions &);

}  // namespace onednn

#endif
