// conv2d_bwd_data with 3x3 windows at stride 1, where one tile of Winograd's minimal filtering holds all of the
// gradient that comes in, as behind the last convolutions of a network.
//
// The forward transform turned around: with y = A^T [ (G g) * (B^T d) ] for a tile, the gradient for d is
// B [ (G g) * (A y') ]. A direct sum multiplies with the zeros around y', and tiles over the result meet them as
// well; here (m + 2)^2 products a pair of channels are all. Per slice: gradients are transformed (a vector
// of channels at a time), then every position is a small matrix product (samples x depth by depth x channels),
// whose results are transformed into the whole plane.
#include <algorithm>

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
using Halide::Stage;
using Halide::TailStrategy;
using Halide::Var;

namespace {

struct Plan {
  int points;  // m: of the gradient, in each direction
  int depthLanes;
  RegisterTile tile;  // of the products: x is in samples
};

// Slices are short; so many samples share a vector of weights.
constexpr int kSamples = 4;

}  // namespace

// Row i of the transposed matrix.
static std::vector<double> column(const Matrix &matrix, int i) {
  std::vector<double> values;
  for (const std::vector<double> &row : matrix)
    values.push_back(row[i]);
  return values;
}

static void applyPlane(Graph &graph, const Plan &plan) {
  const KernelSpec &spec = graph.spec;
  Convolution conv = makeConvolution(graph, spec.nodes[spec.anchor], Strided::Zeros, Staged::AsRows);
  const ConvolutionShape &shape = conv.shape;
  const WinogradTransform &transform = winogradTransform(plan.points);
  const int size = transform.size();
  const RegisterTile &tile = plan.tile;
  const WinogradPanels panels = keepWinogradPanels(graph, conv, transform, /*turned=*/false, tile);

  // A y' A^T.
  Var c("c"), n("n"), i("i"), j("j"), p("p"), q("q");
  Func sourceRows("source_rows"), transformed("transformed_gradient");
  std::vector<Expr> values;
  for (int a = 0; a < size; ++a)
    values.push_back(combineAlternating(column(transform.sums, a), [&](int z) { return conv.source(c, z, j, n); }));
  sourceRows(c, i, j, n) = Halide::mux(i, values);
  values.clear();
  for (int a = 0; a < size; ++a)
    values.push_back(combineAlternating(column(transform.sums, a), [&](int z) { return sourceRows(c, i, z, n); }));
  transformed(c, i, j, n) = Halide::mux(j, values);

  Func dot("dot"), products("products");
  RDom k(0, shape.depth, "k");
  dot(c, i, j, n) = Halide::cast(halideType(conv.sumType.element), 0);
  dot(c, i, j, n) += panels.weights(c % panels.width, k, c / panels.width, i, j) * transformed(k, i, j, n);
  products(c, i, j, n) = dot(c, i, j, n);

  // B [...] B^T: the result, seen from its padding on.
  Func planeRows("plane_rows"), plane("plane");
  values.clear();
  for (int a = 0; a < size; ++a)
    values.push_back(combinePairs(column(transform.data, a), [&](int z) { return products(c, z, j, n); }));
  planeRows(c, p, j, n) = Halide::mux(p, values);
  values.clear();
  for (int a = 0; a < size; ++a)
    values.push_back(combinePairs(column(transform.data, a), [&](int z) { return planeRows(c, p, z, n); }));
  plane(c, p, q, n) = Halide::mux(q, values);
  plane.bound(p, 0, size).bound(q, 0, size);
  Value value = valueOf(plane, conv.sumType);
  value.at = [plane, shape](const Coordinates &at) {
    return plane(at[3], at[2] + shape.padLeft, at[1] + shape.padTop, at[0]);
  };
  value.stored = Func();
  graph.define(spec.anchor, {value});

  Output &output = graph.outputs().at(0);
  Func out = output.func;
  out.vectorize(output.vars[0], tile.lanes, TailStrategy::ShiftInwards);
  Var on = output.vars[3];

  plane.compute_at(out, on)
      .store_in(kStackMemory)
      .reorder(p, q, c)
      .vectorize(c, tile.lanes, TailStrategy::ShiftInwards)
      .unroll(p)
      .unroll(q);
  planeRows.compute_at(plane, c).store_in(kStackMemory).reorder(p, j, c).vectorize(c, tile.lanes).unroll(p).unroll(j);

  const ElementType element = conv.sumType.element;
  graph.materialize(products, {element, {shape.samples, size, size, shape.channels}, 0});
  Var ct("ct"), co("co"), ci("ci"), lane("lane"), nt("nt"), ni("ni");
  auto schedule = [&](Stage stage, int samples) {
    stage.split(c, ct, ci, tile.channels(), TailStrategy::ShiftInwards)
        .split(ci, co, lane, tile.lanes)
        .split(n, nt, ni, samples, TailStrategy::ShiftInwards)
        .reorder(lane, co, ni, nt, ct, i, j)
        .vectorize(lane)
        .unroll(co)
        .unroll(ni);
  };
  for (int samples = tile.x; samples > 1; samples /= 2)
    schedule(products.specialize(graph.sliceExtent() >= samples), samples);
  schedule(products, 1);
  dot.compute_at(products, nt).store_in(kStackMemory);
  for (Stage stage : {Stage(dot), dot.update()})
    stage.vectorize(c, tile.lanes).unroll(c).unroll(n);
  dot.update().reorder(c, n, k);

  graph.materialize(transformed, {element, {shape.samples, size, size, shape.depth}, 0});
  transformed.reorder(i, j, c, n).vectorize(c, plan.depthLanes, TailStrategy::ShiftInwards).unroll(i).unroll(j);
  sourceRows.compute_at(transformed, c)
      .store_in(kStackMemory)
      .reorder(i, j, c)
      .vectorize(c, plan.depthLanes)
      .unroll(i)
      .unroll(j);
  if (conv.staged)
    conv.source.compute_at(transformed, n)
        .store_in(kStackMemory)
        .vectorize(conv.source.args()[0], plan.depthLanes, TailStrategy::ShiftInwards);
}

// As of Winograd's other kernels: products, weights that stream once a slice, loads and stores of what is
// handed on, and the two transforms.
static double planeCycles(const ConvolutionShape &shape, const Plan &plan, int bytes) {
  const int size = plan.points + 2;
  const double positions = size * size;
  const int samples = std::min(shape.samples, plan.tile.x);
  double depthVectors = ceilDiv(shape.depth, plan.depthLanes), vectors = ceilDiv(shape.channels, plan.tile.lanes);
  double products = positions * shape.depth * ceilDiv(shape.channels, plan.tile.channels()) *
                    termCycles(plan.tile.vectors * samples, plan.tile.vectors + samples) / samples;
  double streamed = positions * shape.depth * shape.channels * bytes / 100 / samples;
  // Rows of the transforms have at most as many terms as positions, half of which are zeros.
  double forth = (size + plan.points) * size * plan.points / 2. + positions;
  double back = (size + 2) * positions;
  return products + streamed + forth * depthVectors + back * vectors;
}

void addWinogradPlaneCandidates(const KernelSpec &spec, const Target &target, std::vector<Candidate> &list) {
  const Node &anchor = spec.nodes[spec.anchor];
  if (anchor.op != "conv2d_bwd_data")
    return;
  Graph graph(spec, target);
  const Convolution conv = makeConvolution(graph, anchor);
  const ConvolutionShape &shape = conv.shape;
  if (shape.kernelHeight != 3 || shape.kernelWidth != 3 || shape.strideX != 1 || shape.strideY != 1)
    return;
  // Of the gradient that comes in.
  const int width = shape.width - 2 + shape.padLeft + shape.padRight;
  const int height = shape.height - 2 + shape.padTop + shape.padBottom;
  const int larger = std::max(width, height);
  Plan plan;
  plan.points = larger <= 2 ? 2 : larger <= 4 ? 4 : 6;
  // The source has one row and column of zeros behind it.
  if (larger > 6 || std::min(width, height) < plan.points - 1)
    return;
  std::string refusal;
  if (shape.dilationX != 1 || shape.dilationY != 1)
    refusal = "the window is dilated";
  else if (shape.groups != 1)
    refusal = "the channels are in groups";
  else if (const Epilogue epilogue = epilogueOf(spec); !epilogue.refusal.empty())
    refusal = epilogue.refusal;
  else if (epilogue.window)
    refusal = "a window follows the sums";
  const ElementType element = conv.sumType.element;
  plan.depthLanes = lanesFor(target, element, shape.depth);
  const int lanes = lanesFor(target, element, shape.channels);
  for (int vectors : {2, 4}) {
    if (vectors * lanes > shape.channels && vectors > 2)
      continue;
    plan.tile = {lanes, std::min(vectors, std::max(1, shape.channels / lanes)), kSamples, 1};
    Candidate candidate;
    candidate.name = "winograd_plane(" + std::to_string(plan.points) + "x" + std::to_string(plan.points) +
                     ",tile=" + std::to_string(plan.tile.vectors) + "x" + std::to_string(plan.tile.x) + ")";
    candidate.refusal = refusal;
    candidate.cycles = kWinogradModelError * planeCycles(shape, plan, static_cast<int>(sizeInBytes(element)));
    candidate.errorBound = winogradTransform(plan.points).errorBound;
    candidate.apply = [plan](Graph &graph) { applyPlane(graph, plan); };
    list.push_back(candidate);
  }
}

}  // namespace nncc::schedule
