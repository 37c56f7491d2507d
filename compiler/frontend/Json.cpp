//===- Json.cpp - the checked model for other tools ------------------------===//
#include "frontend/Json.h"
#include "frontend/Augmentation.h"
#include "frontend/Readers.h"
#include "nlohmann/json.hpp"

using namespace mlir;

namespace nncc::frontend {

using Json = nlohmann::ordered_json;

// Lists in lists, as numbers of this shape are written.
static Json nested(ArrayRef<int64_t> shape, ArrayRef<double> values) {
  if (shape.size() <= 1) return Json(values.vec());
  Json rows = Json::array();
  size_t length = values.size() / shape[0];
  for (int64_t row = 0; row < shape[0]; ++row)
    rows.push_back(nested(shape.drop_front(), values.slice(row * length, length)));
  return rows;
}

static Json toJson(const nn::Component &component) {
  Json json = Json::object();
  if (!component.name.empty()) json["name"] = component.name;
  for (auto &[key, value] : component.numbers) json[key] = value;
  for (auto &[key, text] : component.texts) json[key] = text;
  for (auto &[key, list] : component.lists) json[key] = list;
  for (auto &[key, value] : component.arrays) json[key] = nested(value.shape, value.values);
  return json;
}

static Json toJson(const std::vector<nn::NestedLayer> &layers);

// Absent values are null.
static Json toJson(const nn::OptionValue &value) {
  if (auto *layers = std::get_if<nn::NestedLayers>(&value)) return toJson(**layers);
  if (auto *integers = std::get_if<std::vector<int64_t>>(&value))
    return integers->empty() ? Json() : Json(*integers);
  if (auto *texts = std::get_if<std::vector<std::string>>(&value)) return Json(*texts);
  if (auto *text = std::get_if<std::string>(&value)) return text->empty() ? Json() : Json(*text);
  if (auto *component = std::get_if<nn::Component>(&value)) return toJson(*component);
  if (auto *array = std::get_if<nn::Array>(&value)) return nested(array->shape, array->values);
  if (auto *integer = std::get_if<int64_t>(&value)) return *integer;
  if (auto *number = std::get_if<double>(&value)) return *number;
  if (auto *numbers = std::get_if<std::vector<double>>(&value)) return *numbers;
  if (auto *boolean = std::get_if<bool>(&value)) return *boolean;
  return {};
}

// The options in the order of their declarations, behind what `json` has already.
static Json withOptions(Json json, ArrayRef<nn::OptionSpec> specs, const nn::Options &options) {
  for (const nn::OptionSpec &spec : specs) {
    auto found = options.all().find(spec.name);
    if (found != options.all().end()) {
      json[spec.name] = toJson(found->second.value);
      continue;
    }
    // Readers' options inside of an option go by both names: `only.column`.
    Json inside;
    for (auto &[name, entry] : options.all())
      if (StringRef key = name; key.consume_front(spec.name + ".")) inside[key.str()] = toJson(entry.value);
    json[spec.name] = inside;
  }
  return json;
}

static Json toJson(const std::vector<nn::NestedLayer> &layers) {
  Json list = Json::array();
  for (const nn::NestedLayer &layer : layers)
    list.push_back({{"kind", layer.spec->name}, {"options", withOptions(Json::object(), layer.spec->options, layer.options)}});
  return list;
}

template <typename Spec> static Json chosenToJson(const Chosen<Spec> &chosen) {
  return withOptions({{"name", chosen.spec->name}}, chosen.spec->options, chosen.options);
}

// The reader that pairs are of, like one that stands alone.
static Json insideToJson(const DataPart &part) {
  nn::Options options;
  for (auto &[name, entry] : part.options.all())
    if (StringRef key = name; key.consume_front("of.")) options.set(key, entry.value, entry.location);
  return withOptions({{"name", part.inside->name}}, part.inside->options, options);
}

static Json metricsToJson(const JudgedOutput &judged) {
  Json metrics = Json::array();
  for (auto &metric : judged.metrics) metrics.push_back(chosenToJson(metric));
  return metrics;
}

// By output where the file has them so.
static Json trainToJson(const Model &model) {
  Json loss = Json::object(), weights = Json::object(), metrics = Json::object(), missing = Json::array();
  for (const JudgedOutput &judged : model.judged) {
    std::string name = model.nameOf(model.outputs[judged.output]);
    loss[name] = chosenToJson(judged.loss);
    weights[name] = judged.weight;
    metrics[name] = metricsToJson(judged);
    if (judged.missing) missing.push_back(name);
  }
  if (!model.lossesByOutput) {
    loss = chosenToJson(model.judged[0].loss);
    metrics = metricsToJson(model.judged[0]);
  }
  Json train = {{"loss", loss}, {"optimizer", chosenToJson(model.optimizer)}, {"batch_size", model.batchSize},
                {"epochs", model.epochs}, {"metrics", metrics}};
  if (model.exact) train["numerics"] = "exact";
  if (model.byLength) train["batch_by"] = "length";
  if (model.classesPerBatch) {
    train["classes_per_batch"] = model.classesPerBatch;
    train["samples_per_class"] = model.samplesPerClass;
  }
  if (model.accumulationSteps > 1) train["gradient_accumulation_steps"] = model.accumulationSteps;
  for (auto &[name, component] : model.trainComponents) train[name] = toJson(component);
  if (model.lossesByOutput) train["loss_weights"] = weights;
  if (!missing.empty()) train["missing_targets"] = missing;
  if (!model.classWeights.empty()) train["class_weight"] = model.classWeights;
  return train;
}

static Json toJson(nn::ParameterOp parameter) {
  Json initializer = {{"name", parameter.getInitializer().getAs<StringAttr>("name").str()}};
  for (NamedAttribute option : parameter.getInitializer())
    if (auto number = dyn_cast<FloatAttr>(option.getValue()))
      initializer[option.getName().str()] = number.getValueAsDouble();
    else if (auto numbers = dyn_cast<DenseElementsAttr>(option.getValue()))
      initializer[option.getName().str()] =
          nested(numbers.getType().getShape(), llvm::to_vector(numbers.getValues<double>()));
  Json json = {{"name", parameter.getSymName().str()},
               {"shape", cast<RankedTensorType>(parameter.getType()).getShape().vec()},
               {"initializer", initializer},
               {"trainable", parameter.getTrainable()}};
  if (FloatAttr multiplier = parameter.getRateMultiplierAttr())
    json["rate_multiplier"] = multiplier.getValueAsDouble();
  return json;
}

std::string writeJson(const Model &model, ModuleOp module) {
  auto program = *module.getOps<nn::ProgramOp>().begin();
  std::map<std::string, Json> parameters; // of each layer
  for (auto parameter : program.getBody().getOps<nn::ParameterOp>())
    parameters[parameter.getSymName().split('.').first.str()].push_back(toJson(parameter));

  Json networks = Json::array();
  for (const Network &network : model.networks) {
    Json layers = Json::array();
    for (const Layer &layer : network.layers) {
      Json names = Json::array();
      for (const Source &source : layer.inputs)
        names.push_back((source.kind == Source::Kind::Input ? "input" : network.layers[source.index].name) +
                        (source.extra.empty() ? "" : "." + source.extra));
      layers.push_back({{"name", layer.name}, {"kind", layer.kind}, {"inputs", names},
                        {"options", withOptions(Json::object(), layer.spec->options, layer.options)}});
    }
    auto weights = parameters.find(network.name);
    networks.push_back({{"name", network.name}, {"layers", layers},
                        {"parameters", weights == parameters.end() ? Json::array() : weights->second}});
  }

  Json inputs = Json::array(), layers = Json::array(), outputs = Json::array();
  for (const Input &input : model.inputs) {
    inputs.push_back({{"name", input.name}, {"shape", input.shape}, {"type", input.pixels ? "u8" : "f32"},
                      {"scale", input.scale}, {"offset", input.offset}});
    if (input.lengths) inputs.back()["lengths"] = true;
  }
  for (auto [layer, described] : llvm::zip_equal(model.layers, program.getLayers())) {
    Json names = Json::array();
    for (const Source &source : layer.inputs) names.push_back(model.textOf(source));
    auto shape = cast<DictionaryAttr>(described).getAs<DenseI64ArrayAttr>("shape");
    auto weights = layer.network ? parameters.end() : parameters.find(layer.name);
    layers.push_back({{"name", layer.name}, {"kind", layer.kind}, {"inputs", names},
                      {"options", withOptions(Json::object(), layer.spec->options, layer.options)},
                      {"output_shape", shape.asArrayRef().vec()},
                      {"parameters", weights == parameters.end() ? Json::array() : weights->second}});
  }
  for (Source output : model.outputs) outputs.push_back(model.nameOf(output));

  Json data = Json::object();
  for (const DataPart &part : model.data) {
    data[part.part] = chosenToJson<ReaderSpec>(part);
    if (part.inside) data[part.part]["of"] = insideToJson(part);
    if (part.augment)
      data[part.part]["augment"] = withOptions(Json::object(), augmentOptions(), part.augment->options);
  }
  // Null: the model is not trained.
  Json train = model.trained ? trainToJson(model) : Json();
  Json json = {{"nncc", 1}, {"model", model.name}, {"inputs", inputs}, {"layers", layers}, {"outputs", outputs},
               {"train", train}, {"data", data}};
  if (!networks.empty()) json["networks"] = networks;
  if (model.weights) {
    Json rename = Json::object();
    for (auto &[from, to] : model.weights->rename) rename[from] = to;
    json["weights"] = {{"path", model.weights->path}, {"layout", model.weights->layout}, {"rename", rename},
                       {"skip", model.weights->skip}};
  }
  return json.dump(1) + "\n";
}

} // namespace nncc::frontend
