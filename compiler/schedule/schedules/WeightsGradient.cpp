// conv2d_bwd_weights: sums over all points of a slice of samples, held in registers.
//
// All candidates walk strips of rows whose operands stay in L1. `argmax` is for a gradient
// that comes back through a max-pool without overlap: only one point of each window has
// any, so it reads the pooled gradient and the argmax and does a fraction of the work;
// `argmax_rows` is that for few input channels. `direct` reads the gradient of every point.
#include <algorithm>
#include <functional>
#include <optional>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Convolution.h"
#include "schedule/algorithms/Registry.h"
#include "schedule/schedules/Candidate.h"
#include "schedule/schedules/PooledGradient.h"
#include "schedule/schedules/Tiles.h"
#include "schedule/schedules/WeightsGradient.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::RVar;
using Halide::Var;

namespace {

// Rows of the plane that are summed before the sums go to memory. `strips` == 1: the sums
// stay in registers over all samples of the slice.
struct Strips {
  int rows, strips;
  std::string text() const { return "rows=" + std::to_string(rows); }
};

struct ArgmaxPlan {
  int lanes, vectors;
  Strips strips;
};

// Vectors hold a row of the window, all channels of its points.
struct ArgmaxRowsPlan {
  int vectors, outputs;  // of a row, and channels whose sums are held at a time
  Strips strips;
};

struct DirectPlan {
  RegisterTile tile;  // x: input channels, y: kernel columns
  Strips strips;
};

}  // namespace

// Bytes of a row of the source that windows of a row of the result see.
static int64_t sourceRowBytes(const WeightsGradientShape &shape, ElementType element) {
  return (int64_t(shape.width - 1) * shape.strideX + shape.windowWidth()) * shape.sourceChannels *
         static_cast<int64_t>(sizeInBytes(element));
}

static Strips stripsOf(int height, int64_t bytesPerRow, int64_t bytesOnce, const Target &target) {
  int64_t room = target.l1Bytes * 7 / 8 - bytesOnce;
  int rows = largestDivisor(height, static_cast<int>(std::clamp<int64_t>(room / bytesPerRow, 1, height)));
  return {rows, height / rows};
}

ResultNumbers resultNumbers(const KernelSpec &spec) {
  ResultNumbers numbers;
  for (int r = 0; r < static_cast<int>(spec.results.size()); ++r)
    (spec.results[r].value.result == 0 ? numbers.weights : numbers.bias) = r;
  return numbers;
}

// What a result starts with: what its buffer holds, where the caller asks to add to that.
static Expr startOf(Graph &graph, int result, const Expr &old) {
  Expr zero = Halide::cast(old.type(), 0);
  return graph.spec.results[result].accumulate ? select(graph.accumulateFlag() != 0, old, zero)
                                               : zero;
}

Func startedOutput(Graph &graph, int result, const std::string &name, const std::vector<Var> &vars,
                   ElementType element, int lanes) {
  Func out(name);
  out(vars) = Halide::undef(halideType(element));
  std::vector<Expr> at(vars.begin(), vars.end());
  out(vars) = startOf(graph, result, out(at));
  out.update(0).vectorize(vars[0], lanes);
  graph.defineOutput(result, out, vars, /*update=*/true);
  return out;
}

void defineBias(Graph &graph, int result, Func gradient, int channels, int width, int height,
                ElementType element) {
  int lanes = largestDivisor(channels, graph.vectorLanes(element));
  // Enough independent sums to hide the latency of an addition.
  int vectors = largestDivisor(channels / lanes, 8);
  Var oc("oc"), oct("oct"), oci("oci"), lane("lane");
  Func out = startedOutput(graph, result, "diff_bias", {oc}, element, lanes);
  Func sum("bias_sum");
  RDom r(0, width, 0, height, 0, graph.sliceExtent(), "b");
  sum(oc) = Halide::cast(halideType(element), 0);
  sum(oc) += gradient(oc, r[0], r[1], r[2]);
  out(oc) += sum(oc);
  out.update(1).split(oc, oct, oci, lanes * vectors).split(oci, oci, lane, lanes).vectorize(lane).unroll(oci);
  sum.compute_at(out, oct).store_in(kStackMemory).vectorize(oc, lanes).unroll(oc);
  sum.update().reorder(oc, r[0], r[1], r[2]).vectorize(oc, lanes).unroll(oc);
}

// Stages an operand that costs more than a load, for the strip that is being summed
// (inside loop `strip` of `consumer`) or, with one strip, for the whole slice.
static void stage(Graph &graph, Func operand, const TensorType &type, Func consumer,
                  const std::optional<RVar> &strip) {
  int channels = static_cast<int>(type.shape.back());
  std::vector<Var> vars = operand.args();
  if (strip)
    operand.compute_at(consumer, *strip).store_in(kStackMemory);
  else
    graph.materialize(operand, type);
  operand.vectorize(vars[0], largestDivisor(channels, graph.vectorLanes(type.element)));
}

void stageOperands(Graph &graph, const Node &anchor, WeightsGradient &parts, Func consumer,
                   const std::optional<RVar> &strip) {
  const WeightsGradientShape &shape = parts.shape;
  if (parts.gradientStaged)
    stage(graph, parts.gradient, graph.value(anchor.operands[1]).type, consumer, strip);
  if (parts.sourceStaged) {
    // What the windows see: padded, and without what a stride leaves over at the end.
    TensorType seen = graph.value(anchor.operands[0]).type;
    seen.shape[1] = (shape.height - 1) * shape.strideY + shape.windowHeight();
    seen.shape[2] = (shape.width - 1) * shape.strideX + shape.windowWidth();
    seen.shape[3] = shape.sourceChannels;
    if (!parts.rows.func.defined())
      return stage(graph, parts.source, seen, consumer, strip);
    if (strip)
      parts.rows.func.compute_at(consumer, *strip).store_in(kStackMemory);
    else
      graph.materialize(parts.rows.func, {seen.element, {seen.shape[0], seen.shape[1], parts.rowLength()}, 0});
    parts.rows.schedule(graph.vectorLanes(seen.element));
  }
}

double stagingCycles(const WeightsGradient &parts, int lanes) {
  const WeightsGradientShape &shape = parts.shape;
  const double points = double(shape.width) * shape.height;
  double cycles = 0;
  if (parts.gradientStaged)
    cycles += 8 * points * ceilDiv(shape.outputs, lanes);
  if (parts.rows.func.defined())
    cycles += 4 * points * shape.strideX * shape.strideY * shape.inputs / lanes;
  else if (parts.sourceStaged)
    cycles += 4 * points * shape.strideX * shape.strideY * ceilDiv(shape.sourceChannels, lanes);
  return cycles;
}

static void applyDirect(Graph &graph, const DirectPlan &plan) {
  const Node &anchor = graph.spec.nodes[graph.spec.anchor];
  WeightsGradient parts = makeWeightsGradient(graph, anchor, Staged::AsRows);
  const WeightsGradientShape &shape = parts.shape;
  const RegisterTile &tile = plan.tile;
  ElementType element = anchor.results[0].element;
  Expr zero = Halide::cast(halideType(element), 0), samples = graph.sliceExtent();
  ResultNumbers numbers = resultNumbers(graph.spec);
  // The bias reads a gradient of its own: it is not computed strip by strip.
  if (numbers.bias >= 0)
    defineBias(graph, numbers.bias, makeWeightsGradient(graph, anchor).gradient, shape.outputs,
               shape.width, shape.height, element);
  if (numbers.weights < 0)
    return;

  Var oc("oc"), ic("ic"), kx("kx"), ky("ky"), strip("strip"), n("n");
  Func out = startedOutput(graph, numbers.weights, "diff_weights", {oc, ic, kx, ky}, element, tile.lanes);
  Func part("part");
  bool single = plan.strips.strips == 1;
  int rows = plan.strips.rows;
  RDom s, t;
  if (single) {
    t = RDom(0, shape.width, 0, rows, 0, samples, "t");
    part(oc, ic, kx, ky) = zero;
    part(oc, ic, kx, ky) += parts.gradient(oc, t[0], t[1], t[2]) *
                            parts.sourceAt(oc, ic, t[0], t[1], kx, ky, t[2]);
    out(oc, ic, kx, ky) += part(oc, ic, kx, ky);
  } else {
    s = RDom(0, plan.strips.strips, 0, samples, "s");
    t = RDom(0, shape.width, 0, rows, "t");
    Expr y = strip * rows + t[1];
    part(oc, ic, kx, ky, strip, n) = zero;
    part(oc, ic, kx, ky, strip, n) += parts.gradient(oc, t[0], y, n) *
                                      parts.sourceAt(oc, ic, t[0], y, kx, ky, n);
    out(oc, ic, kx, ky) += part(oc, ic, kx, ky, s[0], s[1]);
  }

  Var oct("oct"), oci("oci"), lane("lane"), ict("ict"), ici("ici"), kxt("kxt"), kxi("kxi");
  Halide::Stage sums = out.update(1);
  sums.split(oc, oct, oci, tile.channels()).split(oci, oci, lane, tile.lanes)
      .split(ic, ict, ici, tile.x).split(kx, kxt, kxi, tile.y);
  if (single)
    sums.reorder(lane, oci, ici, kxi, kxt, oct, ict, ky);
  else
    sums.reorder({lane, oci, ici, kxi, kxt, oct, ict, ky, s[0], s[1]});
  sums.vectorize(lane).unroll(oci).unroll(ici).unroll(kxi);

  part.compute_at(out, kxt).store_in(kStackMemory);
  part.vectorize(oc, tile.lanes).unroll(oc).unroll(ic).unroll(kx);
  Halide::Stage terms = part.update();
  if (single)
    terms.reorder({oc, ic, kx, t[0], t[1], t[2]});
  else
    terms.reorder({oc, ic, kx, t[0], t[1]});
  terms.vectorize(oc, tile.lanes).unroll(oc).unroll(ic).unroll(kx);

  stageOperands(graph, anchor, parts, out, single ? std::nullopt : std::optional<RVar>(s[0]));
}

// The max-pool that the gradient comes through, of which there is one; sums the bias' gradient, if asked for.
static PooledGradient poolBefore(Graph &graph, const ResultNumbers &numbers) {
  const Node &anchor = graph.spec.nodes[graph.spec.anchor];
  std::string refusal;
  PooledGradient pooled = *pooledGradient(graph, anchor.operands[1], refusal);
  if (numbers.bias >= 0)
    defineBias(graph, numbers.bias, pooled.gradient.stored, static_cast<int>(anchor.results[1].shape[0]), pooled.width,
               pooled.height, anchor.results[0].element);
  return pooled;
}

// Adds up what argmax schedules hold by output, a vector of input channels at a time, in Keras's order: once a slice.
// `sumAt(oc, ic, kx, ky)`.
static void addInOrder(Graph &graph, int result, int outputs, ElementType element,
                       const std::function<Expr(Var oc, Var ic, Var kx, Var ky)> &sumAt) {
  Var oc("oc"), ic("ic"), kx("kx"), ky("ky");
  int lanes = largestDivisor(outputs, graph.vectorLanes(element));
  Func out = startedOutput(graph, result, "diff_weights", {oc, ic, kx, ky}, element, lanes);
  out(oc, ic, kx, ky) += sumAt(oc, ic, kx, ky);
  out.update(1).vectorize(oc, lanes);
}

static void applyArgmax(Graph &graph, const ArgmaxPlan &plan) {
  const Node &anchor = graph.spec.nodes[graph.spec.anchor];
  WeightsGradient parts = makeWeightsGradient(graph, anchor);
  const WeightsGradientShape &shape = parts.shape;
  ElementType element = anchor.results[0].element;
  Expr zero = Halide::cast(halideType(element), 0), samples = graph.sliceExtent();
  ResultNumbers numbers = resultNumbers(graph.spec);
  PooledGradient pooled = poolBefore(graph, numbers);
  if (numbers.weights < 0)
    return;

  // sums(ic, kx, ky, oc): vectors of input channels, all of the window in registers.
  Var ic("ic"), kx("kx"), ky("ky"), oc("oc"), strip("strip"), n("n");
  Func sums("sums"), part("part");
  auto term = [&](const Expr &px, const Expr &py, const Expr &sample) {
    PooledGradient::Point point = pooled.pointOf(oc, px, py, sample);
    return pooled.at(oc, px, py, sample) *
           parts.sourceAt(oc, ic, point.x, point.y, kx, ky, sample);
  };
  bool single = plan.strips.strips == 1;
  int rows = plan.strips.rows;
  RDom s, t;
  if (single) {
    t = RDom(0, pooled.width, 0, rows, 0, samples, "t");
    part(ic, kx, ky, oc) = zero;
    part(ic, kx, ky, oc) += term(t[0], t[1], t[2]);
    sums(ic, kx, ky, oc) = part(ic, kx, ky, oc);
  } else {
    s = RDom(0, plan.strips.strips, 0, samples, "s");
    t = RDom(0, pooled.width, 0, rows, "t");
    part(ic, kx, ky, oc, strip, n) = zero;
    part(ic, kx, ky, oc, strip, n) += term(t[0], strip * rows + t[1], n);
    sums(ic, kx, ky, oc) = zero;
    sums(ic, kx, ky, oc) += part(ic, kx, ky, oc, s[0], s[1]);
  }

  Var ict("ict"), ici("ici"), lane("lane");
  if (!single)
    sums.vectorize(ic, plan.lanes);
  Halide::Stage adding = single ? Halide::Stage(sums) : sums.update();
  adding.split(ic, ict, ici, plan.lanes * plan.vectors).split(ici, ici, lane, plan.lanes);
  if (single)
    adding.reorder(lane, ici, kx, ky, ict, oc);
  else
    adding.reorder({lane, ici, kx, ky, ict, oc, s[0], s[1]});
  adding.vectorize(lane).unroll(ici).unroll(kx).unroll(ky);

  part.compute_at(sums, ict).store_in(kStackMemory);
  part.bound(kx, 0, shape.kernelWidth).bound(ky, 0, shape.kernelHeight);
  part.vectorize(ic, plan.lanes).unroll(ic).unroll(kx).unroll(ky);
  Halide::Stage terms = part.update();
  if (single)
    terms.reorder({ic, kx, ky, t[0], t[1], t[2]});
  else
    terms.reorder({ic, kx, ky, t[0], t[1]});
  terms.vectorize(ic, plan.lanes).unroll(ic).unroll(kx).unroll(ky);
  graph.materialize(sums, {element, {shape.outputs, shape.kernelHeight, shape.kernelWidth, shape.inputs}, -1});

  addInOrder(graph, numbers.weights, shape.outputs, element,
             [&](Var oc, Var ic, Var kx, Var ky) -> Expr { return sums(ic, kx, ky, oc); });
}

// The same for few input channels, of which a vector holds those of all points in a row of the window.
static void applyArgmaxRows(Graph &graph, const ArgmaxRowsPlan &plan) {
  const Node &anchor = graph.spec.nodes[graph.spec.anchor];
  WeightsGradient parts = makeWeightsGradient(graph, anchor, Staged::AsRows);
  const WeightsGradientShape &shape = parts.shape;
  ElementType element = anchor.results[0].element;
  Expr zero = Halide::cast(halideType(element), 0), samples = graph.sliceExtent();
  ResultNumbers numbers = resultNumbers(graph.spec);
  PooledGradient pooled = poolBefore(graph, numbers);
  if (numbers.weights < 0)
    return;

  const int lanes = graph.vectorLanes(element), length = plan.vectors * lanes, rows = plan.strips.rows;
  Var f("f"), ky("ky"), oc("oc"), strip("strip"), n("n");
  Func sums("sums"), part("part");
  RDom s(0, plan.strips.strips, 0, samples, "s"), t(0, pooled.width, 0, rows, "t");
  Expr py = strip * rows + t[1];
  PooledGradient::Point point = pooled.pointOf(oc, t[0], py, n);
  part(f, ky, oc, strip, n) = zero;
  part(f, ky, oc, strip, n) +=
      pooled.at(oc, t[0], py, n) *
      parts.rows.func(point.x * (shape.strideX * shape.inputs) + f, point.y * shape.strideY + ky * shape.dilationY, n);
  sums(f, ky, oc) = zero;
  sums(f, ky, oc) += part(f, ky, oc, s[0], s[1]);
  sums.vectorize(f, lanes);
  Var oct("oct"), oci("oci");
  sums.update().split(oc, oct, oci, plan.outputs).reorder({f, ky, oci, oct, s[0], s[1]})
      .vectorize(f, lanes).unroll(f).unroll(ky).unroll(oci);
  part.compute_at(sums, oct).store_in(kStackMemory);
  part.bound(f, 0, length).bound(ky, 0, shape.kernelHeight);
  part.vectorize(f, lanes).unroll(f).unroll(ky).unroll(oc);
  part.update().reorder({f, ky, oc, t[0], t[1]}).vectorize(f, lanes).unroll(f).unroll(ky).unroll(oc);
  graph.materialize(sums, {element, {shape.outputs, shape.kernelHeight, length}, -1});
  parts.rows.func.compute_at(sums, s[0]).store_in(kStackMemory);
  parts.rows.schedule(lanes);

  addInOrder(graph, numbers.weights, shape.outputs, element,
             [&](Var oc, Var ic, Var kx, Var ky) -> Expr { return sums(kx * shape.inputs + ic, ky, oc); });
}

void addBiasGradientCandidates(const KernelSpec &spec, const Target &, std::vector<Candidate> &list) {
  Candidate candidate;
  candidate.name = "vectors";
  if (spec.results.size() != 1 || spec.results[0].value.argument || spec.results[0].value.node != spec.anchor)
    candidate.refusal = "something follows the sums";
  candidate.apply = [](Graph &graph) {
    Value gradient = graph.operandsOf(graph.spec.nodes[graph.spec.anchor])[0];
    const std::vector<int64_t> &shape = gradient.type.shape;
    defineBias(graph, 0, funcOf(gradient, "gradient"), static_cast<int>(shape[3]),
               static_cast<int>(shape[2]), static_cast<int>(shape[1]), gradient.type.element);
  };
  list.push_back(candidate);
}

// Strips worth trying: as given, and the whole plane, whose sums stay in registers over all samples.
static std::vector<Strips> stripVariants(const Strips &strips, int height) {
  if (strips.strips == 1)
    return {strips};
  return {strips, {height, 1}};
}

static void addArgmaxCandidates(Graph &graph, const WeightsGradient &parts, const std::string &epilogue,
                                std::vector<Candidate> &list) {
  const Target &target = graph.target;
  const Node &anchor = graph.spec.nodes[graph.spec.anchor];
  const WeightsGradientShape &shape = parts.shape;
  ElementType element = anchor.results[0].element;
  std::string refusal;
  std::optional<PooledGradient> pooled = pooledGradient(graph, anchor.operands[1], refusal);
  if (!pooled)
    return;
  const int window = shape.kernelWidth * shape.kernelHeight, registers = target.vectorRegisters() - 2;
  const int lanes = largestDivisor(shape.inputs, graph.vectorLanes(element));
  if (!epilogue.empty())
    refusal = epilogue;
  else if (parts.sourceStaged)
    refusal = "the source is not a plain read";
  else if (window > registers)
    refusal = "the window's " + std::to_string(window) + " sums exceed the registers";
  else if (lanes * 2 < graph.vectorLanes(element))
    refusal = "too few input channels fill a vector";
  const int64_t sourceRow = sourceRowBytes(shape, element);
  const int64_t pooledRow = int64_t(pooled->width) * 64;  // a cache line a point: channels are one apart
  const Strips strips = stripsOf(pooled->height, pooledRow + sourceRow * shape.strideY * pooled->poolHeight,
                                 sourceRow * (shape.windowHeight() - 1), target);
  ArgmaxPlan plan{lanes, largestDivisor(shape.inputs / lanes, std::max(1, registers / window)), strips};
  const double vectors = double(shape.inputs) / lanes, points = double(pooled->width) * pooled->height;
  for (const Strips &variant : stripVariants(strips, pooled->height)) {
    plan.strips = variant;
    Candidate argmax;
    argmax.name = "argmax(tile=" + std::to_string(plan.vectors) + "x" + std::to_string(shape.kernelWidth) + "x" +
                  std::to_string(shape.kernelHeight) + "," + variant.text() + ")";
    argmax.refusal = refusal;
    // The sums are added to memory once a strip, and turned into their final order once a slice: that
    // costs about 0.7 of a multiply-add a weight and sample. Whole planes leave the nearest cache.
    double perWeight = points + 0.7 * graph.vectorLanes(element) +
                       (variant.strips == 1 ? 0.2 * points * (strips.strips > 1) : variant.strips);
    argmax.cycles = vectors * window * shape.outputs * perWeight;
    argmax.apply = [plan](Graph &graph) { applyArgmax(graph, plan); };
    list.push_back(argmax);
  }
}

static void addArgmaxRowsCandidates(Graph &graph, const WeightsGradient &parts, const std::string &epilogue,
                                    std::vector<Candidate> &list) {
  const Target &target = graph.target;
  const Node &anchor = graph.spec.nodes[graph.spec.anchor];
  const WeightsGradientShape &shape = parts.shape;
  ElementType element = anchor.results[0].element;
  std::string refusal;
  std::optional<PooledGradient> pooled = pooledGradient(graph, anchor.operands[1], refusal);
  if (!pooled || !parts.rows.func.defined() || shape.dilationX != 1)
    return;
  const int lanes = graph.vectorLanes(element);
  ArgmaxRowsPlan plan;
  plan.vectors = ceilDiv(shape.kernelWidth * shape.inputs, lanes);
  const int perOutput = plan.vectors * shape.kernelHeight, registers = target.vectorRegisters() - 3;
  if (!epilogue.empty())
    refusal = epilogue;
  else if (perOutput > registers)
    refusal = "the window's " + std::to_string(perOutput) + " vectors exceed the registers";
  plan.outputs = largestDivisor(shape.outputs, std::max(1, registers / perOutput));
  const int64_t sourceRow = sourceRowBytes(shape, element);
  const int64_t pooledRow = int64_t(pooled->width) * plan.outputs * (sizeInBytes(element) + 1);
  plan.strips = stripsOf(pooled->height, pooledRow + sourceRow * shape.strideY * pooled->poolHeight,
                         sourceRow * (shape.windowHeight() - 1), target);
  const double points = double(pooled->width) * pooled->height;
  Candidate candidate;
  candidate.name = "argmax_rows(tile=" + std::to_string(plan.vectors) + "x" + std::to_string(shape.kernelHeight) + "x" +
                   std::to_string(plan.outputs) + "," + plan.strips.text() + ")";
  candidate.refusal = refusal;
  // Most loads cross lines, and finding the point takes time too: about as measured.
  candidate.cycles = shape.outputs * (points * (2.0 * perOutput + 3) + 2.0 * plan.strips.strips * perOutput);
  candidate.apply = [plan](Graph &graph) { applyArgmaxRows(graph, plan); };
  list.push_back(candidate);
}

static void addDirectCandidates(const Graph &graph, const WeightsGradient &parts, const std::string &epilogue,
                                std::vector<Candidate> &list) {
  const Target &target = graph.target;
  const WeightsGradientShape &shape = parts.shape;
  ElementType element = graph.spec.nodes[graph.spec.anchor].results[0].element;
  const int64_t bytes = sizeInBytes(element), sourceRow = sourceRowBytes(shape, element);
  const Strips fitting = stripsOf(shape.height, int64_t(shape.width) * shape.outputs * bytes + sourceRow * shape.strideY,
                                  sourceRow * std::max(0, shape.windowHeight() - shape.strideY), target);
  // Strips of few points would load and store every sum for a few products; staged ones that the
  // stack does not hold are staged in scratch, for the whole slice.
  auto stagedBytes = [&](const Strips &strips) {
    int64_t staged = 0;
    if (parts.gradientStaged) staged += int64_t(strips.rows) * shape.width * shape.outputs * bytes;
    if (parts.sourceStaged) staged += ((strips.rows - 1) * shape.strideY + shape.windowHeight()) * sourceRow;
    return staged;
  };
  const bool whole = fitting.rows * shape.width < 16 || stagedBytes(fitting) > kStackBytes;
  const Strips strips = whole ? Strips{shape.height, 1} : fitting;
  // A tile's channels are of one group.
  int outputs = shape.channelwise ? shape.outputs : shape.outputs / shape.groups;
  const double points = double(shape.width) * shape.height;
  for (const TileChoice &choice : chooseTiles(target, element, outputs, shape.inputs, shape.kernelWidth,
                                              Remainder::None, kVariants))
    for (const Strips &variant : stripVariants(strips, shape.height)) {
      DirectPlan plan{choice.tile, variant};
      Candidate direct;
      direct.name = "direct(tile=" + plan.tile.text() + "," + variant.text() + ")";
      direct.refusal = epilogue;
      direct.cycles = choice.cycles * shape.kernelHeight * (shape.channelwise ? 1 : shape.groups) *
                          (points + (variant.strips == 1 ? 0.2 * points * (strips.strips > 1) : variant.strips)) +
                      stagingCycles(parts, graph.vectorLanes(element));
      direct.apply = [plan](Graph &graph) { applyDirect(graph, plan); };
      list.push_back(direct);
    }
}

void addWeightsGradientCandidates(const KernelSpec &spec, const Target &target,
                                  std::vector<Candidate> &list) {
  std::string epilogue;
  for (const Result &result : spec.results)
    if (result.value.argument || result.value.node != spec.anchor)
      epilogue = "something follows the sums";
  Graph graph(spec, target);
  const WeightsGradient parts = makeWeightsGradient(graph, spec.nodes[spec.anchor], Staged::AsRows);
  addArgmaxCandidates(graph, parts, epilogue, list);
  addArgmaxRowsCandidates(graph, parts, epilogue, list);
  if (!spec.rare && !spec.exact) addWinogradWeightsCandidates(graph, parts, epilogue, list);
  addDirectCandidates(graph, parts, epilogue, list);
}

}  // namespace nncc::schedule
