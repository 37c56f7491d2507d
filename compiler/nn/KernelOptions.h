//===- KernelOptions.h - what layers with a kernel and a bias share ---------===//
//
// Their options are declared and their weights are made in one place, so that an option that
// all kernels get is added once.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_NN_KERNELOPTIONS_H
#define NNCC_NN_KERNELOPTIONS_H

#include "nn/Registry.h"

namespace nncc::nn {

// WEIGHT_initializer, `initializer` if absent, and WEIGHT_regularizer; `what` names the weight in
// their documentation.
OptionSpec initializerOption(const std::string &weight, const std::string &initializer, const std::string &what);
OptionSpec regularizerOption(const std::string &weight, const std::string &what);

// `own`, and behind them activation, use_bias, and an initializer and a regularizer for each of
// `kernels` ("kernel", "depthwise", ...: what stands before _initializer) and for the bias.
std::vector<OptionSpec> withKernelOptions(std::vector<OptionSpec> own,
                                          llvm::ArrayRef<llvm::StringRef> kernels = {"kernel"});

// Declares and reads the weight `layer.NAME` of a kernel whose options begin with `kernel`. Its
// fans are Keras's: the last two dimensions times the size of the window.
mlir::Value kernelWeight(LayerBuilder &layer, const Options &options, llvm::ArrayRef<int64_t> shape,
                         llvm::StringRef name = "kernel", llvm::StringRef kernel = "kernel");

// Declares and reads `layer.bias`; null where use_bias is false.
mlir::Value biasWeight(LayerBuilder &layer, const Options &options, int64_t channels);

} // namespace nncc::nn

#endif // NNCC_NN_KERNELOPTIONS_H
