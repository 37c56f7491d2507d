// The operations that are compared, by their shapes, and how each is described to oneDNN: all
// layouts of convolutions and dense layers are the library's choice, the others take theirs.
// Tensors are [N,C,H,W] in oneDNN's order of dimensions, whatever their layout.
#ifndef NNCC_BENCHMARKS_ONEDNN_SHAPES_H
#define NNCC_BENCHMARKS_ONEDNN_SHAPES_H

#include <optional>

#include "Library.h"

namespace onednn {

using Size = memory::dim;

// An elementwise function of which the gradient can be had from its result.
struct Activation {
  dnnl::algorithm forward, backward;
  float alpha = 0;

  // Throws Unsupported where there is none of this name; nothing for "linear".
  static std::optional<Activation> named(const std::string &name);

  // Both for values in this layout.
  dnnl::eltwise_forward::primitive_desc describe(const memory::desc &layout) const;
  dnnl::eltwise_backward::primitive_desc describeBackward(const memory::desc &layout) const;
};

// Each member is {of height, of width}.
struct Window {
  memory::dims kernel{1, 1}, strides{1, 1};
  memory::dims before{0, 0}, after{0, 0};  // padding
  memory::dims dilation{0, 0};             // as oneDNN counts it: 0 is a dense window

  // Pads as Keras's "same" does.
  void padSame(Size height, Size width);
  memory::dims results(Size height, Size width) const;
};

struct Convolution {
  using Forward = dnnl::convolution_forward;
  using BackwardData = dnnl::convolution_backward_data;
  using BackwardWeights = dnnl::convolution_backward_weights;

  Size batch, height, width, in, out, groups = 1;
  Window window{};
  bool bias = true;

  memory::dims source() const { return {batch, in, height, width}; }
  memory::dims result() const;
  memory::dims weights() const;
  memory::desc kerasWeights() const;  // of an array [kh,kw,in/groups,out]
  double flops() const;               // multiplications and additions, each direction's

  Forward::primitive_desc describe(dnnl::prop_kind,
                                   const std::optional<Activation> &) const;
  BackwardData::primitive_desc describeBackwardData(const Forward::primitive_desc &) const;
  BackwardWeights::primitive_desc describeBackwardWeights(const Forward::primitive_desc &) const;

 private:
  memory::desc biases() const;
};

// A dense layer on all values of a sample: of a vector [N,in], or of an image [N,in,height,width]
// in the layout in which it is, so that a flatten before it has nothing to do.
struct Dense {
  using Forward = dnnl::inner_product_forward;
  using BackwardData = dnnl::inner_product_backward_data;
  using BackwardWeights = dnnl::inner_product_backward_weights;

  Size batch, in, out;
  bool image = false;
  Size height = 1, width = 1;
  bool bias = true;
  bool plainResult = false;  // [N,out] in rows, for who reads it

  memory::dims source() const { return dims(batch); }
  memory::dims result() const { return {batch, out}; }
  memory::dims weights() const { return dims(out); }
  memory::desc kerasWeights() const;  // of an array [height*width*in,out]
  double flops() const;

  Forward::primitive_desc describe(dnnl::prop_kind,
                                   const std::optional<Activation> &) const;
  BackwardData::primitive_desc describeBackwardData(const Forward::primitive_desc &) const;
  BackwardWeights::primitive_desc describeBackwardWeights(const Forward::primitive_desc &) const;

 private:
  memory::desc biases() const;
  memory::desc results() const;
  memory::dims dims(Size first) const;
};

struct Pool {
  bool maximum = true;
  Window window;

  // `source` is a concrete layout, which the result shares.
  PoolingForward::primitive_desc describe(dnnl::prop_kind, const memory::desc &source,
                                          const memory::dims &result) const;
  PoolingBackward::primitive_desc describeBackward(const memory::desc &source,
                                                   const PoolingForward::primitive_desc &) const;

 private:
  dnnl::algorithm algorithm() const;
};

// Over each channel. With a scale and a shift.
struct Normalization {
  float epsilon = 1e-3f;
  bool relu = false;  // fused behind it

  dnnl::batch_normalization_forward::primitive_desc describe(dnnl::prop_kind,
                                                             const memory::desc &layout) const;
  dnnl::batch_normalization_backward::primitive_desc describeBackward(
      const memory::desc &layout,
      const dnnl::batch_normalization_forward::primitive_desc &) const;

 private:
  dnnl::normalization_flags flags() const;
};

}  // namespace onednn

#endif
