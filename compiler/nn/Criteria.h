//===- Criteria.h - what the rules of losses and metrics share -------------===//
//
// Helpers of ops/Losses.cpp (softmax and class numbers), ops/Criteria.cpp (float targets) and ops/Metric.cpp
// (distances and embeddings).
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_NN_CRITERIA_H
#define NNCC_NN_CRITERIA_H

#include "nn/Registry.h"

namespace nncc::nn {

// scores [N,classes] and labels [N] give one number a sample.
mlir::LogicalResult inferPerSample(std::optional<mlir::Location> loc, mlir::Value scores,
                                   mlir::Value labels, llvm::SmallVectorImpl<mlir::Type> &types);

// The gradient of a loss of so many samples: a scalar, the same for each, or one number for each.
mlir::LogicalResult checkDiffLoss(std::optional<mlir::Location> loc, mlir::Value diffLoss, int64_t samples);

// The attributes of classification losses; both may be absent.
mlir::LogicalResult checkClassification(std::optional<mlir::Location> loc,
                                        mlir::FloatAttr labelSmoothing,
                                        mlir::DenseF64ArrayAttr classWeights, int64_t classes);

// Options of classification losses, and the attributes that they become: null where they
// change nothing.
OptionSpec fromLogitsOption(const char *activation);
OptionSpec labelSmoothingOption();
mlir::FloatAttr smoothingOf(LayerBuilder &loss, const Options &options);
// Classes without a weight have 1. Fails with an error where there are more weights than classes.
mlir::FailureOr<mlir::DenseF64ArrayAttr> classWeightsOf(LayerBuilder &loss,
                                                        llvm::ArrayRef<double> weights,
                                                        int64_t classes);
// False with an error unless the output is activated where the loss wants probabilities, and
// not where it wants logits.
bool checkLogits(LayerBuilder &loss, const Options &options, llvm::StringRef activation,
                 bool activated);

// Losses whose mean over a batch is that of the samples of which `present` is 1, for `losses` of all samples.
mlir::Value overPresent(LayerBuilder &loss, mlir::Value losses, mlir::Value present);

// The argument of that role, tensor<i32>, of the entry function that is built; made where there is none.
mlir::Value entryScalar(LayerBuilder &loss, llvm::StringRef role);

} // namespace nncc::nn

#endif // NNCC_NN_CRITERIA_H
