// The network's weights, in float32 and in the layouts that the weight gradients have: all
// trainable ones in one array, their gradients in another, so that the optimizer is one loop.
#ifndef NNCC_BENCHMARKS_ONEDNN_PARAMETERS_H
#define NNCC_BENCHMARKS_ONEDNN_PARAMETERS_H

#include <string>
#include <vector>

#include "Buffer.h"
#include "Library.h"

namespace onednn {

struct Parameter {
  memory value, gradient;  // no gradient if it is frozen
};

class Parameters {
 public:
  // `keras` is how the weights file has it; the bytes come with `load`.
  Parameter add(const std::string &name, const memory::desc &layout, const memory::desc &keras,
                bool trainable);

  // Allocates all, and reads the values out of a safetensors file.
  void load(const std::string &path);

  // Of the trainable ones; padding of a layout included, which is and stays zero.
  size_t count() const { return trainableBytes / sizeof(float); }
  float *values() const { return reinterpret_cast<float *>(valueBuffer.bytes()); }
  const float *gradients() const { return reinterpret_cast<float *>(gradientBuffer.bytes()); }

 private:
  struct Entry {
    std::string name;
    memory::desc keras;
    Parameter parameter;
  };
  void allocate();

  std::vector<Entry> trainable, frozen;
  size_t trainableBytes = 0;
  Buffer valueBuffer, gradientBuffer;
};

}  // namespace onednn

#endif
