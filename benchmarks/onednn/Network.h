// The model as a plan of oneDNN's primitives, and its training step.
#ifndef NNCC_BENCHMARKS_ONEDNN_NETWORK_H
#define NNCC_BENCHMARKS_ONEDNN_NETWORK_H

#include <memory>
#include <string>
#include <vector>

#include "Layers.h"
#include "Loss.h"
#include "Model.h"
#include "Optimizer.h"

namespace onednn {

class Network {
 public:
  // Throws Unsupported.
  Network(const Model &, const std::string &weights);

  // One batch: bytes [N,H,W,C] in rows and class numbers.
  Score train(const uint8_t *images, const int32_t *labels);
  Score evaluate(const uint8_t *images, const int32_t *labels);

 private:
  void joinForward();
  void joinBackward();
  void rescale(const uint8_t *images) const;
  Score score(const int32_t *labels, bool withGradient) const;

  Model model;
  Plan plan;
  std::vector<std::unique_ptr<Layer>> layers;
  LossFunction loss;
  memory input, logits, logitsGradient;
  bool inputIsPlanar = false;  // [N,C,H,W] rather than [N,H,W,C] in rows
  std::unique_ptr<Optimizer> optimizer;
};

}  // namespace onednn

#endif
