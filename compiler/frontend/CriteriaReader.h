//===- CriteriaReader.h - losses, their weights, metrics -------------------===//
#ifndef NNCC_FRONTEND_CRITERIAREADER_H
#define NNCC_FRONTEND_CRITERIAREADER_H

#include "frontend/Model.h"
#include "frontend/OptionReader.h"

namespace nncc::frontend {

// Keys of the section `train` that are read here.
inline constexpr llvm::StringRef criteriaKeys[] = {"loss", "loss_weights", "class_weight", "metrics",
                                                   "missing_targets"};

// Read what the section `train` says of how outputs are judged into `model`, whose layers and
// outputs are there; losses and their weights first. A missing loss is an error.
void readLosses(const Node &train, Model &model, Diagnostics &diagnostics, OptionReader &reader);
void readMetrics(const Node &train, Model &model, Diagnostics &diagnostics, OptionReader &reader);

// What a training logs of an epoch: losses and metrics, and the same of the validation.
std::vector<std::string> loggedNames(const Model &model);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_CRITERIAREADER_H
