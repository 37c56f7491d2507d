#include "schedule/schedules/Candidate.h"

#include <algorithm>

#include "schedule/algorithms/Recurrent.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

std::vector<Candidate> candidatesOf(const KernelSpec &spec, const Target &target) {
  std::vector<Candidate> list;
  std::string anchor = spec.anchor < 0 ? "" : spec.nodes.at(spec.anchor).op;
  bool contraction = !anchor.empty() && algorithmOf(anchor).kind == OpKind::Contraction;
  if (anchor == "conv2d" || anchor == "conv2d_bwd_data") {
    if (!spec.rare && !spec.exact) addWinogradCandidates(spec, target, list);
    addScatteredGradientCandidates(spec, target, list);
    addPhasesCandidates(spec, target, list);
    addConvolutionCandidates(spec, target, list);
  }
  if (anchor == "bias_bwd")
    addBiasGradientCandidates(spec, target, list);
  if (anchor == "conv2d_bwd_weights")
    addWeightsGradientCandidates(spec, target, list);
  if (anchor == "dense" || anchor == "dense_bwd_data" || anchor == "dense_bwd_weights" ||
      anchor == "dense_bwd_weights_whole")
    addMatrixProductCandidates(spec, target, list);
  if (contraction && isRecurrentStep(anchor))
    addRecurrentCandidates(spec, target, list);
  if (anchor == "batch_norm_statistics" || anchor == "channel_affine_bwd_weights")
    addChannelSumCandidates(spec, target, list);
  if (anchor == "embedding_bwd_weights")
    addTableGradientCandidates(spec, target, list);
  auto holds = [&](const char *op) {
    for (const Node &node : spec.nodes)
      if (node.op == op)
        return true;
    return false;
  };
  if (!contraction && holds("concatenate"))
    addConcatenateCandidates(spec, target, list);
  if (!contraction && (holds("avg_pool2d") || holds("avg_pool2d_bwd")))
    addAveragePoolCandidates(spec, target, list);
  bool sums = false;
  for (const Node &node : spec.nodes)
    sums |= algorithmOf(node.op).kind == OpKind::Elements;
  if (sums)
    addSumCandidates(spec, target, list);
  else if (!contraction)
    addPointwiseCandidates(spec, target, list);
  std::stable_sort(list.begin(), list.end(),
                   [](const Candidate &a, const Candidate &b) { return a.cycles < b.cycles; });
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
