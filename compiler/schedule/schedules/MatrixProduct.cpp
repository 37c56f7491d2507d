// dense and its gradients: matrix products, a register tile of sums at a time.
//
// Vectors run over the innermost dimension of the result. A tile of sums stays in registers over
// all terms: per term one load for each vector and one broadcast for each row of the tile, rows
// being samples or, for weights' gradients, inputs. Pointwise epilogues are computed on the tile
// as it is stored. What has to be computed before it can be read is staged for the whole slice.
//
// Every sum has its terms in one order, whatever the slice: a sample's result has the same bits
// in a slice of any size.
#include <algorithm>
#include <string>
#include <vector>

#include "schedule/algorithms/Dense.h"
#include "schedule/schedules/Candidate.h"
#include "schedule/schedules/Epilogue.h"
#include "schedule/schedules/SampleRows.h"
#include "schedule/schedules/Tiles.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::RVar;
using Halide::Stage;
using Halide::TailStrategy;
using Halide::Var;

namespace {

// vectors x rows sums; a vector may take more than one register where the result is narrow.
struct ProductTile {
  int lanes, vectors, rows;
  int width() const { return lanes * vectors; }
  std::string text() const { return std::to_string(vectors) + "x" + std::to_string(rows); }
};

// What a tile may take of the registers: the others hold weights and a broadcast.
int sumRegisters(const Target &target) { return target.vectorRegisters() - 3; }

// Samples of a tile. Slices are short, often of 2 to 4, and four rows use a vector of weights
// often enough that loads do not bound the multiply-adds.
constexpr int kSampleRows = 4;

}  // namespace

// A narrow result that no vector divides is one vector of odd length: parts of registers are
// cheaper than sums computed twice, or a second loop.
static bool isOneVector(int full, int outputs) { return outputs < 2 * full && outputs != full; }

// Cycles of a tile's term; 0 where the registers do not hold it: sums, vectors of weights (one where each is used but once), a
// broadcast, and one for the compiler to move loads ahead.
static double cyclesOf(const Target &target, int vectors, int rows) {
  int sums = vectors * rows;
  if (sums > sumRegisters(target) ||
      sums + (rows == 1 ? 1 : vectors) + 2 > target.vectorRegisters())
    return 0;
  return termCycles(sums, vectors + rows);
}

// A tile with the cycles of one term of all sums.
struct ProductChoice {
  ProductTile tile;
  double cycles;
};

// The tile with that many samples that needs the fewest cycles, where the last tile of a row
// moves inwards and computes some sums again.
static ProductChoice chooseProductTile(const Target &target, ElementType element, int outputs,
                                       int rows) {
  int full = target.vectorBytes() / static_cast<int>(sizeInBytes(element));
  if (isOneVector(full, outputs))
    return {{outputs, 1, rows}, cyclesOf(target, ceilDiv(outputs, full), rows)};
  ProductChoice best = {{full, 1, rows}, 0};
  for (int vectors = 1; vectors * full <= outputs; ++vectors) {
    double cycles = ceilDiv(outputs, vectors * full) * cyclesOf(target, vectors, rows);
    if (cycles > 0 && (best.cycles == 0 || cycles < best.cycles))
      best = {{full, vectors, rows}, cycles};
  }
  return best;
}

// Computes `func`, a prologue [n, d], for the whole slice before all that reads it.
static void stageSource(Graph &graph, Func func, const TensorType &type) {
  int lanes = lanesFor(graph.target, type.element, static_cast<int>(type.shape[1]));
  if (lanes > 1)
    func.vectorize(func.args()[0], lanes, TailStrategy::ShiftInwards);
  graph.materialize(func, type);
}

// What prologues and epilogues sum, for the whole slice before the product; not `sums` itself.
static void stageReductions(Graph &graph, const std::string &sums) {
  for (const Graph::Reduction &reduction : graph.reductions())
    if (reduction.func.name() != sums)
      graph.materialize(reduction.func, reduction.type);
}

// Sums that stay in registers: dimensions of `sum` are (channel, row), all of them unrolled but
// for the terms.
static void scheduleSums(Func sum, int lanes) {
  std::vector<Var> vars = sum.args();
  sum.store_in(kStackMemory);
  for (Stage stage : {Stage(sum), sum.update()}) {
    if (lanes > 1)
      stage.vectorize(vars[0], lanes);
    for (const Var &var : vars)
      stage.unroll(var);
  }
}

// Anchor dense, dense_bwd_data or dense_bwd_weights_whole.
static void applyProduct(Graph &graph, const ProductTile &tile) {
  const Node &anchor = graph.spec.nodes[graph.spec.anchor];
  Product product = makeProduct(graph, anchor);
  graph.define(graph.spec.anchor, {valueOf(product.sum, product.sumType)});
  Output &output = graph.outputs().at(0);
  Func out = output.func;
  Var nt("nt");

  // A column of weights stays in the cache for all samples. Few rows take more vectors.
  Expr extent = product.sumType.sliced == 0 ? graph.sliceExtent() : Expr(product.samples);
  scheduleSampleRows(out, extent, product.samples, tile.rows, nt, [&](int rows) -> TileColumns {
    ProductTile tile = chooseProductTile(graph.target, product.sumType.element, product.outputs,
                                         rows).tile;
    return {tile.lanes, tile.width()};
  });

  product.sum.compute_at(out, nt);
  // Terms outside of the tile.
  std::vector<Var> s = product.sum.args();
  product.sum.update().reorder(s[0], s[1], product.terms.x);
  scheduleSums(product.sum, tile.lanes);
  if (product.staged)
    stageSource(graph, product.source, graph.spec.typeOf(anchor.operands[0]));
  stageReductions(graph, product.sum.name());
}

static void addProduct(const KernelSpec &spec, const Target &target, std::vector<Candidate> &list) {
  const Node &anchor = spec.nodes[spec.anchor];
  Graph graph(spec, target);
  Product product = makeProduct(graph, anchor);
  std::string refusal;
  Epilogue epilogue = epilogueOf(spec);
  refusal = epilogue.refusal;
  if (refusal.empty() && epilogue.window)
    refusal = "a window follows the sums";
  if (refusal.empty() && product.sumType.sliced > 0)
    refusal = "the sliced dimension is not that of samples";
  if (refusal.empty() && !graph.operandsOf(anchor)[1].stored.defined())
    refusal = "the weights are computed in the kernel";
  if (refusal.empty() && product.staged && anchor.op == "dense_bwd_weights_whole")
    refusal = "the source is computed in the kernel";
  if (refusal.empty()) {
    graph.define(spec.anchor, {valueOf(product.sum, product.sumType)});
    const std::vector<Output> &outputs = graph.outputs();
    if (outputs.size() != 1 || outputs[0].type.shape != product.sumType.shape)
      refusal = "results of other shapes than the sums";
  }
  for (int rows : {kSampleRows, 2, 6, 8}) {
    if (rows > product.samples && rows != kSampleRows)
      continue;
    ProductChoice choice = chooseProductTile(target, product.sumType.element, product.outputs,
                                             std::min(product.samples, rows));
    if (choice.cycles == 0 && rows != kSampleRows)
      continue;
    ProductTile tile = choice.tile;
    Candidate tiled;
    tiled.name = "tiled(tile=" + tile.text() + ")";
    tiled.refusal = refusal;
    // In slices of kSampleRows samples.
    tiled.cycles = choice.cycles * ceilDiv(kSampleRows, tile.rows) / kSampleRows * product.depth;
    tiled.apply = [tile](Graph &graph) { applyProduct(graph, tile); };
    list.push_back(tiled);
  }
}

namespace {

// A range of a dimension, `tile` long pieces of which divide it.
struct Range {
  int begin, extent, tile;
};

// A range of columns, in vectors that divide the pieces.
struct Columns {
  Range range;
  int lanes;
};

}  // namespace

// `extent` as tiles of `tile` and one tile of what is left.
static std::vector<Range> rangesOf(int extent, int tile) {
  int divided = extent / tile * tile, left = extent - divided;
  std::vector<Range> ranges;
  if (divided)
    ranges.push_back({0, divided, tile});
  if (left)
    ranges.push_back({divided, left, left});
  return ranges;
}

// Tiles of whole vectors, one tile of the vectors that are left, one part of a vector.
static std::vector<Columns> columnsOf(int outputs, const ProductTile &tile) {
  std::vector<Columns> columns;
  int lanes = tile.lanes;
  for (const Range &range : rangesOf(outputs / lanes, tile.vectors))
    columns.push_back({{range.begin * lanes, range.extent * lanes, range.tile * lanes}, lanes});
  if (int left = outputs % lanes)
    columns.push_back({{outputs - left, left, left}, left});
  return columns;
}

// The best tiles, with the cycles of one term of all sums.
static std::vector<ProductChoice> chooseGradientTiles(const Target &target, ElementType element, int outputs,
                                                      int inputs) {
  int full = target.vectorBytes() / static_cast<int>(sizeInBytes(element));
  bool oneVector = isOneVector(full, outputs);
  int lanes = oneVector ? outputs : full, registers = ceilDiv(lanes, full);
  std::vector<ProductChoice> choices;
  for (int vectors = 1; vectors * lanes <= outputs; ++vectors)
    for (int rows = 1; rows <= inputs; ++rows)
      if (double cycles = cyclesOf(target, vectors * registers, rows); cycles > 0)
        choices.push_back({{lanes, vectors, rows},
                           double(ceilDiv(outputs, vectors * lanes)) * ceilDiv(inputs, rows) * cycles});
  if (choices.empty())
    choices.push_back({{lanes, 1, 1}, double(outputs) * inputs});
  std::stable_sort(choices.begin(), choices.end(),
                   [](const ProductChoice &a, const ProductChoice &b) { return a.cycles < b.cycles; });
  choices.resize(std::min<size_t>(choices.size(), kVariants));
  return choices;
}

// Defines a result of dense_bwd_weights: [inputs, outputs], or with one row the bias gradient
// [outputs]. Sums are added to what the result holds, so that no two tiles may overlap: each
// range of rows and columns has its own loops, with tiles that divide it.
static void defineGradient(Graph &graph, int index, const ProductGradient &parts, bool bias,
                           const ProductTile &tile) {
  const Result &result = graph.spec.results[index];
  Func out(bias ? "diff_bias" : "diff_weights");
  std::vector<Var> vars = dimensionVars(bias ? 1 : 2, "");
  Halide::Type type = parts.gradient.type();
  out(vars) = Halide::undef(type);

  struct Part {
    Columns columns;
    Range rows;
    RDom points;
    Func sum;
    RDom terms;
  };
  std::vector<Part> list;
  for (const Columns &columns : columnsOf(parts.outputs, tile))
    for (const Range &rows : rangesOf(bias ? 1 : parts.inputs, bias ? 1 : tile.rows)) {
      Part part{columns, rows, RDom(columns.range.begin, columns.range.extent, rows.begin,
                                    rows.extent, "p"),
                Func("sum"), RDom(0, graph.sliceExtent(), "r")};
      Var o("o"), i("i");
      Expr term = parts.gradient(o, part.terms);
      if (!bias)
        term *= parts.source(i, part.terms);
      part.sum(o, i) = Halide::cast(type, 0);
      part.sum(o, i) += term;
      std::vector<Expr> point;
      for (size_t d = 0; d < vars.size(); ++d)
        point.push_back(part.points[d]);
      Expr value = part.sum(part.points.x, part.points.y);
      if (result.accumulate)
        value += Halide::select(graph.accumulateFlag() != 0, Expr(out(point)),
                                Halide::cast(type, 0));
      out(point) = value;
      list.push_back(part);
    }
  graph.defineOutput(index, out, vars, true);

  for (size_t k = 0; k < list.size(); ++k) {
    Part &part = list[k];
    RVar ot("ot"), ov("ov"), lane("lane"), it("it"), ii("ii");
    Stage stage = out.update(static_cast<int>(k));
    stage.split(part.points.x, ot, ov, part.columns.range.tile)
        .split(ov, ov, lane, part.columns.lanes)
        .split(part.points.y, it, ii, part.rows.tile)
        .reorder(lane, ov, ii, ot, it)
        .unroll(ov)
        .unroll(ii);
    if (part.columns.lanes > 1)
      stage.vectorize(lane);
    part.sum.compute_at(out, ot);
    std::vector<Var> s = part.sum.args();
    part.sum.update().reorder(s[0], s[1], part.terms.x);
    scheduleSums(part.sum, part.columns.lanes);
  }
}

static void applyGradient(Graph &graph, const ProductTile &tile) {
  const Node &anchor = graph.spec.nodes[graph.spec.anchor];
  std::vector<Value> operands = graph.operandsOf(anchor);
  ProductGradient parts = makeProductGradient(graph, anchor);
  bool readsSource = false;
  for (size_t r = 0; r < graph.spec.results.size(); ++r) {
    bool bias = graph.spec.results[r].value.result == 1;
    defineGradient(graph, static_cast<int>(r), parts, bias, tile);
    readsSource |= !bias;
  }
  graph.outputs();
  if (readsSource && !operands[0].stored.defined())
    stageSource(graph, parts.source, operands[0].type);
  if (!operands[1].stored.defined())
    stageSource(graph, parts.gradient, operands[1].type);
  stageReductions(graph, "");
}

static void addGradient(const KernelSpec &spec, const Target &target,
                        std::vector<Candidate> &list) {
  const Node &anchor = spec.nodes[spec.anchor];
  Graph graph(spec, target);
  ProductGradient parts = makeProductGradient(graph, anchor);
  std::string refusal;
  bool samplesSliced = true;
  for (const ValueRef &operand : anchor.operands)
    samplesSliced &= spec.typeOf(operand).sliced == 0;
  if (!samplesSliced)
    refusal = "the samples are not sliced";
  for (const Result &result : spec.results)
    if (result.value.argument || result.value.node != spec.anchor || result.inPlace >= 0)
      refusal = "a result is not a sum as it is";
  for (const ProductChoice &choice :
       chooseGradientTiles(target, anchor.results[0].element, parts.outputs, parts.inputs)) {
    ProductTile tile = choice.tile;
    Candidate tiled;
    tiled.name = "tiled(tile=" + tile.text() + ")";
    tiled.refusal = refusal;
    tiled.cycles = choice.cycles;
    tiled.apply = [tile](Graph &graph) { applyGradient(graph, tile); };
    list.push_back(tiled);
  }
}

void addMatrixProductCandidates(const KernelSpec &spec, const Target &target,
                                std::vector<Candidate> &list) {
  if (spec.nodes[spec.anchor].op == "dense_bwd_weights")
    addGradient(spec, target, list);
  else
    addProduct(spec, target, list);
}

}  // namespace nncc::schedule
