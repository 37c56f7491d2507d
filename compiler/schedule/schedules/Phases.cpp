// conv2d_bwd_data with strides: no multiplications by the zeros between what the forward
// convolution wrote.
//
// A result point (x, y) meets only those columns kx of the window where x + padLeft - kx *
// dilation is a multiple of the stride, and rows likewise: the points fall into strideX * strideY
// phases, each of which is a convolution at stride 1 of the source as it is with a part of the
// window. All phases of a tile of points are summed, one after another, in registers; what
// is stored interleaves them.
#include <algorithm>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Convolution.h"
#include "schedule/schedules/Candidate.h"
#include "schedule/schedules/Epilogue.h"
#include "schedule/schedules/Staging.h"
#include "schedule/schedules/Tiles.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::RVar;
using Halide::TailStrategy;
using Halide::Var;

namespace {

// The part of the window that the points of one phase meet, along one dimension: weights `first`,
// first + step, ... and the source at the point's own number + offset, + offset - back, ...
struct Part {
  int count = 0, first = 0, step = 0, offset = 0, back = 0;
};

struct Plan {
  RegisterTile tile;  // x counts points of one phase
  int stripRows;      // of the result, a multiple of the stride
  StageAt stage;
};

}  // namespace

static Part partOf(int phase, int kernel, int stride, int dilation, int pad) {
  Part part;
  int last = 0;
  for (int k = 0; k < kernel; ++k) {
    int distance = phase + pad - k * dilation;
    if (distance % stride)
      continue;
    if (part.count == 0)
      part.first = k, part.offset = distance / stride;
    else if (part.count == 1)
      part.step = k - last, part.back = part.step * dilation / stride;
    last = k;
    ++part.count;
  }
  return part;
}

static void applyPhases(Graph &graph, const Plan &plan) {
  const KernelSpec &spec = graph.spec;
  Convolution conv = makeConvolution(graph, spec.nodes[spec.anchor], Strided::Phases);
  const ConvolutionShape &shape = conv.shape;
  const RegisterTile &tile = plan.tile;

  Var c("c"), x("x"), y("y"), n("n");
  std::vector<Func> phases;
  std::vector<RDom> terms;
  for (int py = 0; py < shape.strideY; ++py)
    for (int px = 0; px < shape.strideX; ++px) {
      Part inX = partOf(px, shape.kernelWidth, shape.strideX, shape.dilationX, shape.padLeft);
      Part inY = partOf(py, shape.kernelHeight, shape.strideY, shape.dilationY, shape.padTop);
      Func phase("phase");
      phase(c, x, y, n) = conv.start(c);
      RDom k;
      if (inX.count && inY.count) {
        k = RDom(0, shape.depth, 0, inX.count, 0, inY.count, "k");
        phase(c, x, y, n) += conv.weights(c, k[0], inX.first + k[1] * inX.step, inY.first + k[2] * inY.step) *
                             conv.source(conv.sourceChannel(c, k[0]), x + inX.offset - k[1] * inX.back,
                                         y + inY.offset - k[2] * inY.back, n);
      }
      phases.push_back(phase);
      terms.push_back(k);
    }
  Value value;
  value.type = conv.sumType;
  int strideX = shape.strideX, strideY = shape.strideY;
  value.at = [phases, strideX, strideY](const Coordinates &at) {
    std::vector<Expr> sums;
    for (const Func &phase : phases)
      sums.push_back(phase(at[3], at[2] / strideX, at[1] / strideY, at[0]));
    return Halide::mux(at[1] % strideY * strideX + at[2] % strideX, sums);
  };
  graph.define(spec.anchor, {value});

  Output &output = graph.outputs().at(0);
  Func out = output.func;
  Var oc = output.vars[0], ox = output.vars[1], oy = output.vars[2], on = output.vars[3];
  Var stripStart("strip_start"), row("row"), xq("xq"), xp("xp"), yq("yq"), yp("yp");
  Var ct("ct"), ci("ci"), lane("lane"), xt("xt"), xi("xi");
  out.split(oy, stripStart, row, plan.stripRows, TailStrategy::GuardWithIf)
      .split(row, yq, yp, strideY)
      .split(ox, xq, xp, strideX, TailStrategy::GuardWithIf)
      .split(xq, xt, xi, tile.x, TailStrategy::ShiftInwards)
      .split(oc, ct, ci, tile.channels(), TailStrategy::ShiftInwards)
      .split(ci, ci, lane, tile.lanes);
  bool channelwise = shape.channelwise;
  if (channelwise)
    out.reorder({lane, ci, xp, xi, yp, xt, yq, ct, stripStart, on});
  else
    out.reorder({lane, ci, xp, xi, yp, ct, xt, yq, stripStart, on});
  out.vectorize(lane).unroll(ci).unroll(xp).unroll(yp);

  for (size_t p = 0; p < phases.size(); ++p) {
    Func phase = phases[p];
    phase.compute_at(out, channelwise ? xt : ct).store_in(kStackMemory);
    phase.bound_extent(x, tile.x).bound_extent(y, 1);
    phase.vectorize(c, tile.lanes).unroll(c).unroll(x);
    if (!terms[p].defined())
      continue;
    phase.update()
        .reorder({c, x, y, terms[p][0], terms[p][1], terms[p][2]})
        .vectorize(c, tile.lanes)
        .unroll(c)
        .unroll(x);
  }
  switch (plan.stage) {
  case StageAt::Sample: conv.source.compute_at(out, on); break;
  case StageAt::Strip: conv.source.compute_at(out, stripStart); break;
  case StageAt::Channels: conv.source.compute_at(out, ct); break;
  default: return;
  }
  scheduleStage(graph, conv.source, conv,
                plan.stage == StageAt::Channels ? tile.channels() * shape.depth : shape.sourceChannels);
}

void addPhasesCandidates(const KernelSpec &spec, const Target &target, std::vector<Candidate> &list) {
  Graph graph(spec, target);
  const Node &anchor = spec.nodes[spec.anchor];
  if (anchor.op != "conv2d_bwd_data")
    return;
  Convolution conv = makeConvolution(graph, anchor, Strided::Phases);
  const ConvolutionShape &shape = conv.shape;
  if (shape.strideX == 1 && shape.strideY == 1)
    return;
  ElementType element = conv.sumType.element;
  int64_t bytes = sizeInBytes(element);
  Epilogue epilogue = epilogueOf(spec);

  // Points of one phase.
  int columns = ceilDiv(shape.width, shape.strideX), rows = ceilDiv(shape.height, shape.strideY);
  Plan plan;
  TileChoice choice =
      shape.channelwise
          ? chooseChannelwiseTiles(target, element, shape.channels, columns, 1, 1, true, 1)[0]
          : chooseTiles(target, element, shape.channelsPerGroup(), columns, 1,
                        shape.groups > 1 ? Remainder::Points : Remainder::Overlap, 1)[0];
  plan.tile = choice.tile;
  plan.stage = shape.channelwise ? StageAt::Channels : StageAt::Strip;
  int channels = shape.channelwise ? plan.tile.channels() * shape.depth : shape.sourceChannels;
  auto stagedBytes = [&](int stagedRows) {
    int64_t high = stagedRows + ceilDiv(shape.windowHeight(), shape.strideY);
    return high * (columns + ceilDiv(shape.windowWidth(), shape.strideX)) * channels * bytes;
  };
  auto fits = [&](int stagedRows) { return stagedBytes(stagedRows) <= target.l1Bytes * 3 / 4; };
  int strip = 1;
  while (strip < rows && fits(strip + 1))
    ++strip;
  strip = ceilDiv(rows, ceilDiv(rows, strip));  // even strips
  if (!shape.channelwise && fits(rows))
    plan.stage = StageAt::Sample;
  if (stagedBytes(strip) > kStackBytes)
    plan.stage = StageAt::Nowhere;
  plan.stripRows = strip * shape.strideY;

  Candidate candidate;
  candidate.name = "phases(" + std::to_string(shape.strideY) + "x" + std::to_string(shape.strideX) +
                   ",tile=" + plan.tile.text() + ",rows=" + std::to_string(plan.stripRows) + ")";
  int64_t sums = int64_t(plan.tile.channels()) * plan.tile.x * shape.strideX * shape.strideY * bytes;
  if (!epilogue.refusal.empty())
    candidate.refusal = epilogue.refusal;
  else if (epilogue.window)
    candidate.refusal = "a window follows the sums";
  else if (shape.strideX * shape.strideY > 16)
    candidate.refusal = "more phases than are worth their code";
  else if (sums > kStackBytes / 4)
    candidate.refusal = "the sums of all phases take " + std::to_string(sums) + " bytes of stack";
  candidate.cycles = choice.cycles * rows * shape.kernelHeight * shape.kernelWidth *
                     (shape.channelwise ? 1 : double(shape.depth) * shape.groups);
  candidate.apply = [plan](Graph &graph) { applyPhases(graph, plan); };
  list.push_back(candidate);
}

}  // namespace nncc::schedule
