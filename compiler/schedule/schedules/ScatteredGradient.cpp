// conv2d_bwd_data behind a max-pool without overlap, from the pooled gradient and the argmax.
//
// Each pooled point passes its gradient to one point of the plane, whose window of inputs gets its share:
// a fraction of the multiplications, but every one loads and stores a sum, for where it goes is known
// only as the argmax is read. That pays where planes are small and channels many. The weights of one
// output channel are used for all its points; the sums of a sample stay in the cache.
#include <algorithm>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Convolution.h"
#include "schedule/schedules/Candidate.h"
#include "schedule/schedules/Epilogue.h"
#include "schedule/schedules/PooledGradient.h"
#include "schedule/schedules/Tiles.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::TailStrategy;
using Halide::Var;

// Cycles of a load, a multiply-add and a store of the sum, which the nearest cache holds or not.
static constexpr double kNearCycles = 2, kFarCycles = 3;

static void applyScatter(Graph &graph, int lanes) {
  const KernelSpec &spec = graph.spec;
  const Node &anchor = spec.nodes[spec.anchor];
  Convolution conv = makeConvolution(graph, anchor);
  const ConvolutionShape &shape = conv.shape;
  std::string refusal;
  PooledGradient pooled = *pooledGradient(graph, anchor.operands[0], refusal);

  // Sums stand in the padded plane: windows at its edge reach into the padding.
  Var c("c"), x("x"), y("y"), n("n");
  Func sums("sums");
  RDom k(0, shape.kernelWidth, 0, shape.kernelHeight, 0, pooled.width, 0, pooled.height, 0, shape.depth, "k");
  PooledGradient::Point point = pooled.pointOf(k[4], k[2], k[3], n);
  sums(c, x, y, n) = conv.start(c);
  sums(c, point.x + k[0], point.y + k[1], n) += conv.weights(c, k[4], k[0], k[1]) * pooled.at(k[4], k[2], k[3], n);

  const int left = shape.padLeft, top = shape.padTop;
  Value value;
  value.type = conv.sumType;
  value.at = [sums, left, top](const Coordinates &at) { return sums(at[3], at[2] + left, at[1] + top, at[0]); };
  graph.define(spec.anchor, {value});
  Output &output = graph.outputs().at(0);
  output.func.reorder(output.vars[0], output.vars[1], output.vars[2], output.vars[3])
      .vectorize(output.vars[0], lanes, TailStrategy::ShiftInwards);

  sums.compute_at(output.func, output.vars[3])
      .store_in(kStackMemory)
      .bound(x, 0, shape.width + left + shape.padRight)
      .bound(y, 0, shape.height + top + shape.padBottom)
      .vectorize(c, lanes, TailStrategy::RoundUp);
  Var inner("inner"), outer("outer");
  sums.update()
      .split(c, outer, inner, lanes, TailStrategy::RoundUp)
      .reorder({inner, outer, k[0], k[1], k[2], k[3], k[4]})
      .vectorize(inner)
      .unroll(outer)
      .unroll(k[0])
      .unroll(k[1]);
}

void addScatteredGradientCandidates(const KernelSpec &spec, const Target &target, std::vector<Candidate> &list) {
  const Node &anchor = spec.nodes[spec.anchor];
  if (anchor.op != "conv2d_bwd_data")
    return;
  Graph graph(spec, target);
  Convolution conv = makeConvolution(graph, anchor);
  const ConvolutionShape &shape = conv.shape;
  Candidate candidate;
  std::optional<PooledGradient> pooled = pooledGradient(graph, anchor.operands[0], candidate.refusal);
  if (!pooled)
    return;
  const ElementType element = conv.sumType.element;
  const int lanes = largestDivisor(shape.channels, graph.vectorLanes(element));
  const int vectors = shape.channels / lanes;
  const int64_t bytes = int64_t(shape.width + shape.padLeft + shape.padRight) *
                        (shape.height + shape.padTop + shape.padBottom) * shape.channels *
                        static_cast<int64_t>(sizeInBytes(element));
  // Windows and channels of more vectors than this would be too many lines of code.
  constexpr int mostVectors = 128;
  Epilogue epilogue = epilogueOf(spec);
  candidate.name = "argmax(tile=" + std::to_string(vectors) + "x" + std::to_string(shape.kernelWidth) + "x" +
                   std::to_string(shape.kernelHeight) + ")";
  if (shape.strideX != 1 || shape.strideY != 1)
    candidate.refusal = "the convolution has strides";
  else if (shape.dilationX != 1 || shape.dilationY != 1)
    candidate.refusal = "the window is dilated";
  else if (shape.groups != 1)
    candidate.refusal = "the channels are in groups";
  else if (!epilogue.refusal.empty())
    candidate.refusal = epilogue.refusal;
  else if (epilogue.window)
    candidate.refusal = "a window follows the sums";
  else if (bytes > kStackBytes)
    candidate.refusal = "the sums of a sample take " + std::to_string(bytes) + " bytes";
  else if (lanes * 2 < graph.vectorLanes(element))
    candidate.refusal = "too few channels fill a vector";
  else if (vectors * shape.kernelWidth * shape.kernelHeight > mostVectors)
    candidate.refusal = "a window of all channels takes too many vectors";
  candidate.cycles = (bytes <= target.l1Bytes ? kNearCycles : kFarCycles) * pooled->width * pooled->height * shape.depth * vectors * shape.kernelWidth *
                     shape.kernelHeight;
  candidate.apply = [lanes](Graph &graph) { applyScatter(graph, lanes); };
  list.push_back(candidate);
}

}  // namespace nncc::schedule
