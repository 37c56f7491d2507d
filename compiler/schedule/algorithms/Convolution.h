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
  int dilationX, dilationY;
  int padTop, padLeft, padBottom, padRight;
  int groups;
  // One source channel for each result channel, or the other way round: vectors of both, where
  // else a vector of weights meets one element of the source.
  bool channelwise;
  int sourceChannels;  // of Convolution::source

  int channelsPerGroup() const { return channels / groups; }
  // Points from the first to the last that a window sees.
  int windowWidth() const { return (kernelWidth - 1) * dilationX + 1; }
  int windowHeight() const { return (kernelHeight - 1) * dilationY + 1; }
};

// The source of few channels, padded, with its rows as they lie in memory: the channels of a point, then those
// of the next, so that a vector holds several points.
struct SourceRows {
  int written = 0;    // elements of a row that stand in memory, with the padding before them
  Halide::Func func;  // (point * channels + channel, y, n); undefined where the source is not seen so
  void schedule(int lanes);  // how it is computed; where, its user says
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
  SourceRows rows;  // where it is defined, `source` reads it and it is what has to be staged
  bool endless;  // it has zeros everywhere outside of the plane, not only where windows reach
  Halide::Func weights;  // (c, depth, kx, ky)
  Halide::Expr start(Halide::Expr c) const;  // what sums start at: the bias or 0
  // The channel of `source` that term k of result channel c reads.
  Halide::Expr sourceChannel(Halide::Expr c, Halide::Expr k) const;
  Value bias;  // `at` is empty where there is none
  TensorType sumType;
};

// How an input gradient with strides reads what the forward convolution wrote.
enum class Strided {
  Zeros,   // with zeros between: one sum fits all points
  Phases,  // as it is; sums are the schedule's business and `sum` is undefined
};

// Whether a source of few channels may be seen as rows: not where a part of a row is staged, or nothing.
enum class Staged { Anyhow, AsRows };

// For a conv2d or conv2d_bwd_data node. Throws where shapes do not fit.
Convolution makeConvolution(Graph &graph, const Node &node, Strided strided = Strided::Zeros,
                            Staged staged = Staged::Anyhow);

// The parts of a weight gradient: sums over terms of gradient(oc, x, y, n) times
// sourceAt(oc, ic, x, y, kx, ky, n).
struct WeightsGradientShape {
  int inputs, outputs, kernelWidth, kernelHeight;  // ic of a group, oc
  int width, height, samples;                      // of the layer's result
  int strideX, strideY, dilationX, dilationY;
  int groups;
  bool channelwise;    // as in ConvolutionShape
  int sourceChannels;  // of WeightsGradient::source
  int windowWidth() const { return (kernelWidth - 1) * dilationX + 1; }
  int windowHeight() const { return (kernelHeight - 1) * dilationY + 1; }
};

struct WeightsGradient {
  WeightsGradientShape shape;
  Halide::Func source;    // (channel, x, y, n), padded
  // What weight (oc, ic, kx, ky) is multiplied with at point (x, y) of the gradient.
  Halide::Expr sourceAt(Halide::Expr oc, Halide::Expr ic, Halide::Expr x, Halide::Expr y,
                        Halide::Expr kx, Halide::Expr ky, Halide::Expr n) const;
  bool sourceStaged;      // as in Convolution
  SourceRows rows;        // as in Convolution
  Halide::Func gradient;  // (oc, x, y, n)
  bool gradientStaged;
  // Elements of a row of `rows`: what windows see, or all that is written into it.
  int64_t rowLength() const;
};

WeightsGradient makeWeightsGradient(Graph &graph, const Node &node, Staged staged = Staged::Anyhow);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_CONVOLUTION_H
