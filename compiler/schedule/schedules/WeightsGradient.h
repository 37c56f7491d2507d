// What the schedules of conv2d_bwd_weights share.
#ifndef NNCC_SCHEDULE_SCHEDULES_WEIGHTSGRADIENT_H
#define NNCC_SCHEDULE_SCHEDULES_WEIGHTSGRADIENT_H

#include <optional>
#include <string>
#include <vector>

#include "schedule/algorithms/Convolution.h"
#include "schedule/schedules/Candidate.h"

namespace nncc::schedule {

// The results of the kernel that the anchor's two results become, -1: unused.
struct ResultNumbers {
  int weights = -1, bias = -1;
};
ResultNumbers resultNumbers(const KernelSpec &spec);

// The output of result `result` over `vars`: undefined, then set to its start (what its buffer holds, where
// the caller asks to add to that, else 0). Sums follow.
Halide::Func startedOutput(Graph &graph, int result, const std::string &name, const std::vector<Halide::Var> &vars,
                           ElementType element, int lanes);

// diff_bias: the sum of `gradient` over a plane and the samples.
void defineBias(Graph &graph, int result, Halide::Func gradient, int channels, int width, int height,
                ElementType element);

// Stages those of the two operands that cost more than a load: inside loop `strip` of `consumer`, or without
// one for the whole slice.
void stageOperands(Graph &graph, const Node &anchor, WeightsGradient &parts, Halide::Func consumer,
                   const std::optional<Halide::RVar> &strip);

// Cycles of a sample for what stageOperands computes.
double stagingCycles(const WeightsGradient &parts, int lanes);

// Schedules for `epilogue` empty, else refused with it: schedules/WinogradWeights.cpp
void addWinogradWeightsCandidates(const Graph &graph, const WeightsGradient &parts, const std::string &epilogue,
                                  std::vector<Candidate> &list);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_WEIGHTSGRADIENT_H
