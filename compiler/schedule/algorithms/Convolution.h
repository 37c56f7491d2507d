// 2-d convolutions as Funcs, for the ops' algorithms and the schedules that place their
// parts. Func dimensions are innermost first: (c, x, y, n), weights (oc, ic, kx, ky).
#ifndef NNCC_SCHEDULE_ALGORITHMS_CONVOLUTION_H
#define NNCC_SCHEDULE_ALGORITHMS_CONVOLUTION_H

#include "schedule/algorithms/Graph.h"

namespace nncc::schedule {

// The sizes of a conv2d or conv2d_bwd_data, seen as one thing: every result channel at
// (x, y) sums over `depth` source channels and the kernel's window.
struct ConvolutionShape {
  int channels, width, height, samples;  // of the result
  int depth, kernelWidth, kernelHeight;
  int strideX, strideY;
  int padTop, padLeft, padBottom, padRight;
};

struct Convolution {
  ConvolutionShape shape;
  // sum(c, x, y, n): starts at the bias, one update over `terms` (depth, kx, ky).
  Halide::Func sum;
  Halide::RDom terms;
  // The source as the sum reads it, zeros around it where the window can leave it;
  // `staged`: worth computing once a tile, since reading it costs more than a load.
  Halide::Func source;
  bool staged;
  Halide::Func weights;  // (c, depth, kx, ky)
  TensorType sumType;
};

// For a conv2d or conv2d_bwd_data node. Throws where shapes do not fit.
Convolution makeConvolution(Graph &graph, const Node &node);

// The parts of a weight gradient: sums over terms of gradient(oc, x, y, n) times
// source(ic, x * strideX + kx, y * strideY + ky, n).
struct WeightsGradientShape {
  int inputs, outputs, kernelWidth, kernelHeight;  // ic, oc
  int width, height, samples;                      // of the layer's result
  int strideX, strideY;
};

struct WeightsGradient {
  WeightsGradientShape shape;
  Halide::Func source;    // (ic, x, y, n), padded
  bool sourceStaged;      // as in Convolution
  Halide::Func gradient;  // (oc, x, y, n)
  bool gradientStaged;
};

WeightsGradient makeWeightsGradient(Graph &graph, const Node &node);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_CONVOLUTION_H
