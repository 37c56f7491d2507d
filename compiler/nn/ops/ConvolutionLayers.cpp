//===- ConvolutionLayers.cpp - the convolutions that users write -------------===//
//
// All of them become the ops of Convolution.cpp: a depthwise convolution has a group for each
// channel, a transposed one is the input gradient, one over a sequence is one over images that
// are one column wide.
//
//===----------------------------------------------------------------------===//
#include "nn/Definitions.h"
#include "nn/KernelOptions.h"
#include "nn/Shapes.h"
#include "nn/ops/Sequence.h"

using namespace mlir;

namespace nncc::nn {

namespace {

// How a kernel moves over an image: always two numbers, of which a sequence's second are 1 (pads
// of 0).
struct Window {
  SmallVector<int64_t> size, kernel, strides, dilations, pads;
};

// "3x5", or "3" where there is one dimension.
std::string text(ArrayRef<int64_t> numbers) {
  std::string result;
  for (int64_t number : numbers) {
    if (!result.empty()) result += "x";
    result += std::to_string(number);
  }
  return result;
}

// The numbers of an option that has one for each of `dims` dimensions.
SmallVector<int64_t> numbersOf(const Options &options, StringRef name, int64_t dims) {
  if (dims == 1) return {options.integer(name)};
  return SmallVector<int64_t>(ArrayRef<int64_t>(options.integers(name)));
}

class Layer {
public:
  Layer(LayerBuilder &builder, const Options &options, StringRef kind, int64_t dims)
      : builder(builder), options(options), kind(kind), dims(dims) {}

  // Checks the input's rank and sees a sequence as an image of one column, with zeros behind its end where windows
  // of steps that count see them (`seesBehind`). Null after an error.
  Value image(Value src, bool seesBehind = true) {
    if (tensorType(src).getRank() != dims + 2) {
      builder.error(builder.loc) << kind << " expects an input "
                                 << (dims == 1 ? "[steps, channels]" : "[height, width, channels]")
                                 << ", found " << sampleShape(src.getType());
      return {};
    }
    if (dims == 1 && seesBehind) src = maskSteps(builder, src, 0);
    return widened(src, 2);
  }

  // The layer's result from that of its op.
  Value finish(Value dst) {
    dst = builder.activate(options.text("activation"), dst);
    if (dims == 2) return dst;
    auto shape = shapeOf(dst);
    return builder.create<ReshapeOp>(tensorType(dst).clone({shape[0], shape[1], shape[3]}), dst);
  }

  // A kernel as the ops want it: [kh, kw, ...].
  Value kernelImage(Value weights) { return widened(weights, 1); }

  SmallVector<int64_t> numbers(StringRef name) { return numbersOf(options, name, dims); }

  // Keras's convolutions have no strides together with a dilation.
  bool checkDilation(ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations) {
    auto aboveOne = [](int64_t value) { return value > 1; };
    if (llvm::none_of(strides, aboveOne) || llvm::none_of(dilations, aboveOne)) return true;
    builder.error(options.location("dilation_rate"))
        << "dilation_rate " << text(dilations) << " stands beside strides " << text(strides)
        << "; expected one of the two to be 1";
    return false;
  }

  // The kernel over an image of `src`'s size. None after an error.
  std::optional<Window> window(Value src, Type input) {
    SmallVector<int64_t> size(shapeOf(src).slice(1, dims)), extents;
    Window window{size, numbers("kernel_size"), numbers("strides"), numbers("dilation_rate"), {}};
    if (!checkDilation(window.strides, window.dilations)) return {};
    for (auto [kernel, dilation] : llvm::zip_equal(window.kernel, window.dilations))
      extents.push_back(dilated(kernel, dilation));
    bool stretched = extents != window.kernel;
    if (options.text("padding") == "valid" &&
        llvm::any_of(llvm::zip_equal(size, extents), [](auto pair) { return std::get<0>(pair) < std::get<1>(pair); })) {
      builder.error(options.location("kernel_size"))
          << "a kernel of " << text(window.kernel)
          << (stretched ? " that dilation_rate stretches to " + text(extents) : std::string())
          << " does not fit into the input " << sampleShape(input)
          << "; make it smaller or use padding: same";
      return {};
    }
    for (auto *list : {&window.size, &window.kernel, &window.strides, &window.dilations, &extents})
      list->resize(2, 1);
    window.pads = explicitPads(options.text("padding"), window.size, extents, window.strides);
    // What a step sees lies before it: all zeros stand at the beginning.
    if (options.text("padding") == "causal") window.pads[0] = extents[0] - 1;
    return window;
  }

  Value convolution(Value src, Value weights, Value bias, const Window &window, int64_t groups) {
    return builder.create<Conv2DOp>(src, weights, bias, window.strides, window.pads,
                                    window.dilations, groups);
  }

private:
  // `value` with a dimension of 1 at `index` where the layer has one dimension.
  Value widened(Value value, unsigned index) {
    if (dims == 2) return value;
    SmallVector<int64_t> shape(shapeOf(value));
    shape.insert(shape.begin() + index, 1);
    return builder.create<ReshapeOp>(tensorType(value).clone(shape), value);
  }

public:
  LayerBuilder &builder;
  const Options &options;
  std::string kind;
  int64_t dims;
};

} // namespace

static Value buildConvolution(Layer layer, ValueRange inputs) {
  const Options &options = layer.options;
  // A causal window ends with its own step: of those that count none sees what is behind the end.
  bool causal = options.text("padding") == "causal";
  Value src = layer.image(inputs[0], /*seesBehind=*/!causal);
  if (!src) return {};
  int64_t channels = shapeOf(src)[3], filters = options.integer("filters"), groups = options.integer("groups");
  if (channels % groups || filters % groups) {
    layer.builder.error(options.location("groups"))
        << groups << " groups do not divide both the " << channels << " channels of the input and the "
        << filters << " filters; expected a common divisor of the two";
    return {};
  }
  auto window = layer.window(src, inputs[0].getType());
  if (!window) return {};
  bool valid = options.text("padding") == "valid";
  if (layer.dims == 1)
    countWindows(layer.builder, valid ? dilated(window->kernel[0], window->dilations[0]) : 1, window->strides[0]);
  SmallVector<int64_t> shape = layer.numbers("kernel_size");
  llvm::append_values(shape, channels / groups, filters);
  Value weights = layer.kernelImage(kernelWeight(layer.builder, options, shape));
  Value bias = biasWeight(layer.builder, options, filters);
  return layer.finish(layer.convolution(src, weights, bias, *window, groups));
}

// A kernel [kh,kw,channels,multiplier] seen as the weights [kh,kw,1,channels x multiplier] of a
// convolution with a group for each channel.
static Value depthwiseWeights(LayerBuilder &builder, Value kernel) {
  auto shape = shapeOf(kernel);
  return builder.create<ReshapeOp>(
      tensorType(kernel).clone({shape[0], shape[1], 1, shape[2] * shape[3]}), kernel);
}

static Value buildDepthwise(LayerBuilder &builder, const Options &options, ValueRange inputs) {
  Layer layer(builder, options, "depthwise_conv2d", 2);
  Value src = layer.image(inputs[0]);
  if (!src) return {};
  auto window = layer.window(src, inputs[0].getType());
  if (!window) return {};
  int64_t channels = shapeOf(src)[3], multiplier = options.integer("depth_multiplier");
  Value weights = kernelWeight(builder, options, {window->kernel[0], window->kernel[1], channels, multiplier},
                               "kernel", "depthwise");
  Value bias = biasWeight(builder, options, channels * multiplier);
  return layer.finish(layer.convolution(src, depthwiseWeights(builder, weights), bias, *window, channels));
}

static Value buildSeparable(LayerBuilder &builder, const Options &options, ValueRange inputs) {
  Layer layer(builder, options, "separable_conv2d", 2);
  Value src = layer.image(inputs[0]);
  if (!src) return {};
  auto window = layer.window(src, inputs[0].getType());
  if (!window) return {};
  int64_t channels = shapeOf(src)[3], multiplier = options.integer("depth_multiplier"),
          filters = options.integer("filters");
  Value depthwise = kernelWeight(builder, options, {window->kernel[0], window->kernel[1], channels, multiplier},
                                 "depthwise_kernel", "depthwise");
  Value pointwise = kernelWeight(builder, options, {1, 1, channels * multiplier, filters},
                                 "pointwise_kernel", "pointwise");
  Value bias = biasWeight(builder, options, filters);
  Value middle = layer.convolution(src, depthwiseWeights(builder, depthwise), {}, *window, channels);
  Window point{{}, {1, 1}, {1, 1}, {1, 1}, {0, 0, 0, 0}};
  return layer.finish(layer.convolution(middle, pointwise, bias, point, 1));
}

static Value buildTransposed(Layer layer, ValueRange inputs) {
  const Options &options = layer.options;
  LayerBuilder &builder = layer.builder;
  Value src = layer.image(inputs[0]);
  if (!src) return {};
  int64_t channels = shapeOf(src)[3], filters = options.integer("filters");
  SmallVector<int64_t> shape = layer.numbers("kernel_size");
  SmallVector<int64_t> kernel(shape), strides = layer.numbers("strides"), size;
  kernel.resize(2, 1);
  strides.resize(2, 1);
  // The size whose convolution has the input's: Keras's, the largest such but where a kernel is
  // smaller than its stride.
  for (int i : {0, 1}) {
    int64_t beyond = options.text("padding") == "valid" ? std::max<int64_t>(kernel[i] - strides[i], 0) : 0;
    size.push_back(shapeOf(src)[i + 1] * strides[i] + beyond);
    if (i == 0 && layer.dims == 1) scaleLengths(builder, strides[0], beyond, 1);
  }
  auto pads = explicitPads(options.text("padding"), size, kernel, strides);
  llvm::append_values(shape, filters, channels);
  Value weights = layer.kernelImage(kernelWeight(builder, options, shape));
  Value bias = biasWeight(builder, options, filters);
  Value exchanged = builder.create<PermuteOp>(weights, builder.builder.getDenseI64ArrayAttr({0, 1, 3, 2}));
  return layer.finish(builder.create<Conv2DBwdDataOp>(src, exchanged, bias, size, strides, pads,
                                                      ArrayRef<int64_t>{1, 1}, 1));
}

static OptionSpec filtersOption() {
  return {"filters", OptionKind::Integer, std::nullopt, "number of output channels", 1, {}, 1, 65536};
}

// A number a dimension: one for each of [height, width], or the one of a sequence.
static OptionSpec sizeOption(StringRef name, std::optional<std::string> byDefault, StringRef doc, int dims) {
  return {name.str(), dims == 1 ? OptionKind::Integer : OptionKind::Integers, std::move(byDefault),
          doc.str(), dims, {}, 1, 4096};
}

static std::vector<OptionSpec> windowOptions(int dims, bool dilation, bool causal) {
  std::vector<OptionSpec> options = {
      sizeOption("kernel_size", std::nullopt, dims == 1 ? "length of the kernel" : "height and width of the kernel", dims),
      sizeOption("strides", "1", dims == 1 ? "steps from one result to the next" : "steps down and to the right", dims),
      {"padding", OptionKind::Choice, "valid", "valid: none; same: as many outputs as inputs at stride 1",
       1, {"valid", "same"}}};
  if (causal) {
    options.back().choices.push_back("causal");
    options.back().doc += "; causal: as same, and no output sees later inputs";
  }
  if (dilation)
    options.push_back(sizeOption("dilation_rate", "1", "steps from one weight to the next; above 1 only with strides of 1", dims));
  return options;
}

static LayerSpec convolutionLayer(StringRef name, StringRef doc, int dims) {
  std::vector<OptionSpec> options = {filtersOption()};
  llvm::append_range(options, windowOptions(dims, true, dims == 1));
  options.push_back({"groups", OptionKind::Integer, "1",
                     "parts of the channels that are convolved each by itself", 1, {}, 1, 65536});
  return {name.str(), doc.str(), withKernelOptions(std::move(options)), 1, 1,
          [name, dims](LayerBuilder &builder, const Options &options, ValueRange inputs) {
            return buildConvolution(Layer(builder, options, name, dims), inputs);
          }};
}

static LayerSpec transposedLayer(StringRef name, StringRef doc, int dims) {
  std::vector<OptionSpec> options = {filtersOption()};
  llvm::append_range(options, windowOptions(dims, false, false));
  options.back().doc = "valid: all that a kernel reaches; same: strides times as many outputs as inputs";
  return {name.str(), doc.str(), withKernelOptions(std::move(options)), 1, 1,
          [name, dims](LayerBuilder &builder, const Options &options, ValueRange inputs) {
            return buildTransposed(Layer(builder, options, name, dims), inputs);
          }};
}

static OptionSpec multiplierOption() {
  return {"depth_multiplier", OptionKind::Integer, "1", "results of each input channel", 1, {}, 1, 65536};
}

LayerSpec conv1dLayer() {
  return convolutionLayer("conv1d", "1D convolution over [steps, channels].", 1);
}

LayerSpec conv2dLayer() {
  return convolutionLayer("conv2d", "2D convolution over [height, width, channels].", 2);
}

LayerSpec conv1dTransposeLayer() {
  return transposedLayer("conv1d_transpose", "Transposed 1D convolution over [steps, channels]: what a conv1d does to gradients.", 1);
}

LayerSpec conv2dTransposeLayer() {
  return transposedLayer("conv2d_transpose", "Transposed 2D convolution over [height, width, channels]: what a conv2d does to gradients.", 2);
}

LayerSpec depthwiseConv2dLayer() {
  std::vector<OptionSpec> options = windowOptions(2, true, false);
  options.push_back(multiplierOption());
  return {"depthwise_conv2d", "2D convolution of each channel of [height, width, channels] by itself.",
          withKernelOptions(std::move(options), {"depthwise"}), 1, 1, buildDepthwise};
}

LayerSpec separableConv2dLayer() {
  std::vector<OptionSpec> options = {filtersOption()};
  llvm::append_range(options, windowOptions(2, true, false));
  options.push_back(multiplierOption());
  return {"separable_conv2d", "A depthwise 2D convolution and one of 1x1 behind it.",
          withKernelOptions(std::move(options), {"depthwise", "pointwise"}), 1, 1, buildSeparable};
}

} // namespace nncc::nn
