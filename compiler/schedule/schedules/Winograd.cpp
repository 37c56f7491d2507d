// conv2d and conv2d_bwd_data with 3x3 windows at stride 1, by Winograd's minimal filtering.
//
// Weights are transformed once, before the lanes walk their samples. Each sample is walked in strips of tile rows, whose
// three steps keep what they hand on in the cache: tiles of the source are transformed
// (a vector of channels at a time, a whole tile in registers and L1), then every position of
// the transformed tiles is a small matrix product (tiles x source channels by source channels
// x channels, in register tiles), then the products are transformed back into sums, to which
// the epilogue is applied. Where weights are many and a sample's tiles few, the first two steps are done for
// the whole slice instead, so that weights stream from memory once a slice and not once a sample. Tiles that stick out of the plane read zeros or the nearest points inside;
// the sums that would see them are never used.
#include <algorithm>
#include <functional>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Convolution.h"
#include "schedule/schedules/Candidate.h"
#include "schedule/schedules/Epilogue.h"
#include "schedule/schedules/Tiles.h"
#include "schedule/schedules/WinogradPanels.h"
#include "schedule/schedules/WinogradTransform.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::TailStrategy;
using Halide::Var;

namespace {

struct Plan {
  int outputs;        // of a tile in each direction
  int tilesX, tilesY;  // of the plane
  int stripTiles;     // rows of tiles in a strip
  int stripRows;      // rows of the result in a strip
  bool wholeSlice;    // products of all samples at once, in a strip of all rows
  int depthLanes;
  RegisterTile tile;  // of the products: x is in tiles
  Epilogue epilogue;
};

}  // namespace

static void applyWinograd(Graph &graph, const Plan &plan) {
  const KernelSpec &spec = graph.spec;
  const Node &anchor = spec.nodes[spec.anchor];
  bool forward = anchor.op == "conv2d";
  Convolution conv = makeConvolution(graph, anchor, Strided::Zeros, Staged::AsRows);
  const ConvolutionShape &shape = conv.shape;
  const WinogradTransform &transform = winogradTransform(plan.outputs);
  const int m = plan.outputs, size = transform.size();
  const RegisterTile &tile = plan.tile;

  const WinogradPanels panels = keepWinogradPanels(graph, conv, transform, /*turned=*/!forward, tile);
  const Func weights = panels.weights;
  const int panel = panels.width;

  // The transformed source: tile t of strip s, position (i, j) in the tile.
  Var c("c"), t("t"), s("s"), i("i"), j("j"), n("n"), p("p"), q("q"), x("x"), y("y");
  int left = forward ? shape.padLeft : 2 - shape.padLeft;
  int top = forward ? shape.padTop : 2 - shape.padTop;
  bool leavesX = !conv.endless && shape.width % m, leavesY = !conv.endless && shape.height % m;
  auto source = [&](Expr sx, Expr sy) {
    if (leavesX)
      sx = min(sx, shape.width + 1);
    if (leavesY)
      sy = min(sy, shape.height + 1);
    return conv.source(c, sx - left, sy - top, n);
  };
  Func sourceRows("source_rows"), transformed("transformed_source");
  std::vector<Expr> values;
  for (int a = 0; a < size; ++a)
    values.push_back(combineAlternating(transform.data[a], [&](int z) {
      return source((t % plan.tilesX) * m + z, (s * plan.stripTiles + t / plan.tilesX) * m + j);
    }));
  sourceRows(c, i, j, t, s, n) = Halide::mux(i, values);
  values.clear();
  for (int a = 0; a < size; ++a)
    values.push_back(combineAlternating(transform.data[a], [&](int z) { return sourceRows(c, i, z, t, s, n); }));
  transformed(c, t, s, i, j, n) = Halide::mux(j, values);

  Func dot("dot"), products("products");
  RDom k(0, shape.depth, "k");
  dot(c, t, s, i, j, n) = Halide::cast(halideType(conv.sumType.element), 0);
  dot(c, t, s, i, j, n) += weights(c % panel, k, c / panel, i, j) * transformed(k, t, s, i, j, n);
  products(c, t, s, i, j, n) = dot(c, t, s, i, j, n);

  // Back to sums.
  Func sumRows("sum_rows"), sums("sums"), strip("strip");
  values.clear();
  for (int a = 0; a < m; ++a)
    values.push_back(combinePairs(transform.sums[a], [&](int z) { return products(c, t, s, z, j, n); }));
  sumRows(c, p, j, t, s, n) = Halide::mux(p, values);
  values.clear();
  for (int a = 0; a < m; ++a)
    values.push_back(combinePairs(transform.sums[a], [&](int z) { return sumRows(c, p, z, t, s, n); }));
  sums(c, p, q, t, s, n) = Halide::mux(q, values);
  // A strip's rows count from its first, so that tiles start at multiples of m for certain.
  const int rows = plan.stripTiles * m, columns = plan.tilesX * m;
  Expr sum = sums(c, x % m, y % m, y / m * plan.tilesX + x / m, s, n);
  strip(c, x, y, s, n) = conv.bias.at ? sum + conv.bias.at({c}) : sum;
  strip.bound(x, 0, columns).bound(y, 0, rows);
  Value value = valueOf(strip, conv.sumType);
  value.at = [strip, rows](const Coordinates &at) {
    return strip(at[3], at[2], at[1] % rows, at[1] / rows, at[0]);
  };
  value.stored = Func();
  graph.define(spec.anchor, {value});

  Output &output = graph.outputs().at(0);
  Func out = output.func;
  Var oc = output.vars[0], ox = output.vars[1], oy = output.vars[2], on = output.vars[3];
  Var stripStart("strip_start"), row("row");
  // Strips begin at tiles, also the last one.
  out.split(oy, stripStart, row, plan.stripRows, TailStrategy::GuardWithIf)
      .reorder(oc, ox, row, stripStart, on)
      .vectorize(oc, tile.lanes, TailStrategy::ShiftInwards)
      .never_partition(stripStart);

  Var xo("xo"), yo("yo"), ct("ct"), co("co"), ci("ci"), to("to"), ti("ti"), lane("lane");
  strip.compute_at(out, stripStart)
      .store_in(kStackMemory)
      .tile(x, y, xo, yo, p, q, m, m)
      .reorder(p, q, c, xo, yo)
      .vectorize(c, tile.lanes, TailStrategy::ShiftInwards)
      .unroll(p)
      .unroll(q);
  sumRows.compute_at(strip, c)
      .store_in(kStackMemory)
      .reorder(p, j, c)
      .unroll(p)
      .unroll(j)
      .vectorize(c, tile.lanes);

  // On the stack for a strip, or in scratch for the slice.
  auto place = [&](Func func, int channels) {
    if (plan.wholeSlice)
      graph.materialize(func, {conv.sumType.element, {shape.samples, size, size, 1, plan.tilesX * plan.tilesY, channels}, 0});
    else
      func.compute_at(out, stripStart).store_in(kStackMemory);
  };
  std::vector<Var> v = products.args();
  place(products, shape.channels);
  products.split(v[1], to, ti, tile.x, TailStrategy::ShiftInwards)
      .split(v[0], ct, ci, tile.channels(), TailStrategy::ShiftInwards)
      .split(ci, co, lane, tile.lanes);
  if (plan.wholeSlice)
    products.reorder(lane, co, ti, to, v[5], ct, v[3], v[4], v[2]);
  else
    products.reorder(lane, co, ti, ct, to, v[3], v[4], v[2], v[5]);
  products.vectorize(lane).unroll(co).unroll(ti);
  std::vector<Var> d = dot.args();
  dot.compute_at(products, plan.wholeSlice ? to : ct).store_in(kStackMemory);
  dot.vectorize(d[0], tile.lanes).unroll(d[0]).unroll(d[1]);
  dot.update().reorder(d[0], d[1], k).vectorize(d[0], tile.lanes).unroll(d[0]).unroll(d[1]);

  v = transformed.args();
  place(transformed, shape.depth);
  transformed.reorder(v[4], v[3], v[0], v[1], v[2], v[5])
      .vectorize(v[0], plan.depthLanes, TailStrategy::ShiftInwards)
      .unroll(v[3])
      .unroll(v[4]);
  std::vector<Var> r = sourceRows.args();
  sourceRows.compute_at(transformed, v[0])
      .store_in(kStackMemory)
      .reorder(r[1], r[2], r[0])
      .vectorize(r[0], plan.depthLanes)
      .unroll(r[1])
      .unroll(r[2]);

  if (conv.staged) {
    Func staged = conv.rows.func.defined() ? conv.rows.func : conv.source;
    if (plan.wholeSlice)
      staged.compute_at(transformed, v[5]);
    else
      staged.compute_at(out, stripStart);
    staged.store_in(kStackMemory);
    if (conv.rows.func.defined())
      conv.rows.schedule(graph.vectorLanes(conv.sumType.element));
    else
      staged.vectorize(staged.args()[0], plan.depthLanes, TailStrategy::ShiftInwards);
  }
}

// Cycles of one position's products for `tiles` tiles and one source channel.
static double productCycles(const RegisterTile &tile, int channels, int tiles) {
  return termCycles(tile.vectors * tile.x, tile.vectors + tile.x) * ceilDiv(channels, tile.channels()) * ceilDiv(tiles, tile.x);
}

// Register tiles of the products, best first: as many sums as registers hold beside the weights'
// vectors and a broadcast, in a shape that wastes few tiles.
static std::vector<RegisterTile> productTiles(const Target &target, int lanes, int channels, int tiles) {
  std::vector<RegisterTile> list;
  for (int vectors = 1; vectors * lanes <= channels; ++vectors)
    for (int x = 1; x <= tiles; ++x)
      if (vectors * x + vectors + 1 <= target.vectorRegisters())
        list.push_back({lanes, vectors, x, 1});
  std::stable_sort(list.begin(), list.end(), [&](const RegisterTile &a, const RegisterTile &b) {
    return productCycles(a, channels, tiles) < productCycles(b, channels, tiles);
  });
  if (list.size() > 2)
    list.erase(list.begin() + 2, list.end());
  return list;
}

// Additions and multiplications of one transform of a row: of data, and of sums.
struct RowOperations {
  double data, sums;
};

static RowOperations rowOperations(int outputs) {
  switch (outputs) {
  case 2: return {4, 4};
  case 4: return {12, 10};
  default: return {24, 20};
  }
}

// What storing and loading the parts of a tile that registers do not hold costs: with 16 of them most of
// it, and rows of 8 are more than even 32 hold with what is computed from them.
static double spilling(int outputs, int registers) {
  bool wide = outputs == 6;
  return registers < 32 ? (wide ? 2.0 : 1.6) : (wide ? 1.2 : 1);
}

// Cycles for a sample, to be compared with those of a direct convolution: the products with storing
// them, the transformed weights that stream from L2 once a strip, and the loads, operations and stores
// of the three transforms. The weights' is done once for all samples.
static double winogradCycles(const ConvolutionShape &shape, const Plan &plan, int registers,
                             int elementBytes) {
  const int size = plan.outputs + 2, strips = ceilDiv(plan.tilesY, plan.stripTiles);
  const int stripTiles = plan.stripTiles * plan.tilesX;
  const double positions = size * size, points = plan.outputs * plan.outputs;
  double depthVectors = ceilDiv(shape.depth, plan.depthLanes);
  double vectors = ceilDiv(shape.channels, plan.tile.lanes);
  double products = positions * (shape.depth * productCycles(plan.tile, shape.channels, stripTiles) +
                                 stripTiles * vectors);
  // Mostly behind the multiply-adds: each panel of weights is asked for well before its turn.
  double streamed = positions * shape.depth * shape.channels * elementBytes / 100;
  // In slices of four, whose tiles in turn do not stay in the nearer caches: five cycles a vector was measured.
  if (plan.wholeSlice)
    streamed = streamed / std::min(4, shape.samples) + 5 * positions * stripTiles * (depthVectors + vectors);
  double spills = spilling(plan.outputs, registers);
  RowOperations operations = rowOperations(plan.outputs);
  double forth = spills * 0.6 * (2 * size * operations.data + 2 * positions) * depthVectors;
  double back = spills * 0.6 * ((size + plan.outputs) * operations.sums + positions + points) * vectors;
  double weights = spills * 6 * positions * shape.depth * vectors / shape.samples;
  return strips * (products + streamed + stripTiles * (forth + back)) + weights;
}

// Heights of strips in rows of tiles: as many as the budget holds, and half of that. Rows of the result
// come from one row of tiles or from several, `unit`; strips are even.
static std::vector<int> stripHeights(int tilesY, int unit, const std::function<bool(int)> &fits) {
  std::vector<int> heights;
  for (int rows = unit; rows <= tilesY; rows += unit)
    if (tilesY % rows == 0 && (heights.empty() || fits(rows)))
      heights.push_back(rows);
  if (heights.empty())
    return {unit};
  std::reverse(heights.begin(), heights.end());
  heights.resize(std::min<size_t>(heights.size(), 2));
  return heights;
}

static void addWithOutputs(const KernelSpec &spec, const Target &target, const Convolution &conv, int outputs,
                           std::vector<Candidate> &list) {
  const ConvolutionShape &shape = conv.shape;
  ElementType element = conv.sumType.element;
  const int bytes = static_cast<int>(sizeInBytes(element));
  Plan plan;
  plan.outputs = outputs;
  plan.epilogue = epilogueOf(spec);
  plan.tilesX = ceilDiv(shape.width, outputs);
  plan.tilesY = ceilDiv(shape.height, outputs);
  const int lanes = lanesFor(target, element, shape.channels);
  plan.depthLanes = lanesFor(target, element, shape.depth);

  // Strips of as many tile rows as the stack, and half of L2, hold.
  const int positions = (outputs + 2) * (outputs + 2);
  auto stripBytes = [&](int rows) {
    int64_t tiles = int64_t(rows) * plan.tilesX;
    int64_t columns = plan.tilesX * outputs + 2;
    int64_t staged = conv.staged ? int64_t(rows * outputs + 2) * columns * shape.depth : 0;
    int64_t sums = tiles * outputs * outputs * shape.channels;
    return (tiles * positions * (shape.depth + shape.channels) + staged + sums) * bytes;
  };
  const int64_t budget = std::min<int64_t>(kStackBytes, target.l2Bytes / 2);
  const int step = plan.epilogue.window ? plan.epilogue.strideY : 1;
  int unit = 1;
  while (unit * outputs % step)
    ++unit;
  std::string refusal;
  if (shape.dilationX != 1 || shape.dilationY != 1)
    refusal = "the window is dilated";
  else if (shape.groups != 1)
    refusal = "the channels are in groups";
  else
    refusal = plan.epilogue.refusal;

  std::vector<std::pair<int, bool>> strips;  // rows of tiles, the whole slice at once
  for (int rows : stripHeights(plan.tilesY, unit, [&](int rows) { return stripBytes(rows) <= budget; }))
    strips.push_back({rows, false});
  // Beside a strip of sums, and of the source where it is staged.
  const int64_t onStack = stripBytes(plan.tilesY) - int64_t(plan.tilesX) * plan.tilesY * positions * (shape.depth + shape.channels) * bytes;
  if (onStack <= budget && plan.tilesY % unit == 0)
    strips.push_back({plan.tilesY, true});
  for (auto [rows, wholeSlice] : strips) {
    plan.stripTiles = rows;
    plan.stripRows = rows * outputs / step;
    plan.wholeSlice = wholeSlice;
    for (const RegisterTile &tile : productTiles(target, lanes, shape.channels, rows * plan.tilesX)) {
      plan.tile = tile;
      Candidate candidate;
      std::string m = std::to_string(outputs);
      candidate.name = "winograd(" + m + "x" + m + ",tile=" + std::to_string(tile.vectors) + "x" +
                       std::to_string(tile.x) + ",rows=" + (wholeSlice ? "all" : std::to_string(plan.stripRows)) + ")";
      candidate.refusal = refusal;
      if (refusal.empty() && !wholeSlice && stripBytes(rows) > budget)
        candidate.refusal = "a strip takes " + std::to_string(stripBytes(rows)) + " bytes";
      candidate.cycles = kWinogradModelError * winogradCycles(shape, plan, target.vectorRegisters(), bytes);
      candidate.errorBound = winogradTransform(outputs).errorBound;
      candidate.apply = [plan](Graph &graph) { applyWinograd(graph, plan); };
      list.push_back(candidate);
    }
  }
}

void addWinogradCandidates(const KernelSpec &spec, const Target &target,
                           std::vector<Candidate> &list) {
  addWinogradPlaneCandidates(spec, target, list);
  Graph graph(spec, target);
  Convolution conv = makeConvolution(graph, spec.nodes[spec.anchor]);
  const ConvolutionShape &shape = conv.shape;
  if (shape.kernelHeight != 3 || shape.kernelWidth != 3 || shape.strideX != 1 || shape.strideY != 1)
    return;
  for (int outputs : {2, 4, 6})
    if (outputs == 2 || std::min(shape.width, shape.height) >= outputs - 1)
      addWithOutputs(spec, target, conv, outputs, list);
}

}  // namespace nncc::schedule
