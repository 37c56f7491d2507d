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

void addPointwiseCandidates(const KernelSpec &spec, const Target &target,
                            std::vector<Candidate> &list) {
  Candidate candidate;
  candidate.name = "vectors";
  candidate.apply = [](Graph &graph) {
    for (Output &output : graph.outputs())
      vectorizeOutput(graph, output);
    for (const Graph::Reduction &reduction : graph.reductions())
      graph.materialize(reduction.func, reduction.type);
  };
  list.push_back(candidate);
}

}  // namespace nncc::schedule
