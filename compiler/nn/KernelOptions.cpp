//===- KernelOptions.cpp - what layers with a kernel and a bias share -------===//
#include "nn/KernelOptions.h"

using namespace mlir;

namespace nncc::nn {

OptionSpec initializerOption(const std::string &weight, const std::string &initializer, const std::string &what) {
  return {weight + "_initializer", OptionKind::Initializer, initializer, "of " + what};
}

OptionSpec regularizerOption(const std::string &weight, const std::string &what) {
  OptionSpec spec{weight + "_regularizer", OptionKind::Options, "", "penalty on " + what};
  spec.inside = {{"l1", OptionKind::Number, "0", "adds this times the sum of |w| to the loss", 1, {}, 0},
                 {"l2", OptionKind::Number, "0", "adds this times the sum of w^2 to the loss", 1, {}, 0}};
  return spec;
}

std::vector<OptionSpec> withKernelOptions(std::vector<OptionSpec> own, ArrayRef<StringRef> kernels) {
  auto nameOf = [](StringRef kernel) {
    return kernel == "kernel" ? std::string("the kernel") : "the " + kernel.str() + " kernel";
  };
  own.push_back({"activation", OptionKind::Activation, "", "applied to the result"});
  own.push_back({"use_bias", OptionKind::Boolean, "true", "adds a bias to each output"});
  for (StringRef kernel : kernels)
    own.push_back(initializerOption(kernel.str(), "glorot_uniform", nameOf(kernel)));
  own.push_back(initializerOption("bias", "zeros", "the bias"));
  for (StringRef kernel : kernels) own.push_back(regularizerOption(kernel.str(), nameOf(kernel)));
  own.push_back(regularizerOption("bias", "the bias"));
  return own;
}

Value kernelWeight(LayerBuilder &layer, const Options &options, ArrayRef<int64_t> shape,
                   StringRef name, StringRef kernel) {
  int64_t window = 1;
  for (int64_t size : shape.drop_back(2)) window *= size;
  auto channels = shape.take_back(2);
  return layer.weight(name, shape, options.component((kernel + "_initializer").str()),
                      window * channels[0], window * channels[1],
                      options.optionalComponent((kernel + "_regularizer").str()));
}

Value biasWeight(LayerBuilder &layer, const Options &options, int64_t channels) {
  if (!options.boolean("use_bias")) return {};
  return layer.weight("bias", {channels}, options.component("bias_initializer"), channels, channels,
                      options.optionalComponent("bias_regularizer"));
}

} // namespace nncc::nn
