// Kernels that add up all elements of the slice: the partial sums, whose number the algorithm
// fixes, are computed side by side in vectors and kept in registers or on the stack.
#include "schedule/algorithms/Registry.h"
#include "schedule/schedules/Candidate.h"

namespace nncc::schedule {

void addSumCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &list) {
  Candidate candidate;
  candidate.name = "sums";
  candidate.apply = [](Graph &graph) {
    for (Output &output : graph.outputs())
      vectorizeOutput(graph, output);
    for (const Graph::Reduction &reduction : graph.reductions()) {
      Halide::Func func = reduction.func;
      graph.materialize(func, reduction.type);
      if (reduction.type.shape.empty())
        continue;
      Halide::Var lane = func.args()[0];
      int lanes = graph.vectorLanes(reduction.type.element);
      func.vectorize(lane, lanes);
      func.update(0).vectorize(lane, lanes);
    }
  };
  list.push_back(candidate);
}

}  // namespace nncc::schedule
