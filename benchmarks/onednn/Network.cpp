#include "Network.h"

namespace onednn {

using tag = memory::format_tag;

namespace {

// Makes the layers of a chain; knows the size of the image between them.
class Chain {
 public:
  explicit Chain(const Model &model)
      : model(model), channels(model.channels), height(model.height), width(model.width) {}

  std::vector<std::unique_ptr<Layer>> make() {
    for (index = 0; index < model.layers.size(); ++index)
      add(model.layers[index]);
    return std::move(layers);
  }

 private:
  void add(const LayerEntry &entry) {
    if (flat && entry.kind != "dense" && entry.kind != "flatten")
      refuse(entry, "it behind a flatten");
    if (entry.kind == "flatten")
      flat = true;
    else if (entry.kind == "conv2d" || entry.kind == "depthwise_conv2d")
      addConvolution(entry);
    else if (entry.kind == "dense")
      addDense(entry);
    else if (entry.kind == "max_pool2d" || entry.kind == "avg_pool2d")
      addPool(entry, readWindow(entry, entry.options["pool_size"]));
    else if (entry.kind == "global_max_pool2d" || entry.kind == "global_avg_pool2d")
      addGlobalPool(entry);
    else if (entry.kind == "batch_normalization")
      addNormalization(entry);
    else
      refuse(entry, "this kind of layer");
  }

  [[noreturn]] void refuse(const LayerEntry &entry, const std::string &what) const {
    throw Unsupported("layer '" + entry.name + "' (" + entry.kind +
                      "): the oneDNN loop does not know " + what);
  }

  bool isLast() const { return index + 1 == model.layers.size(); }

  // What pool, dense and convolution do with their last result's activation: the loss has the
  // network's last one in itself.
  std::optional<Activation> activation(const LayerEntry &entry) const {
    if (isLast())
      return std::nullopt;
    return Activation::named(entry.activation);
  }

  WeightedOptions weighted(const LayerEntry &entry) const {
    WeightedOptions options{entry.name, entry.trainable, activation(entry)};
    options.undoneAbove = !isLast() && undoesRelu(model.layers[index + 1], entry);
    return options;
  }

  // Whether `above`, behind `entry`, undoes the latter's relu.
  static bool undoesRelu(const LayerEntry &above, const LayerEntry &entry) {
    bool weighted = entry.kind == "conv2d" || entry.kind == "depthwise_conv2d";
    return weighted && entry.activation == "relu" && above.kind.ends_with("max_pool2d");
  }

  Window readWindow(const LayerEntry &entry, const nlohmann::json &kernel) const {
    Window window;
    window.kernel = kernel.get<memory::dims>();
    const nlohmann::json &strides = entry.options["strides"];
    window.strides = strides.is_null() ? window.kernel : strides.get<memory::dims>();
    if (entry.options.contains("dilation_rate"))
      window.dilation = entry.options["dilation_rate"].get<memory::dims>();
    else
      window.dilation = {1, 1};
    for (memory::dim &dilation : window.dilation)
      --dilation;
    if (entry.options["padding"] == "same")
      window.padSame(height, width);
    else if (entry.options["padding"] != "valid")
      refuse(entry, "the padding " + entry.options["padding"].dump());
    return window;
  }

  void addConvolution(const LayerEntry &entry) {
    const nlohmann::json &options = entry.options;
    bool depthwise = entry.kind == "depthwise_conv2d";
    Convolution operation{model.batch, height, width, channels, channels};
    operation.groups = depthwise ? channels : options["groups"].get<memory::dim>();
    operation.out = depthwise ? channels * options["depth_multiplier"].get<memory::dim>()
                              : options["filters"].get<memory::dim>();
    operation.window = readWindow(entry, options["kernel_size"]);
    operation.bias = options["use_bias"];
    memory::dims size = operation.result();
    channels = size[1];
    height = size[2];
    width = size[3];
    layers.push_back(makeWeighted(operation, weighted(entry)));
  }

  void addDense(const LayerEntry &entry) {
    if (!flat && (height > 1 || width > 1))
      refuse(entry, "it on an image");
    Dense operation{model.batch, channels, entry.options["units"], image, height, width};
    operation.bias = entry.options["use_bias"];
    operation.plainResult = isLast();
    layers.push_back(makeWeighted(operation, weighted(entry)));
    channels = operation.out;
    height = width = 1;
    flat = true;
    image = false;
  }

  void addPool(const LayerEntry &entry, const Window &window) {
    if (entry.activation != "linear")
      refuse(entry, "it with an activation");
    Pool operation{entry.kind.find("max") != std::string::npos, window};
    memory::dims size = window.results(height, width);
    height = size[0];
    width = size[1];
    bool undoes = index > 0 && undoesRelu(entry, model.layers[index - 1]);
    layers.push_back(makePool(operation, {model.batch, channels, height, width},
                              undoes ? Activation::named("relu") : std::nullopt));
  }

  void addGlobalPool(const LayerEntry &entry) {
    Window window;
    window.kernel = window.strides = {height, width};
    addPool(entry, window);
    flat = true;
  }

  void addNormalization(const LayerEntry &entry) {
    const nlohmann::json &options = entry.options;
    if (!options["center"] || !options["scale"] || !entry.trainable)
      refuse(entry, "it frozen, or without a center or scale");
    if (entry.activation != "linear" && entry.activation != "relu")
      refuse(entry, "it before the activation " + entry.activation);
    layers.push_back(makeNormalization({options["epsilon"], entry.activation == "relu"}, channels,
                                       {entry.name, entry.trainable, options["momentum"]}));
  }

  const Model &model;
  memory::dim channels, height, width;
  bool flat = false;   // as Keras sees it
  bool image = true;   // as oneDNN has it
  size_t index = 0;
  std::vector<std::unique_ptr<Layer>> layers;
};

}  // namespace

Network::Network(const Model &model, const std::string &weights)
    : model(model), layers(Chain(model).make()), loss(lossOf(model)) {
  if (model.layers.back().kind != "dense")
    throw Unsupported("the oneDNN loop knows models that end in a dense layer");
  joinForward();
  joinBackward();
  plan.parameters.load(weights);
  plan.arena.allocate();
  optimizer = makeOptimizer(model.optimizer, plan.parameters.count());
  run(plan.refresh);
}

// The images are written in rows, in that order of dimensions which the first layer reads.
void Network::joinForward() {
  memory::dims size{model.batch, model.channels, model.height, model.width};
  memory::desc planar = plain(size, tag::nchw);
  inputIsPlanar = layers.front()->wantedSource() == planar;
  input = plan.arena.keep(inputIsPlanar ? planar : plain(size, tag::nhwc));
  memory value = input;
  for (auto &layer : layers)
    value = layer->forward(plan, value);
  logits = value;
}

void Network::joinBackward() {
  logitsGradient = plan.arena.keep(logits.get_desc());
  size_t lowest = 0;
  while (lowest < layers.size() && !layers[lowest]->trainable())
    ++lowest;
  memory gradient = logitsGradient;
  for (size_t i = layers.size(); i-- > lowest;)
    gradient = layers[i]->backward(plan, gradient, i > lowest);
}

// GCC makes shuffles of the strides that it knows.
template <int64_t channels>
static void rescalePlanar(const uint8_t *from, float *to, int64_t pixels, float scale,
                          float offset) {
  for (int64_t c = 0; c < channels; ++c)
#pragma omp simd
    for (int64_t i = 0; i < pixels; ++i)
      to[c * pixels + i] = static_cast<float>(from[i * channels + c]) * scale + offset;
}

static void rescalePlanar(const uint8_t *from, float *to, int64_t pixels, int64_t channels,
                          float scale, float offset) {
  if (channels == 3)
    return rescalePlanar<3>(from, to, pixels, scale, offset);
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t i = 0; i < pixels; ++i)
      to[c * pixels + i] = static_cast<float>(from[i * channels + c]) * scale + offset;
}

void Network::rescale(const uint8_t *images) const {
  auto *to = static_cast<float *>(input.get_data_handle());
  const int64_t pixels = model.height * model.width, values = pixels * model.channels;
  const bool planar = inputIsPlanar && model.channels > 1;
#pragma omp parallel for schedule(static)
  for (int64_t n = 0; n < model.batch; ++n) {
    if (planar)
      rescalePlanar(images + n * values, to + n * values, pixels, model.channels, model.scale,
                    model.offset);
    else
      rescalePlanar<1>(images + n * values, to + n * values, values, model.scale, model.offset);
  }
}

Score Network::score(const int32_t *labels, bool withGradient) const {
  auto *gradient = static_cast<float *>(logitsGradient.get_data_handle());
  return loss(static_cast<const float *>(logits.get_data_handle()), labels, model.batch,
              model.outputs, withGradient ? gradient : nullptr);
}

Score Network::train(const uint8_t *images, const int32_t *labels) {
  rescale(images);
  run(plan.forward);
  Score result = score(labels, true);
  run(plan.backward);
  optimizer->update(plan.parameters.values(), plan.parameters.gradients());
  run(plan.refresh);
  return result;
}

Score Network::evaluate(const uint8_t *images, const int32_t *labels) {
  rescale(images);
  run(plan.evaluate);
  return score(labels, false);
}

}  // namespace onednn
