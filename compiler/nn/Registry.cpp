//===- Registry.cpp - everything a user can name ---------------------------===//
#include "nn/Registry.h"
#include "nn/Definitions.h"
#include "nn/Shapes.h"
#include "nn/ops/MetricSpecs.h"

using namespace mlir;

namespace nncc::nn {

// Both in the order of the names, as people look them up.
template <typename Spec> static std::vector<Spec> sorted(std::vector<std::vector<Spec>> families) {
  std::vector<Spec> all;
  for (std::vector<Spec> &family : families) llvm::append_range(all, family);
  llvm::sort(all, [](const Spec &a, const Spec &b) { return a.name < b.name; });
  return all;
}

ArrayRef<LayerSpec> layers() {
  static const auto all = sorted<LayerSpec>(
      {{activationLayer(), batchNormalizationLayer(), conv1dLayer(), conv1dTransposeLayer(), conv2dLayer(),
        conv2dTransposeLayer(), denseLayer(), depthwiseConv2dLayer(), dropoutLayer(), eluLayer(), embeddingLayer(),
        flattenLayer(), layerNormalizationLayer(), leakyReluLayer(), normalizationLayer(), separableConv2dLayer()},
       layoutLayers(), mergeLayers(), metricLayers(), poolingLayers(), recurrentLayers(),
       sequenceLayers()});
  return all;
}

ArrayRef<ActivationSpec> activations() {
  static const auto all = sorted<ActivationSpec>({pointwiseActivations(), {softmaxActivation()}});
  return all;
}

ArrayRef<InitializerSpec> initializers() {
  auto number = [](const char *name, const char *value, const char *doc) {
    return OptionSpec{name, OptionKind::Number, value, doc};
  };
  static const std::vector<InitializerSpec> all = {
      {"constant", "every element the same", {number("value", "0", "that value")}},
      {"glorot_normal", "truncated normal, variance 2 / (fan_in + fan_out)", {}},
      {"glorot_uniform", "uniform within sqrt(6 / (fan_in + fan_out))", {}},
      {"he_normal", "truncated normal, variance 2 / fan_in", {}},
      {"he_uniform", "uniform within sqrt(6 / fan_in)", {}},
      {"lecun_normal", "truncated normal, variance 1 / fan_in", {}},
      {"lecun_uniform", "uniform within sqrt(3 / fan_in)", {}},
      {"ones", "every element 1", {}},
      {"orthogonal", "rows or columns, whichever are fewer, at right angles and of length gain, in a random direction",
       {number("gain", "1", "what all is multiplied by")}},
      {"random_normal", "normal", {number("mean", "0", "its mean"), number("stddev", "0.05", "its standard deviation")}},
      {"random_uniform", "uniform", {number("minval", "-0.05", "lower bound"), number("maxval", "0.05", "upper bound")}},
      {"values",
       "these numbers. A kernel takes them in its own shape ([height, width, inputs, filters] for conv2d), in the "
       "shape of its window ([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]: between every input channel and every filter the "
       "same) or as a list of windows, one for each filter; other weights take their own shape. "
       "`{values: NUMBERS}` is short for `{values: {values: NUMBERS}}`.",
       {{"values", OptionKind::Array, std::nullopt, "the numbers"}}},
      {"zeros", "every element 0", {}},
  };
  return all;
}

ArrayRef<CriterionSpec> losses() {
  static const auto all = sorted<CriterionSpec>(
      {{binaryCrossentropyLoss(), categoricalCrossentropyLoss(), hingeLoss(), huberLoss(), klDivergenceLoss(),
        meanAbsoluteErrorLoss(), meanSquaredErrorLoss(), sparseCategoricalCrossentropyLoss()},
       metricLosses()});
  return all;
}

ArrayRef<CriterionSpec> metrics() {
  static const std::vector<CriterionSpec> all = [] {
    std::vector<CriterionSpec> list = overallMetrics();
    for (CriterionSpec &spec : distanceMetrics()) list.push_back(std::move(spec));
    for (CriterionSpec &spec : std::vector{accuracyMetric(), binaryAccuracyMetric(), meanAbsoluteErrorMetric(),
                                           meanSquaredErrorMetric(), topKAccuracyMetric()})
      list.push_back(std::move(spec));
    llvm::sort(list, [](auto &a, auto &b) { return a.name < b.name; });
    return list;
  }();
  return all;
}

ArrayRef<OptimizerSpec> optimizers() {
  static const std::vector<OptimizerSpec> all = {adagradOptimizer(), adamOptimizer(), adamwOptimizer(),
                                                 rmspropOptimizer(), sgdOptimizer()};
  return all;
}

DictionaryAttr Component::toAttribute(MLIRContext *context) const {
  Builder builder(context);
  NamedAttrList attributes;
  if (!name.empty()) attributes.set("name", builder.getStringAttr(name));
  for (auto &[key, value] : numbers) attributes.set(key, builder.getF64FloatAttr(value));
  for (auto &[key, text] : texts) attributes.set(key, builder.getStringAttr(text));
  for (auto &[key, list] : lists) attributes.set(key, builder.getDenseF64ArrayAttr(list));
  for (auto &[key, array] : arrays) attributes.set(key, array.toAttribute(context));
  return attributes.getDictionary(context);
}

double Component::number(StringRef key) const {
  for (auto &[known, value] : numbers)
    if (known == key) return value;
  llvm_unreachable("a number that the component does not have");
}

Attribute Array::toAttribute(MLIRContext *context) const {
  return DenseElementsAttr::get(RankedTensorType::get(shape, Float64Type::get(context)), ArrayRef(values));
}

static std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << "[";
  llvm::interleaveComma(shape, out);
  out << "]";
  return text;
}

// The numbers of a weight of `shape`: written so, or, for a kernel (whose last two dimensions are
// input channels and filters), as one window for all of them or as a list of windows, one for
// each filter. Null where they are none of these.
static std::optional<Array> fitted(const Array &numbers, StringRef weight, ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> given = numbers.shape;
  if (given == shape) return numbers;
  if (weight != "kernel" || shape.size() < 3) return std::nullopt;
  ArrayRef<int64_t> window = shape.drop_back(2);
  int64_t channels = shape[shape.size() - 2], filters = shape.back();
  bool list = given.size() == window.size() + 1 && given.front() == filters && given.drop_front() == window;
  if (given != window && !list) return std::nullopt;
  Array full{shape.vec(), {}};
  int64_t size = ShapedType::getNumElements(window);
  full.values.reserve(size * channels * filters);
  for (int64_t at = 0; at < size; ++at)
    for (int64_t channel = 0; channel < channels; ++channel)
      for (int64_t filter = 0; filter < filters; ++filter)
        full.values.push_back(numbers.values[list ? filter * size + at : at]);
  return full;
}

// `component` with its lists of numbers in the weight's shape; an error where they do not fit.
static Component fitted(LayerBuilder &layer, Component component, StringRef weight, ArrayRef<int64_t> shape) {
  for (auto &[key, numbers] : component.arrays) {
    if (auto full = fitted(numbers, weight, shape)) {
      numbers = std::move(*full);
      continue;
    }
    auto error = layer.error(layer.loc);
    error << "weight '" << layer.layer << "." << weight << "' has the shape " << shapeText(shape)
          << ", but the numbers of its initializer have " << shapeText(numbers.shape) << "; expected that shape";
    if (weight == "kernel" && shape.size() >= 3) {
      SmallVector<int64_t> list{shape.back()};
      llvm::append_range(list, shape.drop_back(2));
      error << ", " << shapeText(shape.drop_back(2)) << " (one window for all channels and filters) or "
            << shapeText(list) << " (one window for each filter)";
    }
    numbers = {shape.vec(), std::vector<double>(ShapedType::getNumElements(shape), 0.0)};
    layer.failed = true;
  }
  return component;
}

Value LayerBuilder::weight(StringRef name, ArrayRef<int64_t> shape, const Component &initializer,
                           int64_t fanIn, int64_t fanOut, const Component *regularizer) {
  std::string symbol = layer + "." + name.str();
  auto type = RankedTensorType::get(shape, elementType);
  auto existing = program.lookupSymbol<ParameterOp>(symbol);
  if (!existing) {
    // Parameters stand before the entry functions, in the order of the layers.
    OpBuilder::InsertionGuard guard(builder);
    Block &body = program.getBody().front();
    auto firstEntry = llvm::find_if(body, [](Operation &op) { return !isa<ParameterOp>(op); });
    builder.setInsertionPoint(&body, firstEntry);
    // Absent where it is zero: a penalty that is none costs nothing.
    auto factor = [&](StringRef key) {
      double value = regularizer ? regularizer->number(key) : 0;
      return value == 0 ? FloatAttr() : builder.getF64FloatAttr(value);
    };
    ParameterOp::create(builder, loc, symbol, type, fitted(*this, initializer, name, shape).toAttribute(builder.getContext()),
                        fanIn, fanOut, trainable, factor("l1"), factor("l2"), FloatAttr());
  }
  return ReadOp::create(builder, loc, type, symbol);
}

Value LayerBuilder::activate(StringRef name, Value value) {
  if (name.empty()) return value;
  const ActivationSpec *spec = find(activations(), name);
  assert(spec && "the frontend checks activation names");
  return spec->build(*this, value);
}

SmallVector<int64_t> explicitPads(StringRef padding, ArrayRef<int64_t> size,
                                  ArrayRef<int64_t> window, ArrayRef<int64_t> strides) {
  SmallVector<int64_t> pads(4, 0);
  if (padding == "same")
    for (int i : {0, 1}) {
      int64_t outputs = (size[i] + strides[i] - 1) / strides[i];
      int64_t zeros = std::max<int64_t>(0, (outputs - 1) * strides[i] + window[i] - size[i]);
      pads[i] = zeros / 2;
      pads[i + 2] = zeros - zeros / 2;
    }
  return pads;
}

std::string sampleShape(Type type) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << "[";
  llvm::interleaveComma(cast<RankedTensorType>(type).getShape().drop_front(), out);
  out << "]";
  return text;
}

} // namespace nncc::nn
