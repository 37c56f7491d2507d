//===- Augmentation.h - what `augment` can say -----------------------------===//
#ifndef NNCC_FRONTEND_AUGMENTATION_H
#define NNCC_FRONTEND_AUGMENTATION_H

#include "frontend/Model.h"

namespace nncc::frontend {

// The operations of the runtime (runtime/data/Augmentation.h), in the order in which they are
// applied; all of them are off by default.
llvm::ArrayRef<nn::OptionSpec> augmentOptions();

// What is wrong with the input that these options are to vary, and a hint; "" if it fits.
std::string augmentComplaint(const nn::Options &options, const Input &input);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_AUGMENTATION_H
