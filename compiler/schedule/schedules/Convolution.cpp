// conv2d and conv2d_bwd_data: direct convolution, a register tile of sums at a time.
//
// The kernel walks each sample in strips of rows. What has to be computed before it can be
// read (pixels to floats, zeros around, a gradient put back to where the pool took it from)
// is staged for the strip, in L1. A tile of sums then runs over all terms in registers: per
// term one vector of weights for each vector of channels and one broadcast for each point. Pointwise
// epilogues are computed on the tile as it is stored; a window needs sums of several tiles and
// reads them back from a buffer of the strip, one load for hundreds of multiply-adds.
#include <algorithm>
#include <functional>

#include "schedule/algorithms/Convolution.h"
#include "schedule/algorithms/Pooling.h"
#include "schedule/schedules/Candidate.h"
#include "schedule/schedules/Epilogue.h"
#include "schedule/schedules/Staging.h"
#include "schedule/schedules/Tiles.h"

namespace nncc::schedule {

using Halide::Func;
using Halide::RVar;
using Halide::TailStrategy;
using Halide::Var;

// Windows of more columns are loops, not lines of code.
static constexpr int kUnrolledColumns = 8;

namespace {

struct Plan {
  RegisterTile tile;
  Epilogue epilogue;
  int stripRows;     // rows of the result
  int roomRows = 0;  // of sums that a strip has room for; 0: as many as it needs, which is a constant
  StageAt stage;     // of the source
};

}  // namespace

// The rows of sums that `rows` rows of the result need.
static int sumRows(const Epilogue &epilogue, int rows) {
  return (rows - 1) * epilogue.strideY + epilogue.sizeY;
}

void scheduleStage(Graph &graph, Func source, const Convolution &conv, int channels) {
  std::vector<Var> vars = source.args();
  int full = graph.vectorLanes(conv.sumType.element);
  if (channels < full) {
    // Few channels: rows as they lie in memory, which are at least as long as a window.
    Var row("row");
    source.fuse(vars[0], vars[1], row)
        .vectorize(row, std::min(full, channels * conv.shape.windowWidth()), TailStrategy::ShiftInwards);
  } else {
    source.vectorize(vars[0], full, TailStrategy::ShiftInwards);
  }
  source.store_in(kStackMemory);
}

static int stagedChannels(const ConvolutionShape &shape, const Plan &plan) {
  return plan.stage == StageAt::Channels ? plan.tile.channels() * shape.depth : shape.sourceChannels;
}

static void applyDirect(Graph &graph, const Plan &plan) {
  const KernelSpec &spec = graph.spec;
  const Node &anchor = spec.nodes[spec.anchor];
  bool wholeRows = plan.stage == StageAt::Sample || plan.stage == StageAt::Strip;
  Convolution conv = makeConvolution(graph, anchor, Strided::Zeros, wholeRows ? Staged::AsRows : Staged::Anyhow);
  const RegisterTile &tile = plan.tile;

  // With a window the sums go through a buffer of the strip, else straight into the result.
  Func strip("strip");
  if (plan.epilogue.window) {
    std::vector<Var> vars = dimensionVars(4, "");
    strip(vars) = conv.sum(vars);
    graph.define(spec.anchor, {valueOf(strip, conv.sumType)});
  } else {
    graph.define(spec.anchor, {valueOf(conv.sum, conv.sumType)});
  }
  Output &output = graph.outputs().at(0);
  Func out = output.func;
  Var c = output.vars[0], x = output.vars[1], y = output.vars[2], n = output.vars[3];

  Var stripStart("strip_start"), row("row");
  out.split(y, stripStart, row, plan.stripRows, TailStrategy::ShiftInwards);
  Func tiled = out;
  Var tiledRow = row;
  if (plan.epilogue.window) {
    out.reorder(c, x, row, stripStart, n)
        .vectorize(c, tile.lanes, TailStrategy::ShiftInwards);
    tiled = strip;
    std::vector<Var> vars = strip.args();
    c = vars[0], x = vars[1], tiledRow = vars[2];
    strip.compute_at(out, stripStart).store_in(kStackMemory);
    if (plan.roomRows)
      strip.bound_storage(tiledRow, plan.roomRows);
  }

  Var ct("ct"), xt("xt"), yt("yt"), ci("ci"), xi("xi"), yi("yi"), lane("lane");
  tiled.split(c, ct, ci, tile.channels(), TailStrategy::ShiftInwards)
      .split(x, xt, xi, tile.x, TailStrategy::ShiftInwards)
      .split(tiledRow, yt, yi, tile.y, TailStrategy::ShiftInwards)
      .split(ci, ci, lane, tile.lanes);
  // A tile of the source serves all channels, but where each has its own.
  bool channelwise = conv.shape.channelwise;
  std::vector<Halide::VarOrRVar> loops = {lane, ci, xi, yi};
  for (const Var &loop : channelwise ? std::vector<Var>{xt, yt, ct} : std::vector<Var>{ct, xt, yt})
    loops.push_back(loop);
  Var innermost = channelwise ? xt : ct;
  if (!plan.epilogue.window)
    loops.insert(loops.end(), {stripStart, n});
  tiled.reorder(loops);
  tiled.vectorize(lane).unroll(ci).unroll(xi).unroll(yi);

  std::vector<Var> s = conv.sum.args();
  RVar depth = conv.terms[0], kx = conv.terms[1], ky = conv.terms[2];
  conv.sum.compute_at(tiled, innermost).store_in(kStackMemory);
  conv.sum.vectorize(s[0], tile.lanes).unroll(s[0]).unroll(s[1]).unroll(s[2]);
  conv.sum.update()
      .reorder(s[0], s[1], s[2], depth, kx, ky)
      .vectorize(s[0], tile.lanes)
      .unroll(s[0])
      .unroll(s[1])
      .unroll(s[2]);

  // Windows side by side share columns of the source, and with them loads.
  if (channelwise && conv.shape.kernelWidth <= kUnrolledColumns)
    conv.sum.update().unroll(kx);

  if (!conv.staged || plan.stage == StageAt::Nowhere)
    return;
  Func staged = conv.rows.func.defined() ? conv.rows.func : conv.source;
  switch (plan.stage) {
  case StageAt::Sample: staged.compute_at(out, n); break;
  case StageAt::Strip: staged.compute_at(out, stripStart); break;
  case StageAt::Channels: staged.compute_at(tiled, ct); break;
  case StageAt::Tile: staged.compute_at(tiled, xt); break;
  case StageAt::Nowhere: break;
  }
  if (!conv.rows.func.defined()) {
    scheduleStage(graph, staged, conv, stagedChannels(conv.shape, plan));
    return;
  }
  staged.store_in(kStackMemory);
  conv.rows.schedule(graph.vectorLanes(conv.sumType.element));
}

// Bytes of the part of the source that is staged.
static int64_t stagedBytes(const ConvolutionShape &shape, const Plan &plan, bool forward, int elementBytes) {
  int strideX = forward ? shape.strideX : 1, strideY = forward ? shape.strideY : 1;
  int rows = sumRows(plan.epilogue, plan.stripRows), columns = shape.width;
  switch (plan.stage) {
  case StageAt::Sample: rows = shape.height; break;
  case StageAt::Strip:
  case StageAt::Channels: break;
  case StageAt::Tile: rows = plan.tile.y, columns = plan.tile.x; break;
  case StageAt::Nowhere: return 0;
  }
  return (int64_t(rows - 1) * strideY + shape.windowHeight()) *
         ((columns - 1) * strideX + shape.windowWidth()) *
         stagedChannels(shape, plan) * elementBytes;
}

// Bytes that a strip keeps on the stack.
static int64_t stripBytes(const ConvolutionShape &shape, const Plan &plan, bool staged, bool forward,
                          int elementBytes) {
  int64_t bytes = staged ? stagedBytes(shape, plan, forward, elementBytes) : 0;
  if (plan.epilogue.window)
    bytes += int64_t(sumRows(plan.epilogue, plan.stripRows)) * shape.width * shape.channels * elementBytes;
  return bytes;
}

// Plan::roomRows. Where windows see padding, strips at the edges need fewer sums than the others, and Halide
// finds no number that they all have, or takes the whole sample for it: so much where the stack holds it.
static int roomRows(const ConvolutionShape &shape, const Plan &plan, int resultHeight, int64_t freeBytes,
                    int elementBytes) {
  const Epilogue &window = plan.epilogue;
  bool padded = window.padTop > 0 || (resultHeight - 1) * window.strideY + window.sizeY - window.padTop > shape.height;
  if (!window.window || !padded || plan.stripRows >= resultHeight)
    return 0;
  int rows = sumRows(window, plan.stripRows);
  int64_t more = int64_t(shape.height - rows) * shape.width * shape.channels * elementBytes;
  return more <= freeBytes ? std::max(rows, shape.height) : rows;
}

// Rows and columns of sums in which a tile may lie. It may not be larger than any strip of sums, or it
// would reach out of the source: windows need not reach the last sums, and at the edges they see padding.
struct Plane {
  int rows, columns;
};

static Plane planeOf(const ConvolutionShape &shape, const Plan &plan, int resultWidth,
                     int resultHeight) {
  if (!plan.epilogue.window)
    return {plan.stripRows, shape.width};
  // Points of the windows that lie outside of the sums, on both sides together.
  auto outside = [](int results, int stride, int size, int before, int sums) {
    return before + std::max(0, (results - 1) * stride + size - before - sums);
  };
  const Epilogue &window = plan.epilogue;
  int columns = (resultWidth - 1) * window.strideX + window.sizeX -
                outside(resultWidth, window.strideX, window.sizeX, window.padLeft, shape.width);
  int rows = sumRows(window, plan.stripRows) -
             outside(resultHeight, window.strideY, window.sizeY, window.padTop, shape.height);
  return {std::max(1, rows), columns};
}

// Heights of strips worth trying, the likeliest first.
static std::vector<int> stripHeights(int resultHeight, bool stripped, const std::function<bool(int)> &fits) {
  if (!stripped)
    return {resultHeight};
  int rows = 1;
  while (rows < resultHeight && fits(rows + 1))
    ++rows;
  // Even strips.
  int strips = (resultHeight + rows - 1) / rows;
  int even = (resultHeight + strips - 1) / strips, half = (resultHeight + 2 * strips - 1) / (2 * strips);
  if (half == even)
    return {even};
  return {even, half};
}

void addConvolutionCandidates(const KernelSpec &spec, const Target &target,
                              std::vector<Candidate> &list) {
  Graph graph(spec, target);
  Convolution conv = makeConvolution(graph, spec.nodes[spec.anchor]);
  const ConvolutionShape &shape = conv.shape;
  bool forward = spec.nodes[spec.anchor].op == "conv2d";
  ElementType element = conv.sumType.element;
  int elementBytes = static_cast<int>(sizeInBytes(element));

  Plan plan;
  plan.epilogue = epilogueOf(spec);
  plan.stage = shape.channelwise ? StageAt::Channels : StageAt::Strip;
  plan.tile = {lanesFor(target, element, shape.channels), 1, 1, 1};
  int resultHeight = shape.height, resultWidth = shape.width;
  if (plan.epilogue.window) {
    TensorType result = spec.typeOf(spec.results[0].value);
    for (const Node &node : spec.nodes)
      if (isPool(node))
        result = node.results[0];
    resultHeight = static_cast<int>(result.shape[1]);
    resultWidth = static_cast<int>(result.shape[2]);
  }
  // Strips as high as L1 holds beside the weights that stream through it, at least one row
  // of the result. A whole sample where that fits.
  int64_t budget = target.l1Bytes * 3 / 4;
  auto fits = [&](int rows) {
    plan.stripRows = rows;
    return stripBytes(shape, plan, conv.staged, forward, elementBytes) <= budget;
  };
  for (int rows : stripHeights(resultHeight, conv.staged || plan.epilogue.window, fits)) {
    plan.stripRows = rows;
    if (conv.staged && !shape.channelwise) {
      plan.stage = StageAt::Sample;
      if (stripBytes(shape, plan, true, forward, elementBytes) > budget)
        plan.stage = StageAt::Strip;
    }
    Plane plane = planeOf(shape, plan, resultWidth, resultHeight);
    const double strips = double(resultHeight + rows - 1) / rows;
    std::vector<TileChoice> tiles =
        shape.channelwise
            ? chooseChannelwiseTiles(target, element, shape.channels, plane.columns, plane.rows,
                                     shape.kernelWidth <= kUnrolledColumns ? shape.kernelWidth : 1,
                                     (!forward || shape.strideX == 1) && shape.dilationX == 1, kVariants)
            : chooseTiles(target, element, shape.channelsPerGroup(), plane.columns, plane.rows,
                          shape.groups > 1 ? Remainder::Points : Remainder::Overlap, kVariants);
    for (const TileChoice &choice : tiles) {
      Plan variant = plan;
      variant.tile = choice.tile;
      // Strips that the stack does not hold are staged tile by tile, with some of their columns twice,
      // and where even that is too much, read as they are.
      auto tooLarge = [&] {
        return conv.staged && stripBytes(shape, variant, true, forward, elementBytes) > kStackBytes;
      };
      if (tooLarge())
        variant.stage = StageAt::Tile;
      if (tooLarge())
        variant.stage = StageAt::Nowhere;

      Candidate direct;
      direct.name = "direct(tile=" + variant.tile.text() + ",rows=" + std::to_string(rows) + ")";
      direct.refusal = plan.epilogue.refusal;
      int64_t bytes = stripBytes(shape, variant, conv.staged, forward, elementBytes);
      if (direct.refusal.empty() && bytes > kStackBytes)
        direct.refusal = "a strip of sums takes " + std::to_string(bytes) + " bytes of stack";
      variant.roomRows = roomRows(shape, variant, resultHeight, kStackBytes - bytes, elementBytes);
      direct.cycles = strips * choice.cycles * shape.kernelHeight *
                      (shape.channelwise ? 1 : double(shape.kernelWidth) * shape.depth * shape.groups);
      direct.apply = [variant](Graph &graph) { applyDirect(graph, variant); };
      list.push_back(direct);
    }
  }
}

}  // namespace nncc::schedule
