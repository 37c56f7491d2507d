//===- Folding.h - steps as samples, and back ------------------------------===//
//
// What a layer does to each step alone it does to steps that are folded into the samples: views, which
// cost nothing. See nn.reshape.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_NN_FOLDING_H
#define NNCC_NN_FOLDING_H

#include "nn/Registry.h"
#include "nn/Shapes.h"

namespace nncc::nn {

// [N, steps..., kept dimensions] as [N*steps, kept dimensions]; src itself where there are no steps. A rescaled
// input is folded before it is rescaled: who reads it then still rescales it where it is read.
mlir::Value foldSteps(LayerBuilder &layer, mlir::Value src, int64_t kept);

// [N*steps, ...] as [N, steps..., ...] with the samples and steps of `like`, of which all but the last `kept`
// dimensions had been folded.
mlir::Value unfoldSteps(LayerBuilder &layer, mlir::Value folded, mlir::Value like, int64_t kept);

// LayerSpec::keepsSteps of layers whose result always has the steps of their first input.
inline bool keepsSteps(const Options &) { return true; }

} // namespace nncc::nn

#endif // NNCC_NN_FOLDING_H
