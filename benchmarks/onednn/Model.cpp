#include "Model.h"

#include <fstream>

#include "Library.h"

namespace onednn {

using nlohmann::json;

static std::string activationOf(const json &options) {
  json name = options.value("activation", json());
  return name.is_null() ? "linear" : name.get<std::string>();
}

// Every activation layer becomes part of the layer before it.
static void foldActivation(std::vector<LayerEntry> &layers, const json &entry) {
  if (layers.empty() || layers.back().activation != "linear")
    throw Unsupported("layer '" + entry["name"].get<std::string>() +
                      "': the oneDNN loop knows an activation only behind a layer without one");
  layers.back().activation = activationOf(entry["options"]);
}

static bool isTrainable(const json &parameters, const std::string &layer) {
  bool some = false, all = true;
  for (const json &parameter : parameters) {
    if (parameter["name"].get<std::string>().find(".moving_") != std::string::npos)
      continue;
    bool trainable = parameter["trainable"];
    if (parameter.contains("rate_multiplier"))
      throw Unsupported("the oneDNN loop does not know learning_rate_multipliers");
    some |= trainable;
    all &= trainable;
  }
  if (some && !all)
    throw Unsupported("layer '" + layer + "': the oneDNN loop does not know a layer of which "
                      "only some weights are frozen");
  return some;
}

static void refuseRegularizers(const json &options, const std::string &layer) {
  for (auto &[key, value] : options.items())
    if (key.ends_with("_regularizer") && !value.is_null())
      throw Unsupported("layer '" + layer + "': the oneDNN loop does not know " + key);
}

static std::vector<LayerEntry> readChain(const json &model) {
  std::vector<LayerEntry> layers;
  std::string before = model["inputs"][0]["name"];
  for (const json &entry : model["layers"]) {
    std::string name = entry["name"], kind = entry["kind"];
    if (entry["inputs"].size() != 1 || entry["inputs"][0] != before)
      throw Unsupported("layer '" + name + "': the oneDNN loop knows plain chains only");
    before = name;
    if (kind == "activation") {
      foldActivation(layers, entry);
      continue;
    }
    const json &options = entry["options"];
    refuseRegularizers(options, name);
    layers.push_back({name, kind, activationOf(options), options,
                      isTrainable(entry.value("parameters", json::array()), name)});
  }
  if (model["outputs"].size() != 1 || model["outputs"][0] != before)
    throw Unsupported("the oneDNN loop knows models whose only output is the last layer's");
  return layers;
}

static void readInput(const json &inputs, Model &result) {
  const json &input = inputs[0];
  result.input = input["name"];
  if (inputs.size() != 1 || input["type"] != "u8")
    throw Unsupported("the oneDNN loop knows models of one input, of bytes");
  std::vector<int64_t> shape = input["shape"];
  if (shape.size() == 2)
    shape.push_back(1);
  if (shape.size() != 3)
    throw Unsupported("the oneDNN loop knows images only");
  result.height = shape[0];
  result.width = shape[1];
  result.channels = shape[2];
  result.scale = input.value("scale", 1.0f);
  result.offset = input.value("offset", 0.0f);
}

// Those that are there must have the value at which they change nothing.
static void refuseOptions(const json &from,
                          std::initializer_list<std::pair<const char *, json>> options) {
  for (auto &[key, neutral] : options)
    if (from.contains(key) && from[key] != neutral)
      throw Unsupported(std::string("the oneDNN loop does not know ") + key + ": " +
                        from[key].dump());
}

static void readTraining(const json &train, Model &result) {
  if (train.is_null())
    throw Unsupported("this model is not trained: there is no step to compare");
  result.batch = train["batch_size"];
  result.loss = train["loss"].value("name", "");
  result.lossReadsLogits = train["loss"].value("from_logits", false);
  result.optimizer = train["optimizer"];
  refuseOptions(train["loss"], {{"label_smoothing", 0.0}});
  refuseOptions(train, {{"gradient_accumulation_steps", 1}, {"class_weight", nullptr}});
  refuseOptions(result.optimizer, {{"clipvalue", nullptr}, {"global_clipnorm", nullptr}});
}

Model readModel(const std::string &path) {
  std::ifstream file(path);
  json model = json::parse(file, nullptr, false);
  if (model.is_discarded() || model.value("nncc", 0) != 1)
    throw Unsupported(path + " is not the JSON that `nncc compile --emit=json` prints");
  Model result;
  readInput(model["inputs"], result);
  readTraining(model["train"], result);
  result.layers = readChain(model);
  result.outputs = model["layers"].back()["output_shape"].back();
  return result;
}

}  // namespace onednn
