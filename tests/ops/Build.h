// Short-hand for writing KernelSpecs: values know their types, ops with a shape rule find
// their result types. Written apart from the compiler's own rules, on purpose.
#ifndef NNCC_TESTS_OPS_BUILD_H
#define NNCC_TESTS_OPS_BUILD_H

#include <array>
#include <optional>

#include "Tensor.h"

namespace nncc::ops {

using schedule::Attributes;
using schedule::KernelSpec;

// How a convolution or a pool moves over its source.
struct Stride {
  std::array<int64_t, 2> strides = {1, 1};
  std::array<int64_t, 4> pads = {0, 0, 0, 0};  // top, left, bottom, right
  std::array<int64_t, 2> dilations = {1, 1};   // of convolutions, as are groups
  int64_t groups = 1;
};

struct Value {
  schedule::ValueRef ref;
  TensorType type;
};

class Builder {
public:
  // All floats of the kernel are of type `real`.
  explicit Builder(ElementType real) : real(real) {}

  // Samples (or elements of an update) stand in the sliced dimension 0.
  Value sliced(Shape shape, int dimension = 0) { return argument({real, std::move(shape), dimension}); }
  Value whole(Shape shape) { return argument({real, std::move(shape), -1}); }
  Value argument(TensorType type);

  // Any op; the result types are given.
  std::vector<Value> node(const std::string &op, std::vector<Value> operands,
                          Attributes attributes, std::vector<TensorType> results);
  // Makes the node made last the anchor.
  void anchor() { spec.anchor = static_cast<int>(spec.nodes.size()) - 1; }

  Value conv2d(Value src, Value weights, std::optional<Value> bias, Stride stride = {});
  // Weights [kh, kw, oc, ic]; the size of the source does not follow from the result.
  Value conv2dBwdData(Value diffDst, Value weights, int64_t H, int64_t W, Stride stride = {},
                      std::optional<Value> bias = {});
  Value biasBwd(Value diffDst);
  // {diff_weights, diff_bias}
  std::vector<Value> conv2dBwdWeights(Value src, Value diffDst, int64_t kh, int64_t kw,
                                      Stride stride = {});
  Value dense(Value src, Value weights, std::optional<Value> bias);
  Value denseBwdData(Value diffDst, Value weights);
  std::vector<Value> denseBwdWeights(Value src, Value diffDst);
  Value denseBwdWeightsWhole(Value src, Value diffDst, Value samples, int64_t rows);
  Value rescale(Value src, double scale, double offset);
  Value relu(Value src);
  Value reluBwd(Value dst, Value diffDst);
  // {dst, workspace}
  std::vector<Value> maxPool2d(Value src, std::array<int64_t, 2> size, Stride stride);
  Value maxPool2dBwd(Value diffDst, Value workspace, int64_t H, int64_t W,
                     std::array<int64_t, 2> size, Stride stride);
  Value reshape(Value src, Shape shape);
  Value permute(Value src, std::vector<double> perm);

  void result(Value value) { spec.results.push_back({value.ref, false, -1}); }
  void accumulated(Value value) { spec.results.push_back({value.ref, true, -1}); }
  void inPlace(Value value, Value argument) {
    spec.results.push_back({value.ref, false, argument.ref.node});
  }

  const ElementType real;
  KernelSpec spec;
};

int64_t windows(int64_t extent, int64_t window, int64_t stride, int64_t before, int64_t after,
                int64_t dilation = 1);

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_BUILD_H
