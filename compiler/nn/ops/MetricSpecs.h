//===- MetricSpecs.h - what users name of distances and their losses -------===//
#ifndef NNCC_NN_OPS_METRICSPECS_H
#define NNCC_NN_OPS_METRICSPECS_H

#include "nn/Registry.h"

namespace nncc::nn {

std::vector<LayerSpec> metricLayers();
std::vector<CriterionSpec> metricLosses();
std::vector<CriterionSpec> distanceMetrics();

} // namespace nncc::nn

#endif // NNCC_NN_OPS_METRICSPECS_H
