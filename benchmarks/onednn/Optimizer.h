// Adam and gradient descent as Keras computes them, over one array of all weights.
#ifndef NNCC_BENCHMARKS_ONEDNN_OPTIMIZER_H
#define NNCC_BENCHMARKS_ONEDNN_OPTIMIZER_H

#include <memory>
#include <nlohmann/json.hpp>

namespace onednn {

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  virtual void update(float *values, const float *gradients) = 0;
};

// For `count` weights. Throws Unsupported for others and for learning-rate schedules.
std::unique_ptr<Optimizer> makeOptimizer(const nlohmann::json &options, size_t count);

}  // namespace onednn

#endif
