//===- Definitions.h - the registry's entries, one function each -----------===//
//
// Defined in the ops/*.cpp of their family, collected in Registry.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_NN_DEFINITIONS_H
#define NNCC_NN_DEFINITIONS_H

#include "nn/Registry.h"

namespace nncc::nn {

LayerSpec conv2dLayer();
LayerSpec maxPool2dLayer();
LayerSpec denseLayer();
LayerSpec flattenLayer();
LayerSpec activationLayer();
LayerSpec addLayer();
LayerSpec batchNormalizationLayer();
LayerSpec dropoutLayer();
LayerSpec layerNormalizationLayer();
LayerSpec normalizationLayer();

ActivationSpec reluActivation();
ActivationSpec softmaxActivation();

CriterionSpec sparseCategoricalCrossentropyLoss();
CriterionSpec accuracyMetric();

OptimizerSpec adamOptimizer();

} // namespace nncc::nn

#endif // NNCC_NN_DEFINITIONS_H
