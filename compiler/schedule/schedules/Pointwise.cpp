// Kernels without a contraction: every output is one loop nest over its own elements, the
// innermost dimension in vectors. Row statistics are computed before, for the whole slice.
#include <algorithm>

#include "schedule/algorithms/Metric.h"
#include "schedule/algorithms/Registry.h"
#include "schedule/schedules/Candidate.h"

namespace nncc::schedule {

using Halide::TailStrategy;
using Halide::Var;

void vectorizeOutput(Graph &graph, Output &output) {
  if (output.vars.empty())
    return;
  int rank = static_cast<int>(output.vars.size());
  // The widest element decides, so that no value of the loop takes more than a register.
  int bytes = 1;
  for (int result : output.results)
    bytes = std::max(bytes, static_cast<int>(sizeInBytes(
                                graph.spec.typeOf(graph.spec.results[result].value).element)));
  int lanes = graph.target.vectorBytes() / bytes;
  bool slicedInside = output.type.sliced == rank - 1;
  int64_t extent = output.type.shape.back();
  Halide::Stage stage = output.stage();
  if (slicedInside) {
    stage.vectorize(output.vars[0], lanes, TailStrategy::GuardWithIf);
    return;
  }
  if (extent == 1)
    return;
  if (extent <= lanes)
    stage.vectorize(output.vars[0], static_cast<int>(extent));
  else if (output.update)
    stage.vectorize(output.vars[0], lanes, TailStrategy::GuardWithIf);
  else
    stage.vectorize(output.vars[0], lanes, TailStrategy::ShiftInwards);
}

// The innermost dimension of every definition in vectors, around it the loops of the sums.
static void vectorizeReduction(Graph &graph, const Graph::Reduction &reduction) {
  Halide::Func func = reduction.func;
  std::vector<Var> vars = func.args();
  int lanes = graph.vectorLanes(reduction.type.element);
  if (reduction.type.shape.back() < lanes)
    return;
  func.vectorize(vars[0], lanes, TailStrategy::GuardWithIf);
  for (int i = 0; i < func.num_update_definitions(); ++i) {
    std::vector<Halide::VarOrRVar> order = {vars[0]};
    for (const Halide::RVar &k : func.rvars(i))
      order.push_back(k);
    for (size_t v = 1; v < vars.size(); ++v)
      order.push_back(vars[v]);
    func.update(i).reorder(order).vectorize(vars[0], lanes, TailStrategy::GuardWithIf);
  }
}

// The dimension of the result that is innermost in the operand of a kernel which does nothing but permute
// dimensions; 0: it stays the innermost one, or the kernel does something else.
static int transposedWith(const KernelSpec &spec) {
  if (spec.nodes.size() != 1 || spec.nodes[0].op != "permute" || spec.results[0].value.argument)
    return 0;
  std::vector<double> perm = spec.nodes[0].attributes.at("perm");
  int rank = static_cast<int>(perm.size());
  for (int i = 0; i < rank; ++i)
    if (static_cast<int>(perm[i]) == rank - 1)
      return rank - 1 - i;
  return 0;
}

// A vector of the result gathers from as many rows of the operand, and the next ones from the same rows, which
// are still in the nearest cache.
static void addTransposition(const KernelSpec &spec, const Target &target, std::vector<Candidate> &list) {
  const int with = transposedWith(spec);
  if (!with)
    return;
  const TensorType &type = spec.nodes[0].results[0];
  const int64_t lanes = std::min<int64_t>(type.shape.back(), target.vectorBytes() / sizeInBytes(type.element));
  Candidate candidate;
  candidate.name = "columns(" + std::to_string(lanes) + ")";
  if (type.sliced >= 0)
    candidate.refusal = "its rows are cut";
  candidate.apply = [with, lanes](Graph &graph) {
    Output &output = graph.outputs().at(0);
    Var x = output.vars[0], y = output.vars[with], xi("xi");
    output.stage()
        .split(x, x, xi, static_cast<int>(lanes), TailStrategy::ShiftInwards)
        .reorder(xi, y, x)
        .vectorize(xi);
  };
  list.push_back(candidate);
}

void addPointwiseCandidates(const KernelSpec &spec, const Target &target,
                            std::vector<Candidate> &list) {
  addTransposition(spec, target, list);
  Candidate candidate;
  candidate.name = "vectors";
  candidate.apply = [](Graph &graph) {
    for (Output &output : graph.outputs())
      vectorizeOutput(graph, output);
    for (const Graph::Reduction &reduction : graph.reductions()) {
      graph.materialize(reduction.func, reduction.type);
      if (runsAcross(reduction.func))
        vectorizeReduction(graph, reduction);
    }
  };
  list.push_back(candidate);
}

}  // namespace nncc::schedule
