// The one table of ops.
#include "schedule/algorithms/Registry.h"

#include <cmath>
#include <map>
#include <stdexcept>

#include "schedule/algorithms/Metric.h"

namespace nncc::schedule {

static const std::map<std::string, Algorithm> &table() {
  static const std::map<std::string, Algorithm> ops = {
      {"accumulate", {OpKind::Pointwise, buildAccumulate, flopsPerElement<1>}},
      {"adagrad_update", {OpKind::Pointwise, buildAdagradUpdate, flopsPerElement<7>}},
      {"adam_update", {OpKind::Pointwise, buildAdamUpdate, flopsPerElement<12>}},
      {"adamw_update", {OpKind::Pointwise, buildAdamwUpdate, flopsPerElement<15>}},
      {"add", {OpKind::Pointwise, buildAdd, flopsPerElement<1>}},
      {"argmax", {OpKind::Rows, buildArgmax, flopsPerElement<0>}},
      {"avg_pool2d", {OpKind::Window, buildAvgPool2d, flopsOfAvgPool2d}},
      {"avg_pool2d_bwd", {OpKind::Window, buildAvgPool2dBwd, flopsOfAvgPool2dBwd}},
      {"batch_norm_coefficients", {OpKind::Pointwise, buildBatchNormCoefficients, flopsPerElement<9>}},
      {"batch_norm_coefficients_bwd", {OpKind::Pointwise, buildBatchNormCoefficientsBwd, flopsPerElement<16>}},
      {"batch_norm_statistics", {OpKind::Contraction, buildBatchNormStatistics, flopsOfChannelSums}},
      {"batch_norm_statistics_bwd", {OpKind::Pointwise, buildBatchNormStatisticsBwd, flopsPerElement<4>}},
      {"batch_mean", {OpKind::Pointwise, buildBatchMean, flopsPerElement<2>}},
      {"batch_mean_bwd", {OpKind::Pointwise, buildBatchMeanBwd, flopsPerElement<2>}},
      {"bias_bwd", {OpKind::Contraction, buildBiasBwd, flopsOfBiasBwd}},
      {"binary_accuracy", {OpKind::Rows, buildBinaryAccuracy, flopsPerElement<0>}},
      {"channel_affine", {OpKind::Pointwise, buildChannelAffine, flopsPerElement<3>}},
      {"channel_affine_bwd_weights", {OpKind::Contraction, buildChannelAffineBwdWeights, flopsOfChannelSums}},
      {"channel_scale", {OpKind::Pointwise, buildChannelScale, flopsPerElement<1>}},
      {"clip_scale", {OpKind::Pointwise, buildClipScale, flopsPerElement<2>}},
      {"clip_value", {OpKind::Pointwise, buildClipValue, flopsPerElement<0>}},
      {"concatenate", {OpKind::Part, buildConcatenate, flopsPerElement<0>}},
      {"contrastive", {OpKind::Rows, buildElementLoss, flopsPerElement<6>}},
      {"contrastive_bwd", {OpKind::Rows, buildElementLossBwd, flopsPerElement<5>}},
      {"conv2d", {OpKind::Contraction, buildConv2d, flopsOfConv2d}},
      {"conv2d_bwd_data", {OpKind::Contraction, buildConv2dBwdData, flopsOfConv2dBwdData}},
      {"conv2d_bwd_weights", {OpKind::Contraction, buildConv2dBwdWeights, flopsOfConv2dBwdWeights}},
      {"cosine_embedding", {OpKind::Rows, buildElementLoss, flopsPerElement<6>}},
      {"cosine_embedding_bwd", {OpKind::Rows, buildElementLossBwd, flopsPerElement<3>}},
      {"count_steps", {OpKind::Part, buildCountSteps, flopsPerElement<0>}},
      {"dense", {OpKind::Contraction, buildDense, flopsOfDense}},
      {"dense_bwd_data", {OpKind::Contraction, buildDenseBwdData, flopsOfDense}},
      {"dense_bwd_weights", {OpKind::Contraction, buildDenseBwdWeights, flopsOfDenseBwdWeights}},
      {"dense_bwd_weights_whole", {OpKind::Contraction, buildDenseBwdWeightsWhole, flopsOfDenseBwdWeights}},
      {"distance", {OpKind::Rows, buildDistance, flopsOfDistance}},
      {"distance_bwd", {OpKind::Rows, buildDistanceBwd, flopsOfDistance}},
      {"elu", {OpKind::Pointwise, buildActivation, flopsPerElement<16>}},
      {"elu_bwd", {OpKind::Pointwise, buildActivationBwd, flopsPerElement<2>}},
      {"ema_update", {OpKind::Pointwise, buildEmaUpdate, flopsPerElement<3>}},
      {"embedding", {OpKind::Part, buildEmbedding, flopsPerElement<0>}},
      {"embedding_bwd_weights", {OpKind::Contraction, buildEmbeddingBwdWeights, flopsOfEmbeddingBwdWeights}},
      {"gelu", {OpKind::Pointwise, buildActivation, flopsPerElement<40>}},
      {"gelu_bwd", {OpKind::Pointwise, buildActivationBwd, flopsPerElement<44>}},
      {"gru", {OpKind::Contraction, buildRecurrentStep, flopsOfRecurrentStep}},
      {"gru_bwd", {OpKind::Contraction, buildRecurrentStep, flopsOfRecurrentStep}},
      {"hinge", {OpKind::Rows, buildElementLoss, flopsPerElement<3>}},
      {"hinge_bwd", {OpKind::Rows, buildElementLossBwd, flopsPerElement<3>}},
      {"huber", {OpKind::Rows, buildElementLoss, flopsPerElement<3>}},
      {"huber_bwd", {OpKind::Rows, buildElementLossBwd, flopsPerElement<3>}},
      {"kl_divergence", {OpKind::Rows, buildElementLoss, flopsPerElement<3>}},
      {"kl_divergence_bwd", {OpKind::Rows, buildElementLossBwd, flopsPerElement<3>}},
      {"l2_normalize", {OpKind::Rows, buildL2Normalize, flopsPerElement<3>}},
      {"l2_normalize_bwd", {OpKind::Rows, buildL2NormalizeBwd, flopsPerElement<7>}},
      {"last_step", {OpKind::Part, buildLastStep, flopsPerElement<0>}},
      {"last_step_bwd", {OpKind::Part, buildLastStepBwd, flopsPerElement<0>}},
      {"leaky_relu", {OpKind::Pointwise, buildActivation, flopsPerElement<1>}},
      {"leaky_relu_bwd", {OpKind::Pointwise, buildActivationBwd, flopsPerElement<1>}},
      {"loss_seed", {OpKind::Pointwise, buildLossSeed, flopsPerElement<0>}},
      {"lstm", {OpKind::Contraction, buildRecurrentStep, flopsOfRecurrentStep}},
      {"lstm_bwd", {OpKind::Contraction, buildRecurrentStep, flopsOfRecurrentStep}},
      {"max_pool2d", {OpKind::Window, buildMaxPool2d, flopsPerElement<0>}},
      {"max_pool2d_bwd", {OpKind::Window, buildMaxPool2dBwd, flopsPerElement<0>}},
      {"maximum", {OpKind::Pointwise, buildMaximum, flopsPerElement<0>}},
      {"maximum_bwd", {OpKind::Pointwise, buildMaximumBwd, flopsPerElement<0>}},
      {"mean_absolute_error", {OpKind::Rows, buildElementLoss, flopsPerElement<3>}},
      {"mean_absolute_error_bwd", {OpKind::Rows, buildElementLossBwd, flopsPerElement<3>}},
      {"mask_steps", {OpKind::Pointwise, buildMaskSteps, flopsPerElement<0>}},
      {"mean_squared_error", {OpKind::Rows, buildElementLoss, flopsPerElement<3>}},
      {"mean_squared_error_bwd", {OpKind::Rows, buildElementLossBwd, flopsPerElement<3>}},
      {"moving_average", {OpKind::Pointwise, buildMovingAverage, flopsPerElement<3>}},
      {"multiply", {OpKind::Pointwise, buildMultiply, flopsPerElement<1>}},
      {"pad", {OpKind::Part, buildPad, flopsPerElement<0>}},
      {"permute", {OpKind::Permute, buildPermute, flopsPerElement<0>}},
      {"random_dropout", {OpKind::Pointwise, buildRandomDropout, flopsPerElement<1>}},
      {"random_mask", {OpKind::Pointwise, buildRandomMask, flopsPerElement<0>}},
      {"regularize", {OpKind::Pointwise, buildRegularize, flopsPerElement<3>}},
      {"relu", {OpKind::Pointwise, buildActivation, flopsPerElement<0>}},
      {"relu_bwd", {OpKind::Pointwise, buildActivationBwd, flopsPerElement<0>}},
      {"rescale", {OpKind::Pointwise, buildRescale, flopsPerElement<2>}},
      {"rescale_windows", {OpKind::Pointwise, buildRescaleWindows, flopsPerElement<2>}},
      {"reshape", {OpKind::Reshape, buildReshape, flopsPerElement<0>}},
      {"reverse_steps", {OpKind::Part, buildReverseSteps, flopsPerElement<0>}},
      {"rmsprop_update", {OpKind::Pointwise, buildRmspropUpdate, flopsPerElement<10>}},
      {"row_normalize", {OpKind::Rows, buildRowNormalize, flopsPerElement<7>}},
      {"row_normalize_bwd", {OpKind::Rows, buildRowNormalizeBwd, flopsPerElement<14>}},
      {"scale_by", {OpKind::Pointwise, buildScaleBy, flopsPerElement<1>}},
      {"scale_lengths", {OpKind::Pointwise, buildScaleLengths, flopsPerElement<0>}},
      {"scale_steps", {OpKind::Part, buildScaleSteps, flopsPerElement<1>}},
      {"sgd_update", {OpKind::Pointwise, buildSgdUpdate, flopsPerElement<5>}},
      {"sigmoid", {OpKind::Pointwise, buildActivation, flopsPerElement<19>}},
      {"sigmoid_bwd", {OpKind::Pointwise, buildActivationBwd, flopsPerElement<3>}},
      {"sigmoid_cross_entropy", {OpKind::Rows, buildElementLoss, flopsPerElement<6>}},
      {"sigmoid_cross_entropy_bwd", {OpKind::Rows, buildElementLossBwd, flopsPerElement<6>}},
      {"silu", {OpKind::Pointwise, buildActivation, flopsPerElement<20>}},
      {"silu_bwd", {OpKind::Pointwise, buildActivationBwd, flopsPerElement<24>}},
      {"simple_rnn", {OpKind::Contraction, buildRecurrentStep, flopsOfRecurrentStep}},
      {"simple_rnn_bwd", {OpKind::Contraction, buildRecurrentStep, flopsOfRecurrentStep}},
      {"slice", {OpKind::Part, buildSlice, flopsPerElement<0>}},
      {"softmax", {OpKind::Rows, buildSoftmax, flopsPerElement<3>}},
      {"softmax_bwd", {OpKind::Rows, buildSoftmaxBwd, flopsPerElement<4>}},
      {"softmax_cross_entropy", {OpKind::Rows, buildSoftmaxCrossEntropy, flopsPerElement<3>}},
      {"softmax_cross_entropy_bwd", {OpKind::Rows, buildSoftmaxCrossEntropyBwd, flopsPerElement<5>}},
      {"softplus", {OpKind::Pointwise, buildActivation, flopsPerElement<34>}},
      {"softplus_bwd", {OpKind::Pointwise, buildActivationBwd, flopsPerElement<20>}},
      {"sparse_categorical_accuracy",
       {OpKind::Rows, buildSparseCategoricalAccuracy, flopsPerElement<0>}},
      {"sparse_softmax_cross_entropy",
       {OpKind::Rows, buildSparseSoftmaxCrossEntropy, flopsPerElement<2>}},
      {"sparse_softmax_cross_entropy_bwd",
       {OpKind::Rows, buildSparseSoftmaxCrossEntropyBwd, flopsPerElement<4>}},
      {"sparse_top_k_accuracy", {OpKind::Rows, buildSparseTopKAccuracy, flopsPerElement<0>}},
      {"stored_coefficients", {OpKind::Pointwise, buildStoredCoefficients, flopsPerElement<4>}},
      {"sum_lanes", {OpKind::Lanes, buildSumLanes, flopsOfSumLanes}},
      {"sum_of_squares", {OpKind::Elements, buildSumOfSquares, flopsOfSumOfSquares}},
      {"tanh", {OpKind::Pointwise, buildActivation, flopsPerElement<20>}},
      {"tanh_bwd", {OpKind::Pointwise, buildActivationBwd, flopsPerElement<3>}},
      {"total_loss", {OpKind::Pointwise, buildTotalLoss, flopsPerElement<2>}},
      {"triplet_mining", {OpKind::Rows, buildTripletMining, flopsOfTripletMining}},
      {"triplet_mining_bwd", {OpKind::Rows, buildTripletMiningBwd, flopsOfTripletMining}},
      {"upsample", {OpKind::Part, buildUpsample, flopsPerElement<0>}},
      {"weigh_samples", {OpKind::Pointwise, buildWeighSamples, flopsPerElement<1>}},
      {"weigh_samples_bwd", {OpKind::Pointwise, buildWeighSamplesBwd, flopsPerElement<1>}},
  };
  return ops;
}

std::vector<std::string> algorithmNames() {
  std::vector<std::string> names;
  for (const auto &[op, algorithm] : table())
    names.push_back(op);
  return names;
}

const Algorithm &algorithmOf(const std::string &op) {
  auto found = table().find(op);
  if (found == table().end())
    throw std::runtime_error("no algorithm for the op '" + op + "'");
  return found->second;
}

static const std::vector<double> &attribute(const Node &node, const std::string &name,
                                            size_t count) {
  auto found = node.attributes.find(name);
  if (found == node.attributes.end())
    throw std::runtime_error(node.op + ": attribute '" + name + "' is missing");
  if (found->second.size() != count)
    throw std::runtime_error(node.op + ": attribute '" + name + "' has " +
                             std::to_string(found->second.size()) + " numbers; expected " +
                             std::to_string(count));
  return found->second;
}

std::vector<int> integers(const Node &node, const std::string &name, size_t count) {
  std::vector<int> list;
  for (double number : attribute(node, name, count)) {
    if (number != std::floor(number) || std::abs(number) > 1e9)
      throw std::runtime_error(node.op + ": attribute '" + name + "' holds " +
                               std::to_string(number) + "; expected an integer");
    list.push_back(static_cast<int>(number));
  }
  return list;
}

std::vector<int> integers(const Node &node, const std::string &name, const std::vector<int> &byDefault) {
  return node.attributes.count(name) ? integers(node, name, byDefault.size()) : byDefault;
}

double number(const Node &node, const std::string &name) { return attribute(node, name, 1)[0]; }

void expectCounts(const Node &node, size_t leastOperands, size_t mostOperands, size_t results) {
  if (node.operands.size() < leastOperands || node.operands.size() > mostOperands ||
      node.results.size() != results)
    throw std::runtime_error(node.op + ": " + std::to_string(node.operands.size()) +
                             " operands and " + std::to_string(node.results.size()) +
                             " results; expected " + std::to_string(leastOperands) +
                             (mostOperands > leastOperands ? " to " + std::to_string(mostOperands) : "") +
                             " and " + std::to_string(results));
}

void expectSameShape(const Node &node, const Value &operand) {
  if (operand.type.shape != node.results[0].shape)
    throw std::runtime_error(node.op + ": expected operands of the result's shape");
}

}  // namespace nncc::schedule
