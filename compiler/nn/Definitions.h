//===- Definitions.h - the registry's entries, from their families ---------===//
//
// Defined in the ops/*.cpp of their family, collected in Registry.cpp; a list where the family
// has one rule for several.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_NN_DEFINITIONS_H
#define NNCC_NN_DEFINITIONS_H

#include "nn/Registry.h"

namespace nncc::nn {

LayerSpec conv1dLayer();
LayerSpec conv1dTransposeLayer();
LayerSpec conv2dLayer();
LayerSpec conv2dTransposeLayer();
LayerSpec depthwiseConv2dLayer();
LayerSpec separableConv2dLayer();
LayerSpec denseLayer();
LayerSpec flattenLayer();
LayerSpec activationLayer();
LayerSpec batchNormalizationLayer();
LayerSpec dropoutLayer();
LayerSpec layerNormalizationLayer();
LayerSpec normalizationLayer();
LayerSpec eluLayer();
LayerSpec embeddingLayer();
LayerSpec leakyReluLayer();
std::vector<LayerSpec> layoutLayers();
std::vector<LayerSpec> mergeLayers();
std::vector<LayerSpec> poolingLayers();
std::vector<LayerSpec> sequenceLayers();

std::vector<ActivationSpec> pointwiseActivations();
ActivationSpec softmaxActivation();

CriterionSpec binaryCrossentropyLoss();
CriterionSpec categoricalCrossentropyLoss();
CriterionSpec hingeLoss();
CriterionSpec huberLoss();
CriterionSpec klDivergenceLoss();
CriterionSpec meanAbsoluteErrorLoss();
CriterionSpec meanSquaredErrorLoss();
CriterionSpec sparseCategoricalCrossentropyLoss();

CriterionSpec accuracyMetric();
CriterionSpec binaryAccuracyMetric();
CriterionSpec meanAbsoluteErrorMetric();
CriterionSpec meanSquaredErrorMetric();
CriterionSpec topKAccuracyMetric();
std::vector<CriterionSpec> overallMetrics();

OptimizerSpec adagradOptimizer();
OptimizerSpec adamOptimizer();
OptimizerSpec adamwOptimizer();
OptimizerSpec rmspropOptimizer();
OptimizerSpec sgdOptimizer();

} // namespace nncc::nn

#endif // NNCC_NN_DEFINITIONS_H
