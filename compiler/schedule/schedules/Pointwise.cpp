// Kernels without a contraction: every output is one loop nest over its own elements, the
// innermost dimension in vectors. Row statistics are computed before, for the whole slice.
#include <algorithm>

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

void addPointwiseCandidates(const KernelSpec &spec, const Target &target,
                            std::vector<Candidate> &list) {
  Candidate candidate;
  candidate.name = "vectors";
  candidate.apply = [](Graph &graph) {
    for (Output &output : graph.outputs())
      vectorizeOutput(graph, output);
    for (const Graph::Reduction &reduction : graph.reductions()) {
      graph.materialize(reduction.func, reduction.type);
      if (reduction.inVectors)
        vectorizeReduction(graph, reduction);
    }
  };
  list.push_back(candidate);
}

}  // namespace nncc::schedule
