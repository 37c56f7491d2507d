// The ways to compute a kernel, those expected to be fastest first; the last one, the reference, fits
// everything. Every way has its parameters in its name, and the list holds the few best of the parameters
// that a search (`nncc tune`) is to try.
#ifndef NNCC_SCHEDULE_SCHEDULES_CANDIDATE_H
#define NNCC_SCHEDULE_SCHEDULES_CANDIDATE_H

#include <functional>
#include <string>
#include <vector>

#include "schedule/algorithms/Graph.h"

namespace nncc::schedule {

struct Candidate {
  std::string name;     // with its parameters: "direct(tile=14x1x2)"
  std::string refusal;  // why it does not fit this kernel; empty: it does
  bool reference = false;
  double errorBound = 4;  // as in KernelInfo
  // What one unit of the sliced dimension is expected to take, in cycles: the cost model that orders the
  // list. 0 where there is nothing to choose.
  double cycles = 0;
  // Builds the graph's outputs and places and orders all that they need.
  std::function<void(Graph &)> apply;
};

// Variants of one kind that are worth trying.
constexpr int kVariants = 4;

// Throws std::runtime_error for ops that there are none for.
std::vector<Candidate> candidatesOf(const KernelSpec &spec, const Target &target);

// The lists of the anchors. Each takes the kernel for granted to have that anchor.
void addPointwiseCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
// Kernels with a sum over all elements: schedules/Sums.cpp
void addSumCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
// conv2d, conv2d_bwd_data
void addWinogradCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
void addWinogradPlaneCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
void addConvolutionCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
void addScatteredGradientCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
void addPhasesCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
// conv2d_bwd_weights, bias_bwd: schedules/WeightsGradient.cpp
void addWeightsGradientCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
void addBiasGradientCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
// batch_norm_statistics, channel_affine_bwd_weights
void addChannelSumCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
// embedding_bwd_weights: schedules/Embedding.cpp
void addTableGradientCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
// dense, dense_bwd_data, dense_bwd_weights, dense_bwd_weights_whole: schedules/MatrixProduct.cpp
void addMatrixProductCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
// lstm, gru, simple_rnn and their gradients: schedules/Recurrent.cpp
void addRecurrentCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
// concatenate, and means over large windows: no anchors, but loops of their own.
void addConcatenateCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);
void addAveragePoolCandidates(const KernelSpec &, const Target &, std::vector<Candidate> &);

// Vectorizes an output that has no anchor loops of its own: pointwise expressions of
// arguments and of Funcs that are placed elsewhere.
void vectorizeOutput(Graph &graph, Output &output);

// Every sum where it is needed, scalar loops.
Candidate referenceCandidate();

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_CANDIDATE_H
