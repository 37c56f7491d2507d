// Distances between vectors and the triplets of a batch: what the table of ops and the schedules know of
// them.
#ifndef NNCC_SCHEDULE_ALGORITHMS_METRIC_H
#define NNCC_SCHEDULE_ALGORITHMS_METRIC_H

#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

// Is the innermost dimension of the Func the place in a batch, or a sample's value, along which all its
// definitions may be computed in vectors?
bool runsAcross(const Halide::Func &func);

std::vector<Value> buildL2Normalize(Graph &, const Node &);
std::vector<Value> buildL2NormalizeBwd(Graph &, const Node &);
std::vector<Value> buildDistance(Graph &, const Node &);
std::vector<Value> buildDistanceBwd(Graph &, const Node &);
std::vector<Value> buildTripletMining(Graph &, const Node &);
std::vector<Value> buildTripletMiningBwd(Graph &, const Node &);
std::vector<Value> buildBatchMean(Graph &, const Node &);
std::vector<Value> buildBatchMeanBwd(Graph &, const Node &);

double flopsOfDistance(const KernelSpec &, const Node &);
double flopsOfTripletMining(const KernelSpec &, const Node &);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_METRIC_H
