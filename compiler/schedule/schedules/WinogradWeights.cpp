// conv2d_bwd_weights with 3x3 windows at stride 1, by Winograd's minimal filtering: the gradient is cut
// into tiles of r x r, of which each with the (r + 2) x (r + 2) tile of the source that it saw gives 3x3
// sums from (r + 2) x (r + 2) products, where the direct sums take 9 r x r.
//
// The sums over tiles and samples are those of the products: tiles of both operands are transformed, every
// position is a product of matrices (source channels x tiles by tiles x channels), and what the whole slice
// added up is transformed into weights once, at its end. Samples are walked in strips of tile rows, whose
// transformed tiles stay in the cache; small planes take the slice as one strip, whose sums then go
// to memory only once, a block of channels at a time that the cache holds.
#include <algorithm>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Convolution.h"
#include "schedule/schedules/Candidate.h"
#include "schedule/schedules/Tiles.h"
#include "schedule/schedules/WeightsGradient.h"
#include "schedule/schedules/WinogradTransform.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::RVar;
using Halide::TailStrategy;
using Halide::Var;

namespace {

struct Plan {
  int points;          // of a tile of the gradient, in each direction
  int tilesX, tilesY;  // of the plane
  int stripTiles;      // rows of tiles in a strip; 0: the whole slice is one
  RegisterTile tile;   // of the products: x is in source channels
  int inputLanes;
  int64_t stripBytes;
  int blockInputs, blockOutputs;  // channels whose sums are computed before they become weights

  int strips() const { return stripTiles ? tilesY / stripTiles : 1; }
  int rows() const { return stripTiles ? stripTiles : tilesY; }
};

// Both operands of the products: tile `t` of the strip, position (i, j) in the tile, by strips or, with one
// strip, for all samples.
struct Operands {
  Func source, gradient;          // (channel, t, i, j, [s,] n)
  Func sourceRows, gradientRows;  // transformed in one direction
};

}  // namespace

static Operands transformOperands(const WeightsGradient &parts, const WinogradTransform &transform, const Plan &plan) {
  const WeightsGradientShape &shape = parts.shape;
  const int r = plan.points, size = transform.size();
  Var c("c"), t("t"), i("i"), j("j"), s("s"), n("n");
  // Tiles that stick out read zeros of the gradient, and of the source what is nearest.
  const bool leavesX = shape.width % r, leavesY = shape.height % r;
  auto sourceAt = [&](Expr x, Expr y) {
    if (leavesX) x = min(x, shape.width + 1);
    if (leavesY) y = min(y, shape.height + 1);
    return parts.source(c, x, y, n);
  };
  auto gradientAt = [&](const Expr &x, const Expr &y) {
    Expr value = parts.gradient(c, leavesX ? min(x, shape.width - 1) : x, leavesY ? min(y, shape.height - 1) : y, n);
    Expr inside;
    if (leavesX) inside = x < shape.width;
    if (leavesY) inside = inside.defined() ? inside && y < shape.height : y < shape.height;
    return inside.defined() ? select(inside, value, Halide::cast(value.type(), 0)) : value;
  };
  std::vector<Var> strip = {s, n}, slice = {n};
  const std::vector<Var> &outer = plan.stripTiles ? strip : slice;
  auto with = [&](std::vector<Var> vars) {
    vars.insert(vars.end(), outer.begin(), outer.end());
    return vars;
  };
  Expr tileX = t % plan.tilesX, tileY = (plan.stripTiles ? Expr(s * plan.stripTiles) : Expr(0)) + t / plan.tilesX;

  // Along x first (position i), then along y (position j).
  auto transformed = [&](const Matrix &matrix, auto at, Func &rows, const char *name) {
    std::vector<Expr> values;
    rows = Func(std::string(name) + "_rows");
    for (int a = 0; a < size; ++a)
      values.push_back(combineAlternating(matrix[a], [&](int z) { return at(tileX * r + z, tileY * r + j); }));
    rows(with({c, i, j, t})) = Halide::mux(i, values);
    Func both(std::string("transformed_") + name);
    values.clear();
    for (int a = 0; a < size; ++a)
      values.push_back(combineAlternating(matrix[a], [&](int z) {
        std::vector<Expr> point = {c, i, z, t};
        point.insert(point.end(), outer.begin(), outer.end());
        return rows(point);
      }));
    both(with({c, t, i, j})) = Halide::mux(j, values);
    return both;
  };
  Operands operands;
  operands.source = transformed(transform.data, sourceAt, operands.sourceRows, "source");
  operands.gradient = transformed(transform.taps, gradientAt, operands.gradientRows, "gradient");
  return operands;
}

// Transforms a vector of channels of a tile at a time, in registers as far as they go.
static void scheduleTransform(Func both, Func rows, int lanes) {
  std::vector<Var> v = both.args(), r = rows.args();
  std::vector<Halide::VarOrRVar> order = {v[3], v[2], v[0], v[1]};
  order.insert(order.end(), v.begin() + 4, v.end());
  both.reorder(order).vectorize(v[0], lanes, TailStrategy::ShiftInwards).unroll(v[2]).unroll(v[3]);
  rows.compute_at(both, v[0]).store_in(kStackMemory);
  rows.reorder(r[1], r[2], r[0]).vectorize(r[0], lanes).unroll(r[1]).unroll(r[2]);
}

static void applyWinograd(Graph &graph, const Plan &plan) {
  const Node &anchor = graph.spec.nodes[graph.spec.anchor];
  WeightsGradient parts = makeWeightsGradient(graph, anchor, Staged::AsRows);
  const WeightsGradientShape &shape = parts.shape;
  const WinogradTransform &transform = winogradWeightsTransform(plan.points);
  const int size = transform.size();
  const RegisterTile &tile = plan.tile;
  const ElementType element = anchor.results[0].element;
  const int gradientLanes = tile.lanes;
  Expr zero = Halide::cast(halideType(element), 0), samples = graph.sliceExtent();
  ResultNumbers numbers = resultNumbers(graph.spec);
  if (numbers.bias >= 0)
    defineBias(graph, numbers.bias, makeWeightsGradient(graph, anchor).gradient, shape.outputs, shape.width,
               shape.height, element);
  if (numbers.weights < 0)
    return;

  Operands operands = transformOperands(parts, transform, plan);
  Var oc("oc"), ic("ic"), i("i"), j("j"), s("s"), n("n"), kx("kx"), ky("ky");
  Func part("part"), sums("sums");
  const int tiles = plan.rows() * plan.tilesX;
  RDom t, strips;
  if (plan.stripTiles) {
    t = RDom(0, tiles, "t");
    strips = RDom(0, plan.strips(), 0, samples, "s");
    part(oc, ic, i, j, s, n) = zero;
    part(oc, ic, i, j, s, n) += operands.gradient(oc, t, i, j, s, n) * operands.source(ic, t, i, j, s, n);
    sums(oc, ic, i, j) = zero;
    sums(oc, ic, i, j) += part(oc, ic, i, j, strips[0], strips[1]);
  } else {
    t = RDom(0, tiles, 0, samples, "t");
    part(oc, ic, i, j) = zero;
    part(oc, ic, i, j) += operands.gradient(oc, t[0], i, j, t[1]) * operands.source(ic, t[0], i, j, t[1]);
    sums(oc, ic, i, j) = part(oc, ic, i, j);
  }

  Var oct("oct"), oci("oci"), lane("lane"), ict("ict"), ici("ici");
  if (plan.stripTiles)
    sums.vectorize(oc, tile.lanes);
  Halide::Stage adding = plan.stripTiles ? sums.update() : Halide::Stage(sums);
  adding.split(oc, oct, oci, tile.channels()).split(oci, oci, lane, tile.lanes).split(ic, ict, ici, tile.x);
  std::vector<Halide::VarOrRVar> order = {lane, oci, ici, ict, oct, i, j};
  if (plan.stripTiles)
    order.insert(order.end(), {strips[0], strips[1]});
  adding.reorder(order).vectorize(lane).unroll(oci).unroll(ici);
  part.compute_at(sums, ict).store_in(kStackMemory);
  part.vectorize(oc, tile.lanes).unroll(oc).unroll(ic);
  std::vector<Halide::VarOrRVar> terms = {oc, ic, t[0]};
  if (!plan.stripTiles)
    terms.push_back(t[1]);
  part.update().reorder(terms).vectorize(oc, tile.lanes).unroll(oc).unroll(ic);

  graph.reserveStack(plan.stripTiles ? plan.stripBytes : 0);
  auto placeOperand = [&](Func operand, Func rows, int channels, int lanes) {
    if (plan.stripTiles)
      operand.compute_at(sums, strips[0]).store_in(kStackMemory);
    else
      graph.materialize(operand, {element, {shape.samples, size, size, tiles, channels}, 0});
    scheduleTransform(operand, rows, lanes);
  };
  placeOperand(operands.source, operands.sourceRows, shape.inputs, plan.inputLanes);
  placeOperand(operands.gradient, operands.gradientRows, shape.outputs, gradientLanes);
  stageOperands(graph, anchor, parts, sums, plan.stripTiles ? std::optional<RVar>(strips[0]) : std::nullopt);
  // Back to weights.
  Func sumRows("sum_rows");
  Var p("p");
  std::vector<Expr> values;
  for (int a = 0; a < 3; ++a)
    values.push_back(combinePairs(transform.sums[a], [&](int z) { return sums(oc, ic, z, j); }));
  sumRows(oc, ic, p, j) = Halide::mux(p, values);
  values.clear();
  for (int a = 0; a < 3; ++a)
    values.push_back(combinePairs(transform.sums[a], [&](int z) { return sumRows(oc, ic, kx, z); }));
  Func out = startedOutput(graph, numbers.weights, "diff_weights", {oc, ic, kx, ky}, element, tile.lanes);
  out(oc, ic, kx, ky) += Halide::mux(ky, values);
  Var ocb("ocb"), icb("icb");
  out.update(1)
      .split(oc, ocb, oc, plan.blockOutputs)
      .split(ic, icb, ic, plan.blockInputs)
      .reorder(kx, ky, oc, ic, ocb, icb)
      .vectorize(oc, tile.lanes)
      .unroll(kx)
      .unroll(ky);
  if (plan.stripTiles)
    graph.materialize(sums, {element, {size, size, shape.inputs, shape.outputs}, -1});
  else
    sums.compute_at(out, ocb).store_in(kStackMemory);
  sumRows.compute_at(out, oc).store_in(kStackMemory);
  sumRows.reorder(p, j, oc).vectorize(oc, tile.lanes).unroll(p).unroll(j);
}

namespace {

// Additions and multiplications of one transform of a row: of the source, the gradient and the sums.
struct RowOperations {
  double source, gradient, sums;
};

RowOperations rowOperations(int points) {
  switch (points) {
  case 2: return {4, 4, 4};
  case 4: return {12, 10, 8};
  default: return {24, 22, 12};
  }
}

}  // namespace

// Cycles for a sample, to be compared with those of direct sums.
static double expectedCycles(const WeightsGradientShape &shape, const Plan &plan, double termCycles, const Target &target) {
  const int r = plan.points, size = r + 2;
  const double positions = size * size, tiles = double(plan.tilesX) * plan.tilesY;
  const double inputVectors = ceilDiv(shape.inputs, plan.inputLanes), outputVectors = ceilDiv(shape.outputs, plan.tile.lanes);
  const RowOperations operations = rowOperations(r);
  const double spills = target.vectorRegisters() < 32 ? 1.6 : 1, slice = std::min(2, shape.samples);
  double forth = spills * 0.6 *
                 ((2 * size * operations.source + 2 * positions) * inputVectors +
                  ((size + r) * operations.gradient + positions + r * r) * outputVectors);
  // Sums that L2 does not hold are read and written at a third of its speed.
  const bool far = plan.stripTiles && positions * shape.inputs * shape.outputs * 4 > target.l2Bytes / 2.;
  double passes = plan.stripTiles ? plan.strips() * (far ? 3 : 1) : 1 / slice;
  double stored = 2 * positions * shape.inputs * outputVectors * passes;
  // Both operands are read again for each block of the other's channels.
  if (!plan.stripTiles)
    stored += positions * tiles *
              (inputVectors * shape.outputs / plan.blockOutputs + outputVectors * shape.inputs / plan.blockInputs);
  double back = spills * 0.6 * ((size + 3) * operations.sums + positions + 9) * shape.inputs * outputVectors / slice;
  return tiles * (positions * termCycles + forth) + stored + back;
}

void addWinogradWeightsCandidates(const Graph &graph, const WeightsGradient &parts, const std::string &epilogue,
                                  std::vector<Candidate> &list) {
  const Target &target = graph.target;
  const WeightsGradientShape &shape = parts.shape;
  if (shape.kernelWidth != 3 || shape.kernelHeight != 3 || shape.strideX != 1 || shape.strideY != 1 ||
      shape.dilationX != 1 || shape.dilationY != 1 || shape.groups != 1)
    return;
  const ElementType element = graph.spec.nodes[graph.spec.anchor].results[0].element;
  const int64_t bytes = sizeInBytes(element);
  Plan plan;
  plan.inputLanes = lanesFor(target, element, shape.inputs);
  for (int r : {2, 4, 6}) {
    if (r > 2 && std::min(shape.width, shape.height) < r - 1)
      continue;
    plan.points = r;
    plan.tilesX = ceilDiv(shape.width, r);
    plan.tilesY = ceilDiv(shape.height, r);
    const int positions = (r + 2) * (r + 2);
    auto stripBytes = [&](int rows) {
      int64_t staged = 0, columns = int64_t(plan.tilesX) * r;
      if (parts.sourceStaged) staged += (rows * r + 2) * (columns + 2) * shape.inputs;
      if (parts.gradientStaged) staged += rows * r * columns * shape.outputs;
      return (int64_t(rows) * plan.tilesX * positions * (shape.inputs + shape.outputs) + staged) * bytes;
    };
    // As many rows of tiles as the stack holds; planes that fit whole are taken a slice at a time.
    std::vector<int> heights;
    for (int rows = plan.tilesY; rows >= 1 && heights.empty(); --rows)
      if (plan.tilesY % rows == 0 && (rows == 1 || stripBytes(rows) <= kStackBytes))
        heights.push_back(rows);
    if (heights[0] == plan.tilesY)
      heights.insert(heights.begin(), 0);
    for (int rows : heights)
      for (const TileChoice &choice : chooseTiles(target, element, shape.outputs, shape.inputs, 1, Remainder::None, 2)) {
        plan.stripTiles = rows;
        plan.tile = choice.tile;
        plan.stripBytes = rows ? stripBytes(rows) : 0;
        plan.blockInputs = shape.inputs, plan.blockOutputs = shape.outputs;
        // Whole tiles, in blocks about square.
        auto blockBytes = [&] { return int64_t(positions) * plan.blockInputs * plan.blockOutputs * bytes; };
        auto halve = [&](int &block, int unit) {
          int tilesInBlock = block / unit;
          block = unit * largestDivisor(tilesInBlock, std::max(1, tilesInBlock / 2));
          return block / unit < tilesInBlock;
        };
        bool smaller = rows == 0;
        while (smaller && blockBytes() > std::max<int64_t>(kStackBytes, target.l2Bytes / 2))
          smaller = plan.blockInputs > plan.blockOutputs
                        ? halve(plan.blockInputs, plan.tile.x) || halve(plan.blockOutputs, plan.tile.channels())
                        : halve(plan.blockOutputs, plan.tile.channels()) || halve(plan.blockInputs, plan.tile.x);
        Candidate candidate;
        const std::string m = std::to_string(r);
        candidate.name = "winograd(" + m + "x" + m + ",tile=" + std::to_string(plan.tile.vectors) + "x" +
                         std::to_string(plan.tile.x) + ",rows=" + (rows ? std::to_string(rows * r) : "all") + ")";
        candidate.refusal = epilogue;
        if (epilogue.empty() && plan.stripBytes > kStackBytes)
          candidate.refusal = "a strip takes " + std::to_string(plan.stripBytes) + " bytes";
        candidate.errorBound = winogradWeightsTransform(r).errorBound;
        candidate.cycles = kWinogradModelError * expectedCycles(shape, plan, choice.cycles, target) +
                           stagingCycles(parts, plan.inputLanes);
        candidate.apply = [plan](Graph &graph) { applyWinograd(graph, plan); };
        list.push_back(candidate);
      }
  }
}

}  // namespace nncc::schedule
