#include "schedule/schedules/Candidate.h"

#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

std::vector<Candidate> candidatesOf(const KernelSpec &spec, const Target &target) {
  std::vector<Candidate> list;
  std::string anchor = spec.anchor < 0 ? "" : spec.nodes.at(spec.anchor).op;
  bool contraction = !anchor.empty() && algorithmOf(anchor).kind == OpKind::Contraction;
  if (!contraction)
    addPointwiseCandidates(spec, target, list);
  list.push_back(referenceCandidate());
  return list;
}

Candidate referenceCandidate() {
  Candidate candidate;
  candidate.name = "reference";
  candidate.reference = true;
  candidate.apply = [](Graph &graph) {
    graph.outputs();
    graph.placeReductions();
  };
  return candidate;
}

}  // namespace nncc::schedule
