// The ops that kernels are made of: how each computes its results from its operands.
#ifndef NNCC_SCHEDULE_ALGORITHMS_REGISTRY_H
#define NNCC_SCHEDULE_ALGORITHMS_REGISTRY_H

#include <string>
#include <vector>

#include "schedule/KernelSpec.h"
#include "schedule/algorithms/Value.h"

namespace nncc::schedule {

class Graph;

// How an op's result at a point depends on its operands: what decides where it may stand.
enum class OpKind {
  Pointwise,    // on the same point (scalars aside)
  Reshape,      // on one other point, in the same row-major order
  Permute,      // on one other point
  Part,         // on one point of a part or of a table, or none
  Window,       // on the points of a small window
  Rows,         // on the whole innermost dimension of the same row
  Lanes,        // on all lanes of the same element
  Elements,     // on all elements
  Contraction,  // a sum of products: an anchor
};

struct Algorithm {
  OpKind kind;
  // The node's results, naive and unscheduled. Throws std::runtime_error for operands,
  // results or attributes that the op cannot have.
  std::vector<Value> (*build)(Graph &graph, const Node &node);
  // Multiplications and additions of the plain algorithm for the whole (largest) result.
  double (*flops)(const KernelSpec &spec, const Node &node);
};

// Throws std::runtime_error that names an unknown op.
const Algorithm &algorithmOf(const std::string &op);

// All ops that there are algorithms for.
std::vector<std::string> algorithmNames();

// Attribute `name` of a node as `count` integers. Throws where it is absent or has another length.
std::vector<int> integers(const Node &node, const std::string &name, size_t count);
// As many integers as `byDefault`, which stands for an attribute that is absent.
std::vector<int> integers(const Node &node, const std::string &name, const std::vector<int> &byDefault);
double number(const Node &node, const std::string &name);
// Throws unless the node has this many operands and results.
void expectCounts(const Node &node, size_t leastOperands, size_t mostOperands, size_t results);
// Throws unless the operand has the shape of the node's first result.
void expectSameShape(const Node &node, const Value &operand);

// FLOPs: so many for each element of the first result.
template <int perElement> double flopsPerElement(const KernelSpec &, const Node &node) {
  return double(perElement) * node.results.at(0).elements();
}

// The families.
std::vector<Value> buildRescale(Graph &, const Node &);
std::vector<Value> buildActivation(Graph &, const Node &);
std::vector<Value> buildActivationBwd(Graph &, const Node &);
std::vector<Value> buildAdd(Graph &, const Node &);
std::vector<Value> buildMaximum(Graph &, const Node &);
std::vector<Value> buildMaximumBwd(Graph &, const Node &);
std::vector<Value> buildMultiply(Graph &, const Node &);
std::vector<Value> buildReshape(Graph &, const Node &);
std::vector<Value> buildPermute(Graph &, const Node &);
std::vector<Value> buildMaskSteps(Graph &, const Node &);
std::vector<Value> buildScaleLengths(Graph &, const Node &);
std::vector<Value> buildCountSteps(Graph &, const Node &);
std::vector<Value> buildRescaleWindows(Graph &, const Node &);
std::vector<Value> buildLastStep(Graph &, const Node &);
std::vector<Value> buildLastStepBwd(Graph &, const Node &);
std::vector<Value> buildSumLanes(Graph &, const Node &);
std::vector<Value> buildSlice(Graph &, const Node &);
std::vector<Value> buildPad(Graph &, const Node &);
std::vector<Value> buildConcatenate(Graph &, const Node &);
std::vector<Value> buildUpsample(Graph &, const Node &);
std::vector<Value> buildAvgPool2d(Graph &, const Node &);
std::vector<Value> buildAvgPool2dBwd(Graph &, const Node &);
std::vector<Value> buildMaxPool2d(Graph &, const Node &);
std::vector<Value> buildMaxPool2dBwd(Graph &, const Node &);
std::vector<Value> buildBiasBwd(Graph &, const Node &);
std::vector<Value> buildConv2d(Graph &, const Node &);
std::vector<Value> buildConv2dBwdData(Graph &, const Node &);
std::vector<Value> buildConv2dBwdWeights(Graph &, const Node &);
std::vector<Value> buildDense(Graph &, const Node &);
std::vector<Value> buildDenseBwdData(Graph &, const Node &);
std::vector<Value> buildDenseBwdWeights(Graph &, const Node &);
std::vector<Value> buildDenseBwdWeightsWhole(Graph &, const Node &);
std::vector<Value> buildEmbedding(Graph &, const Node &);
std::vector<Value> buildRecurrentStep(Graph &, const Node &);
std::vector<Value> buildReverseSteps(Graph &, const Node &);
std::vector<Value> buildScaleSteps(Graph &, const Node &);
std::vector<Value> buildRandomMask(Graph &, const Node &);
std::vector<Value> buildEmbeddingBwdWeights(Graph &, const Node &);
std::vector<Value> buildSoftmax(Graph &, const Node &);
std::vector<Value> buildSoftmaxBwd(Graph &, const Node &);
std::vector<Value> buildSparseSoftmaxCrossEntropy(Graph &, const Node &);
std::vector<Value> buildSparseSoftmaxCrossEntropyBwd(Graph &, const Node &);
std::vector<Value> buildSoftmaxCrossEntropy(Graph &, const Node &);
std::vector<Value> buildSoftmaxCrossEntropyBwd(Graph &, const Node &);
std::vector<Value> buildElementLoss(Graph &, const Node &);
std::vector<Value> buildElementLossBwd(Graph &, const Node &);
std::vector<Value> buildTotalLoss(Graph &, const Node &);
std::vector<Value> buildWeighSamples(Graph &, const Node &);
std::vector<Value> buildWeighSamplesBwd(Graph &, const Node &);
std::vector<Value> buildSparseCategoricalAccuracy(Graph &, const Node &);
std::vector<Value> buildArgmax(Graph &, const Node &);
std::vector<Value> buildSparseTopKAccuracy(Graph &, const Node &);
std::vector<Value> buildBinaryAccuracy(Graph &, const Node &);
std::vector<Value> buildLossSeed(Graph &, const Node &);
std::vector<Value> buildAdamUpdate(Graph &, const Node &);
std::vector<Value> buildBatchNormStatistics(Graph &, const Node &);
std::vector<Value> buildBatchNormStatisticsBwd(Graph &, const Node &);
std::vector<Value> buildBatchNormCoefficients(Graph &, const Node &);
std::vector<Value> buildBatchNormCoefficientsBwd(Graph &, const Node &);
std::vector<Value> buildStoredCoefficients(Graph &, const Node &);
std::vector<Value> buildChannelAffine(Graph &, const Node &);
std::vector<Value> buildChannelAffineBwdWeights(Graph &, const Node &);
std::vector<Value> buildChannelScale(Graph &, const Node &);
std::vector<Value> buildMovingAverage(Graph &, const Node &);
std::vector<Value> buildRowNormalize(Graph &, const Node &);
std::vector<Value> buildRowNormalizeBwd(Graph &, const Node &);
std::vector<Value> buildRandomDropout(Graph &, const Node &);
std::vector<Value> buildAdamwUpdate(Graph &, const Node &);
std::vector<Value> buildSgdUpdate(Graph &, const Node &);
std::vector<Value> buildRmspropUpdate(Graph &, const Node &);
std::vector<Value> buildAdagradUpdate(Graph &, const Node &);
std::vector<Value> buildEmaUpdate(Graph &, const Node &);
std::vector<Value> buildRegularize(Graph &, const Node &);
std::vector<Value> buildClipValue(Graph &, const Node &);
std::vector<Value> buildAccumulate(Graph &, const Node &);
std::vector<Value> buildSumOfSquares(Graph &, const Node &);
std::vector<Value> buildClipScale(Graph &, const Node &);
std::vector<Value> buildScaleBy(Graph &, const Node &);

double flopsOfBiasBwd(const KernelSpec &, const Node &);
double flopsOfConv2d(const KernelSpec &, const Node &);
double flopsOfConv2dBwdData(const KernelSpec &, const Node &);
double flopsOfConv2dBwdWeights(const KernelSpec &, const Node &);
double flopsOfDense(const KernelSpec &, const Node &);
double flopsOfDenseBwdWeights(const KernelSpec &, const Node &);
double flopsOfEmbeddingBwdWeights(const KernelSpec &, const Node &);
double flopsOfAvgPool2d(const KernelSpec &, const Node &);
double flopsOfAvgPool2dBwd(const KernelSpec &, const Node &);
double flopsOfChannelSums(const KernelSpec &, const Node &);
double flopsOfRecurrentStep(const KernelSpec &, const Node &);
double flopsOfSumLanes(const KernelSpec &, const Node &);
double flopsOfSumOfSquares(const KernelSpec &, const Node &);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_REGISTRY_H
