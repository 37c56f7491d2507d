#include <algorithm>
#include <cstdio>
#include <cstring>

#include "cli/Commands.h"
#include "cli/FeaturePicture.h"
#include "data/Dataset.h"
#include "data/Reader.h"
#include "error.h"
#include "train/Block.h"
#include "train/Program.h"
#include "train/Safetensors.h"

namespace nncc::cli {

namespace {

std::vector<int64_t> shapeOf(const NnccTensor &tensor) {
  return {tensor.shape, tensor.shape + tensor.rank};
}

LayerValue inputValue(const NnccTensor &input, const train::Block &bytes) {
  LayerValue value{input.name, "input", "", shapeOf(input), {}};
  const uint8_t *pixels = static_cast<const uint8_t *>(bytes.data());
  value.values.assign(pixels, pixels + train::elements(input));
  return value;
}

// The values of all layers in their order. Layers that only show others have no output of
// their own: theirs are those of their first input.
std::vector<LayerValue> layerValues(const NnccProgram &program, const NnccEntry &entry,
                                    const train::Outputs &outputs, const LayerValue &input) {
  std::vector<LayerValue> layers;
  auto known = [&](const std::string &name) -> const LayerValue & {
    auto found = std::ranges::find(layers, name, &LayerValue::name);
    return found == layers.end() ? input : *found;
  };
  for (int i = 0; i < program.num_layers; ++i) {
    const NnccLayer &layer = program.layers[i];
    std::string inputs = layer.inputs ? layer.inputs : "";
    LayerValue value{layer.name, layer.kind, "", {layer.shape, layer.shape + layer.rank}, {}};
    const std::string &before = layers.empty() ? input.name : layers.back().name;
    if (inputs != before) value.from = inputs;
    std::span<const NnccTensor> tensors = train::outputs(entry);
    auto tensor = std::ranges::find_if(
        tensors, [&](const NnccTensor &t) { return value.name == t.name; });
    if (tensor != tensors.end()) {
      const float *numbers = static_cast<const float *>(outputs[static_cast<int>(tensor - tensors.begin())]);
      value.values.assign(numbers, numbers + train::elements(*tensor));
    } else {
      value.values = known(inputs.substr(0, inputs.find(','))).values;
    }
    layers.push_back(std::move(value));
  }
  return layers;
}

void writeValues(const std::filesystem::path &path, const std::vector<LayerValue> &layers) {
  std::vector<train::TensorView> views;
  for (const LayerValue &layer : layers)
    views.push_back({layer.name, NNCC_F32, layer.shape, layer.values.data(),
                     static_cast<int64_t>(layer.values.size() * sizeof(float))});
  train::writeSafetensors(path, views, {});
}

}  // namespace

void features(const NnccProgram &program, const FeaturesOptions &options) {
  const NnccEntry &entry = train::requireEntry(program, NNCC_FEATURES, "show features");
  const NnccTensor &input = entry.inputs[0];
  if (entry.num_inputs != 1 || input.type != NNCC_U8 || input.rank < 2)
    throw UserError("features reads an image, but the input of model '" +
                    std::string(program.name) + "' is no single image: '" + input.name + "' " +
                    data::shapeText(input));

  train::Model model(program, options.threads, {NNCC_FEATURES});
  train::LoadedWeights weights =
      fillWeights(program, model, options.weights, /*initialWillDo=*/true);
  std::vector<std::byte> decoded = data::decodeImage(options.image, input, imageReader(program));
  train::Block image(train::bytes(input), train::Block::Fill::None, "an image");
  std::memcpy(image.data(), decoded.data(), decoded.size());
  train::Outputs outputs(entry, 1);
  const void *inputs[] = {image.data()};
  model.run(entry, 1, inputs, outputs.pointers());

  LayerValue shown = inputValue(input, image);
  std::vector<LayerValue> layers = layerValues(program, entry, outputs, shown);
  std::string title = std::string(program.name) + ": " + options.image.filename().string() +
                      " through its layers";
  featurePicture(title, shown, layers, weights.classNames).writePng(options.to);
  std::printf("Values of %zu layers drawn in %s\n", layers.size(), options.to.c_str());
  if (options.values.empty()) return;
  writeValues(options.values, layers);
  std::printf("Numbers written to %s\n", options.values.c_str());
}

}  // namespace nncc::cli
