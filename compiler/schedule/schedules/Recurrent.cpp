// One step of a recurrence: a register tile holds all gates of some units and samples.
//
// Per term one load for each vector of weights and one broadcast for each sample; when the sums are
// complete, gates, states and results are computed of them where they stand. Slices are short and
// weights come from the second-level cache, so that units are the outer loop: a column of weights
// is read once for all samples of the slice.
#include <string>
#include <vector>

#include "schedule/algorithms/Recurrent.h"
#include "schedule/schedules/Candidate.h"
#include "schedule/schedules/SampleRows.h"
#include "schedule/schedules/Tiles.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::Stage;
using Halide::Var;

namespace {

// vectors of units x rows of samples, each of them once for every gate.
struct StepTile {
  int lanes, vectors, rows;
  std::string text() const { return std::to_string(vectors) + "x" + std::to_string(rows); }
};

struct StepChoice {
  StepTile tile;
  double cycles;  // of one term of all sums of a row of tiles
};

}  // namespace

// A narrow result that no vector divides is one vector of odd length.
static bool isOneVector(int full, int units) { return units < 2 * full && units != full; }

// Cycles of a tile's term; 0 where the registers do not hold it: sums, the vectors of weights or the
// broadcasts, whichever are fewer, and one of the others.
static double cyclesOf(const Target &target, int vectors, int rows) {
  int sums = vectors * rows;
  if (sums + std::min(vectors, rows) + 1 > target.vectorRegisters())
    return 0;
  return termCycles(sums, vectors + rows);
}

// The best tile with that many rows.
static StepChoice chooseTile(const Target &target, const RecurrentStep &step, int rows) {
  ElementType element = step.sumType.element;
  int full = target.vectorBytes() / static_cast<int>(sizeInBytes(element));
  if (isOneVector(full, step.units))
    return {{step.units, 1, rows}, cyclesOf(target, step.gates * ceilDiv(step.units, full), rows)};
  StepChoice best = {{full, 1, rows}, 0};
  for (int vectors = 1; vectors * full <= step.units; ++vectors) {
    double cycles = ceilDiv(step.units, vectors * full) * cyclesOf(target, step.gates * vectors, rows);
    if (cycles > 0 && (best.cycles == 0 || cycles < best.cycles))
      best = {{full, vectors, rows}, cycles};
  }
  return best;
}

// Everything in a tile that is not a loop over terms.
static void scheduleInTile(Stage stage, const std::vector<Var> &vars, int lanes) {
  if (lanes > 1)
    stage.vectorize(vars[0], lanes);
  for (const Var &var : vars)
    stage.unroll(var);
}

static void applyStep(Graph &graph, int most) {
  const Node &node = graph.spec.nodes[graph.spec.anchor];
  RecurrentStep step = makeRecurrentStep(graph, node);
  graph.define(graph.spec.anchor, step.results);
  Output &output = graph.outputs().at(0);
  Func out = output.func;
  Var nt("nt");
  int lanes = chooseTile(graph.target, step, most).tile.lanes;
  scheduleSampleRows(out, graph.sliceExtent(), step.samples, most, nt, [&](int rows) -> TileColumns {
    StepTile tile = chooseTile(graph.target, step, rows).tile;
    return {tile.lanes, tile.lanes * tile.vectors};
  });
  std::vector<Func> inTile = step.stages;
  inTile.push_back(step.sum);
  for (Func func : inTile)
    func.compute_at(out, nt).store_in(kStackMemory);
  for (Func func : step.stages)
    scheduleInTile(func, func.args(), lanes);
  for (Func func : step.rows)
    func.compute_at(out, nt).store_in(kStackMemory).unroll(func.args()[0]);
  std::vector<Var> s = step.sum.args();
  step.sum.bound(s[1], 0, step.gates);
  step.sum.update().reorder(s[0], s[1], s[2], step.terms.x);
  for (Stage stage : {Stage(step.sum), step.sum.update()})
    scheduleInTile(stage, s, lanes);
  for (const Graph::Reduction &reduction : graph.reductions())
    if (reduction.func.name() != step.sum.name())
      graph.materialize(reduction.func, reduction.type);
}

void addRecurrentCandidates(const KernelSpec &spec, const Target &target, std::vector<Candidate> &list) {
  Graph graph(spec, target);
  RecurrentStep step = makeRecurrentStep(graph, spec.nodes[spec.anchor]);
  std::string refusal;
  if (step.sumType.sliced != 0)
    refusal = "the samples are not sliced";
  // Slices of a few samples are the rule.
  constexpr int kSampleRows = 4;
  for (int rows : {kSampleRows, 3, 2}) {
    StepChoice choice = chooseTile(target, step, rows);
    if ((choice.cycles == 0 || rows > step.samples) && rows != 2)
      continue;
    Candidate candidate;
    candidate.name = "tiled(tile=" + choice.tile.text() + ")";
    candidate.refusal = refusal;
    candidate.cycles = choice.cycles * ceilDiv(kSampleRows, rows) / kSampleRows * step.depth;
    candidate.apply = [rows](Graph &graph) { applyStep(graph, rows); };
    list.push_back(candidate);
  }
}

}  // namespace nncc::schedule
