#include "train/ForeignTensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <tuple>
#include <utility>

#include "error.h"
#include "train/Block.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

template <typename T>
std::vector<double> readAs(const SafetensorsFile &file, const StoredTensor &tensor,
                           double (*convert)(T)) {
  std::vector<T> raw(static_cast<size_t>(tensor.end - tensor.begin) / sizeof(T));
  file.read(tensor, raw.data());
  std::vector<double> numbers(raw.size());
  std::transform(raw.begin(), raw.end(), numbers.begin(), convert);
  return numbers;
}

double fromHalf(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double sign = bits >> 15 ? -1.0 : 1.0;
  if (exponent == 31) return fraction ? NAN : sign * INFINITY;
  return sign * (exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24));
}

double fromBrainFloat(uint16_t bits) {
  uint32_t wide = uint32_t{bits} << 16;
  float number;
  std::memcpy(&number, &wide, sizeof number);
  return number;
}

const NnccLayer *findLayer(const NnccProgram &program, std::string_view name) {
  for (int i = 0; i < program.num_layers; ++i)
    if (program.layers[i].name == name) return &program.layers[i];
  return nullptr;
}

std::span<const int64_t> shapeOf(const NnccLayer &layer) {
  return {layer.shape, static_cast<size_t>(layer.rank)};
}

int64_t product(std::span<const int64_t> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
}

// Of an input of the model; empty where none is called so.
std::span<const int64_t> inputShape(const NnccProgram &program, std::string_view name) {
  const NnccEntry *entry = findEntry(program, NNCC_PREDICT);
  for (int i = 0; entry && i < entry->num_inputs; ++i)
    if (entry->inputs[i].name == name)
      return {entry->inputs[i].shape, static_cast<size_t>(entry->inputs[i].rank)};
  return {};
}

// The gates of a recurrent layer and its units; 0 where it is another one.
std::pair<int64_t, int64_t> recurrenceOf(const NnccProgram &program, std::string_view layer) {
  std::string name = std::string(layer) + ".recurrent_kernel";
  for (const NnccParameter &p : parameters(program))
    if (p.tensor.name == name) return {p.tensor.shape[1] / p.tensor.shape[0], p.tensor.shape[0]};
  return {};
}

bool hasKernel(const NnccProgram &program, const NnccLayer &layer) {
  std::string name = std::string(layer.name) + ".kernel";
  return std::ranges::any_of(parameters(program),
                             [&](const NnccParameter &p) { return p.tensor.name == name; });
}

// The map [H, W, C] that was flattened into the vector which the layer reads; empty where it
// reads no vector or one that was no map. Layers between them that only change values one by
// one keep the order.
std::span<const int64_t> flattenedMap(const NnccProgram &program, std::string_view layerName) {
  const NnccLayer *layer = findLayer(program, layerName);
  for (int64_t size = -1; layer && layer->inputs;) {
    const NnccLayer *source = findLayer(program, layer->inputs);  // null for several inputs
    if (!source) return inputShape(program, layer->inputs);
    int64_t elements = product(shapeOf(*source));
    if (size >= 0 && elements != size) return {};
    size = elements;
    if (source->rank >= 2) return shapeOf(*source);
    if (hasKernel(program, *source)) return {};
    layer = source;
  }
  return {};
}

// The sizes of `map` with its channels first, as PyTorch flattens it, and how our order (channels
// last) steps through it.
struct Flattened {
  std::vector<int64_t> sizes, strides;
};

Flattened channelsFirst(std::span<const int64_t> map, int64_t step) {
  Flattened result;
  result.sizes.assign(map.begin(), map.end());
  result.strides.resize(map.size());
  int64_t stride = step;
  for (size_t i = map.size() - 1; i-- > 0;) {
    result.strides[i] = stride;
    stride *= map[i];
  }
  result.strides.back() = stride;  // a whole plane
  return result;
}

constexpr std::string_view kWeight[] = {"kernel", "gamma", "embeddings", "depthwise_kernel"};
constexpr std::string_view kBias[] = {"bias", "beta"};
constexpr std::string_view kInputWeight[] = {"kernel"}, kRecurrentWeight[] = {"recurrent_kernel"};
constexpr std::string_view kRecurrentLayerBias[] = {"bias"};
constexpr std::string_view kMean[] = {"moving_mean"}, kVariance[] = {"moving_variance"};

}  // namespace

std::vector<double> readNumbers(const SafetensorsFile &file, const StoredTensor &tensor) {
  auto same = [](auto value) { return static_cast<double>(value); };
  if (tensor.dtype == "F32") return readAs<float>(file, tensor, same);
  if (tensor.dtype == "F64") return readAs<double>(file, tensor, same);
  if (tensor.dtype == "F16") return readAs<uint16_t>(file, tensor, fromHalf);
  if (tensor.dtype == "BF16") return readAs<uint16_t>(file, tensor, fromBrainFloat);
  throw UserError("'" + file.path().string() + "': tensor '" + tensor.name + "' is stored as " +
                  tensor.dtype + "; expected F32, F64, F16 or BF16");
}

// Without the number of the only layer of a module.
static std::string_view withoutLayer(std::string_view leaf) {
  return leaf.ends_with("_l0") ? leaf.substr(0, leaf.size() - 3) : leaf;
}

bool isRecurrentBias(std::string_view leaf) { return withoutLayer(leaf) == "bias_hh"; }

std::span<const std::string_view> ourLeaves(std::string_view leaf) {
  leaf = withoutLayer(leaf);
  if (leaf == "weight_ih") return kInputWeight;
  if (leaf == "weight_hh") return kRecurrentWeight;
  if (leaf == "bias_ih" || leaf == "bias_hh") return kRecurrentLayerBias;
  if (leaf == "weight") return kWeight;
  if (leaf == "bias") return kBias;
  if (leaf == "running_mean") return kMean;
  if (leaf == "running_var") return kVariance;
  return {};
}

bool isBookkeeping(std::string_view leaf) { return leaf == "num_batches_tracked"; }

PytorchLayout::PytorchLayout(const NnccProgram &program, const NnccParameter &parameter) {
  std::span<const int64_t> ours(parameter.tensor.shape, static_cast<size_t>(parameter.tensor.rank));
  std::string_view name = parameter.tensor.name;
  std::string_view layer = name.substr(0, name.rfind('.')), leaf = name.substr(layer.size() + 1);
  std::span<const int64_t> map = flattenedMap(program, layer);
  bool kernel = leaf == "kernel" || leaf == "depthwise_kernel" || leaf == "recurrent_kernel";
  std::tie(gates, units) = recurrenceOf(program, layer);

  if (gates && leaf == "bias") {  // [gates * units], of a GRU [2, gates * units] <- two of [gates * units]
    twoBiases = true;
    rows = product(ours) / (gates * units);
    there = {gates * units};
    sizes = {gates * units};
    strides = {1};
    return;
  }
  if (kernel && ours.size() == 2) {  // [in, out] <- [out, in], behind a flatten [out, C, H, W]
    there = {ours[1], ours[0]};
    if (leaf != "recurrent_kernel" && product(map) == ours[0] && map.size() > 1) {
      Flattened inputs = channelsFirst(map, 1);
      sizes = inputs.sizes;
      strides = inputs.strides;
    } else {
      sizes = {ours[0]};
      strides = {1};
    }
    sizes.push_back(ours[1]);
    strides.push_back(ours[0]);
    return;
  }
  const NnccLayer *owner = findLayer(program, layer);
  bool depthwise = owner && std::string_view(owner->kind).starts_with("depthwise");
  if (kernel && ours.size() > 2 && depthwise) {  // [window, C, M] <- [C * M, 1, window]
    size_t window = ours.size() - 2;
    int64_t points = product(ours.first(window)), channels = ours[window], each = ours[window + 1];
    there = {channels * each, 1};
    there.insert(there.end(), ours.begin(), ours.begin() + static_cast<ptrdiff_t>(window));
    sizes = {points, channels, each};
    strides = {1, each * points, points};
    return;
  }
  if (kernel && ours.size() > 2) {  // [window, in, out] <- [out, in, window]
    size_t window = ours.size() - 2;
    int64_t points = product(ours.first(window)), in = ours[window], out = ours[window + 1];
    there = {out, in};
    there.insert(there.end(), ours.begin(), ours.begin() + static_cast<ptrdiff_t>(window));
    sizes = {points, in, out};
    strides = {1, points, in * points};
    return;
  }
  there.assign(ours.begin(), ours.end());
  // A value for each element of a vector that was flattened: a normalization's.
  if (ours.size() == 1 && owner && shapeOf(*owner).size() == 1 && !hasKernel(program, *owner) &&
      map.size() > 1 && product(map) == ours[0]) {
    Flattened inputs = channelsFirst(map, 1);
    sizes = inputs.sizes;
    strides = inputs.strides;
    return;
  }
  sizes = {product(ours)};
  strides = {1};
}

int64_t PytorchLayout::source(int64_t element) const {
  // A GRU's update gate is first here, its reset gate there.
  if (int64_t gate = gates == 3 ? element / units % gates : 2; gate < 2) element += (gate == 0 ? 1 : -1) * units;
  int64_t at = 0;
  for (size_t i = sizes.size(); i-- > 0; element /= sizes[i])
    at += element % sizes[i] * strides[i];
  return at;
}

}  // namespace nncc::train
