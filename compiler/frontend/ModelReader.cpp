//===- ModelReader.cpp - tree -> model -------------------------------------===//
//
// One function for each section of the file, in the file's usual order.
//
//===----------------------------------------------------------------------===//
#include "frontend/ModelReader.h"
#include "frontend/Augmentation.h"
#include "frontend/Choice.h"
#include "frontend/CriteriaReader.h"
#include "frontend/OptionReader.h"
#include "frontend/Readers.h"
#include "frontend/Sections.h"
#include "frontend/Text.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;

namespace nncc::frontend {

using nn::OptionKind;
using nn::OptionSpec;

// Names are looked up one by one when weights are declared; this keeps that quick.
static constexpr size_t mostLayers = 4096;
static constexpr size_t mostDimensions = 8;
static constexpr size_t mostInputs = 64;

static const OptionSpec &dimension() {
  static const OptionSpec spec = {"shape", OptionKind::Integer, std::nullopt, "", 1, {}, 1, 1 << 20};
  return spec;
}

namespace {

struct Section {
  StringRef key;
  StringRef example; // for the message where a required one is missing; "" if it may be
  std::vector<StringRef> keys; // inside, to tell where a misplaced one belongs
};

const std::vector<Section> &sections() {
  static const std::vector<Section> all = {
      {"model", "model: NAME", {}},
      {"input", "input: {shape: [32, 32, 3], scale: 1/255}", {"shape", "type", "scale", "offset", "lengths"}},
      {"inputs", "", {}},
      {"networks", "", {}},
      {"layers", "layers: a list such as '- dense: {units: 10}'", {}},
      {"outputs", "", {}},
      {"weights", "", {"rename", "layout", "skip"}},
      {"train", "train: with loss and optimizer", {"loss", "loss_weights", "class_weight", "optimizer", "metrics", "missing_targets",
                                                   "batch_size", "batch_by", "classes_per_batch", "samples_per_class", "epochs", "lanes", "numerics", "ema",
                                                   "early_stopping", "keep_best", "reduce_lr_on_plateau", "freeze",
                                                   "gradient_accumulation_steps", "learning_rate_multipliers"}},
      {"data", "data: with the reader of the training samples, train: {image_folder: PATH}", {"validation", "test"}},
  };
  return all;
}

class ModelReader {
public:
  explicit ModelReader(Diagnostics &diagnostics) : diagnostics(diagnostics), optionReader(diagnostics) {}

  Model read(const Node &root) {
    checkSections(root);
    if (const Node *node = root.find("model")) readName(*node);
    if (const Node *node = root.find("input")) readInput(*node, "input");
    if (const Node *node = root.find("inputs")) readInputsSection(*node, root.find("input"));
    if (const Node *node = root.find("networks")) readNetworks(*node);
    if (const Node *node = root.find("layers")) readLayers(*node);
    checkApplied();
    if (!model.layers.empty()) readOutputs(root.find("outputs"));
    if (const Node *node = root.find("weights")) readWeights(*node);
    model.trained = root.find("train");
    if (const Node *node = root.find("train")) readTrain(*node);
    if (const Node *node = root.find("data")) readData(*node);
    return std::move(model);
  }

private:
  void checkSections(const Node &root) {
    std::vector<StringRef> known;
    for (const Section &section : sections()) known.push_back(section.key);
    for (const Entry &entry : root.entries) {
      StringRef key = entry.key.text;
      if (llvm::is_contained(known, key)) continue;
      auto owner = llvm::find_if(sections(), [&](const Section &section) {
        return llvm::is_contained(section.keys, key);
      });
      std::string hint = owner == sections().end() ? suggestion(key, known)
                                                   : "; it belongs inside '" + owner->key.str() + "'";
      diagnostics.error(entry.key.mark) << "a model has no section " << quote(key) << hint;
    }
    // Without both, a model is one of fixed weights; the importer sees whether it is.
    bool fixed = !root.find("train") && !root.find("data");
    for (const Section &section : sections())
      if (!section.example.empty() && !root.find(section.key) && !(section.key == "input" && root.find("inputs")) &&
          !(fixed && (section.key == "train" || section.key == "data")))
        diagnostics.error(root.mark) << "section '" << section.key << "' is missing; expected "
                                     << section.example;
  }

  //===--- model, input ---------------------------------------------------------===//

  void readName(const Node &node) {
    model.mark = node.mark;
    if (node.isScalar() && isName(node.text, /*dots=*/true))
      model.name = node.text;
    else
      diagnostics.error(node.mark) << "the model's name is " << node.describe()
                                   << "; expected letters, digits, '_', '-' and '.': the program gets this name";
  }

  // Several inputs, by name.
  void readInputsSection(const Node &node, const Node *single) {
    if (single) {
      auto error = diagnostics.error(node.mark);
      error << "the model has both 'input' and 'inputs'; expected one of them";
      error.attachNote(diagnostics.at(single->mark)) << "'input' is here";
      return;
    }
    if (!node.isMap() || node.entries.empty() || node.entries.size() > mostInputs) {
      diagnostics.error(node.mark) << "inputs is "
                                   << (node.isMap() ? "a map of " + std::to_string(node.entries.size()) : node.describe())
                                   << "; expected a map of 1 to " << mostInputs
                                   << " inputs by name, such as {left: {shape: [8]}, right: {shape: [8]}}";
      return;
    }
    for (const Entry &entry : node.entries) {
      if (!entry.key.isScalar() || !isName(entry.key.text, /*dots=*/false))
        diagnostics.error(entry.key.mark) << "an input's name is " << entry.key.describe()
                                          << "; expected at most 100 letters, digits, '_' and '-'";
      else
        readInput(entry.value, entry.key.text);
    }
  }

  // "input", or "input 'left'" where there are several.
  static std::string subjectOf(StringRef name) { return name == "input" ? "input" : "input '" + name.str() + "'"; }

  void readInput(const Node &node, StringRef name) {
    Input input;
    input.name = name.str();
    input.mark = node.mark;
    Subject subject{subjectOf(name), node.mark, diagnostics.at(node.mark)};
    nn::Options options;
    bool good = optionReader.read(&node, subject, sectionOptions("input"), {"shape"}, options);
    if (node.isMap() || node.isNull()) good &= readShape(node, input);
    if (good) {
      input.scale = options.number("scale");
      input.offset = options.number("offset");
      // Numbers that want rescaling are pixels unless the type says otherwise.
      const std::string &type = options.text("type");
      input.pixels = type.empty() ? node.find("scale") || node.find("offset") : type == "u8";
      input.lengths = options.boolean("lengths");
    } else {
      input.shape.clear();
    }
    model.inputs.push_back(std::move(input));
  }

  bool readShape(const Node &node, Input &input) {
    const Node *shape = node.find("shape");
    if (!shape) {
      diagnostics.error(node.mark) << subjectOf(input.name) << " needs a shape: that of one sample, such as [32, 32, 3] "
                                      "(height, width, channels)";
      return false;
    }
    if (!shape->isList() || shape->items.empty() || shape->items.size() > mostDimensions) {
      diagnostics.error(shape->mark)
          << subjectOf(input.name) << ": shape is "
          << (shape->isList() ? "a list of " + std::to_string(shape->items.size()) : shape->describe())
          << "; expected a list of 1 to " << mostDimensions << " sizes, such as [32, 32, 3]";
      return false;
    }
    bool good = true;
    for (const Node &item : shape->items) {
      auto size = item.isScalar() && !item.quoted ? parseInteger(item.text) : std::nullopt;
      if (size && *size >= dimension().minimum && *size <= dimension().maximum) {
        input.shape.push_back(*size);
        continue;
      }
      diagnostics.error(item.mark) << subjectOf(input.name) << ": shape has " << item.describe()
                                   << " in its list; expected an integer from "
                                   << formatNumber(dimension().minimum) << " to "
                                   << formatNumber(dimension().maximum);
      good = false;
    }
    return good;
  }

  //===--- networks -------------------------------------------------------------===//

  // Names first, so that a network may apply others wherever they stand.
  void readNetworks(const Node &node) {
    if (!node.isMap() || node.entries.empty()) {
      diagnostics.error(node.mark) << "networks is " << (node.isMap() ? "an empty map" : node.describe())
                                   << "; expected a map of their names, such as {leg: {layers: [...]}}";
      return;
    }
    std::vector<const Node *> bodies;
    for (const Entry &entry : node.entries) {
      if (!checkNetworkName(entry.key)) continue;
      Network &network = model.networks.emplace_back();
      network.name = entry.key.text;
      network.mark = entry.key.mark;
      network.spec.name = network.name;
      bodies.push_back(&entry.value);
    }
    for (auto [network, body] : llvm::zip_equal(model.networks, bodies)) readNetwork(network, *body);
    checkRecursion();
  }

  bool checkNetworkName(const Node &key) {
    if (!isName(key.text, /*dots=*/false)) {
      diagnostics.error(key.mark) << "a network's name is " << key.describe()
                                  << "; expected at most 100 letters, digits, '_' and '-'";
      return false;
    }
    if (!nn::find(nn::layers(), key.text)) return true;
    diagnostics.error(key.mark) << "network " << quote(key.text) << " has the name of a kind of layer; choose another";
    return false;
  }

  void readNetwork(Network &network, const Node &node) {
    std::string text = "network '" + network.name + "'";
    Subject subject{text, network.mark, diagnostics.named(network.name, network.mark)};
    nn::Options options;
    bool good = optionReader.read(&node, subject, sectionOptions("networks"), {"layers"}, options);
    const Node *layers = node.find("layers");
    if (!layers) {
      if (node.isMap() || node.isNull())
        diagnostics.error(network.mark) << text << " has no layers; expected {layers: [...]}, a list such as "
                                           "'- dense: {units: 10}'";
      return;
    }
    // Its layers have names of their own and see one input.
    Model outer = std::exchange(model, Model());
    std::swap(model.networks, outer.networks);
    auto outerWritten = std::exchange(written, {});
    auto outerSources = std::exchange(sources, {});
    auto outerCounts = std::exchange(counts, {});
    Input &input = model.inputs.emplace_back();
    input.mark = network.mark;
    readLayers(*layers);
    network.layers = std::move(model.layers);
    std::swap(model.networks, outer.networks);
    model = std::move(outer);
    written = std::move(outerWritten);
    sources = std::move(outerSources);
    counts = std::move(outerCounts);
    if (good && !options.boolean("trainable"))
      for (Layer &layer : network.layers) layer.trainable = false;
  }

  const Network *networkNamed(StringRef name) const {
    for (const Network &network : model.networks)
      if (network.name == name) return &network;
    return nullptr;
  }

  // A network that applies itself, through others or not. It is not built.
  void checkRecursion() {
    for (Network &network : model.networks) {
      llvm::SmallPtrSet<const Network *, 8> seen;
      std::vector<const Network *> work{&network};
      while (!work.empty()) {
        const Network *current = work.back();
        work.pop_back();
        for (const Layer &layer : current->layers) {
          if (!layer.network) continue;
          if (layer.network == &network) {
            diagnostics.error(layer.mark) << "network '" << network.name << "' applies itself"
                                          << (current == &network ? "" : " by way of '" + current->name + "'")
                                          << "; expected networks that end";
            for (Layer &own : network.layers) own.valid = false;
            work.clear();
            break;
          }
          if (seen.insert(layer.network).second) work.push_back(layer.network);
        }
      }
    }
  }

  // A network that nothing applies is an oversight.
  void checkApplied() {
    llvm::SmallPtrSet<const Network *, 8> applied;
    std::vector<const Layer *> work;
    auto addAll = [&](const std::vector<Layer> &layers) {
      for (const Layer &layer : layers) work.push_back(&layer);
    };
    addAll(model.layers);
    while (!work.empty()) {
      const Network *network = work.back()->network;
      work.pop_back();
      if (network && applied.insert(network).second) addAll(network->layers);
    }
    for (const Network &network : model.networks)
      if (!applied.contains(&network))
        diagnostics.error(network.mark) << "nothing applies network '" << network.name << "'; expected a layer '- "
                                        << network.name << ":' among the layers, or leave it out";
  }

  //===--- layers ---------------------------------------------------------------===//

  // The one key of a list entry (its kind) or null, and the options behind it.
  static const Entry *kindOf(const Node &item) {
    return item.isMap() && !item.entries.empty() ? &item.entries[0] : nullptr;
  }

  // What stands as `name` in the options, if it may serve as one.
  static const Node *writtenName(const Node &item) {
    const Entry *kind = kindOf(item);
    const Node *name = kind ? kind->value.find("name") : nullptr;
    return name && name->isScalar() && isName(name->text, /*dots=*/false) ? name : nullptr;
  }

  void readLayers(const Node &node) {
    if (!node.isList() || node.items.empty()) {
      diagnostics.error(node.mark) << "layers is " << (node.isList() ? "an empty list" : node.describe())
                                   << "; expected a list such as '- dense: {units: 10}'";
      return;
    }
    if (node.items.size() > mostLayers) {
      diagnostics.error(node.mark) << "the model has " << node.items.size() << " layers; expected at most "
                                   << mostLayers;
      return;
    }
    // Written names are known before any is made up, and where they stand before any is used.
    for (auto [index, item] : llvm::enumerate(node.items))
      if (const Node *name = writtenName(item)) written.try_emplace(name->text, Place{index, name->mark});
    for (const Node &item : node.items) readLayer(item);
  }

  void readLayer(const Node &item) {
    Layer layer;
    layer.mark = item.mark;
    const Entry *kind = kindOf(item);
    const Node *options = kind ? &kind->value : nullptr;
    if (kind) {
      layer.kind = kind->key.text;
      layer.mark = kind->key.mark;
    }
    layer.name = nameLayer(layer, options);
    layer.valid = checkEntry(item, layer);
    if (layer.spec) {
      // A name of the user's own does not tell the kind.
      bool tells = !writtenName(item) || layer.name == layer.kind;
      std::string text = "layer '" + layer.name + "'" + (tells ? "" : " (" + layer.kind + ")");
      Subject subject{text, layer.mark, diagnostics.named(layer.name, layer.mark)};
      std::vector<OptionSpec> specs = layer.spec->options;
      // Weights that others share are the network's business.
      if (!layer.network)
        specs.push_back({"trainable", OptionKind::Boolean, "true", "false: training leaves its weights alone"});
      layer.valid &= optionReader.read(options, subject, specs, {"name", "inputs"}, layer.options);
      if (layer.valid && !layer.network) layer.trainable = layer.options.boolean("trainable");
      if (options) layer.valid &= checkName(*options, subject, layer);
      layer.valid &= readInputs(options, subject, layer);
    }
    Source self{Source::Kind::Layer, model.layers.size()};
    sources.try_emplace(layer.name, self);
    model.layers.push_back(std::move(layer));
  }

  bool checkEntry(const Node &item, Layer &layer) {
    if (item.isScalar() && (nn::find(nn::layers(), item.text) || networkNamed(item.text))) {
      diagnostics.error(item.mark) << "a colon is missing after layer '" << item.text << "'; expected '- "
                                   << item.text << ":', with its options behind";
      return false;
    }
    if (!item.isMap() || item.entries.empty()) {
      diagnostics.error(item.mark) << "a layer is " << (item.isMap() ? "an empty map" : item.describe())
                                   << "; expected its kind and options, such as '- dense: {units: 10}'";
      return false;
    }
    layer.spec = nn::find(nn::layers(), layer.kind);
    layer.network = networkNamed(layer.kind);
    if (layer.network) layer.spec = &layer.network->spec;
    if (!layer.spec) {
      std::vector<StringRef> known = namesOf(nn::layers());
      for (const Network &network : model.networks) known.push_back(network.name);
      diagnostics.error(layer.mark) << (model.networks.empty() ? "no layer is called " : "no layer or network is called ")
                                    << quote(layer.kind) << suggestion(layer.kind, known);
      return false;
    }
    if (item.entries.size() > 1) {
      diagnostics.error(item.entries[1].key.mark)
          << quote(item.entries[1].key.text) << " stands beside the layer's kind '" << layer.kind
          << "'; indent the options further than the kind, or put them into {}";
      layer.spec = nullptr; // one error is enough: the options are elsewhere
      layer.network = nullptr;
      return false;
    }
    return true;
  }

  // The written name, or Keras's: conv2d, conv2d_1, conv2d_2.
  std::string nameLayer(const Layer &layer, const Node *options) {
    if (const Node *name = options ? options->find("name") : nullptr)
      if (name->isScalar() && isName(name->text, /*dots=*/false)) return name->text;
    std::string base = isName(layer.kind, /*dots=*/false) ? layer.kind : "layer";
    for (unsigned &count = counts[base];;) {
      std::string name = count == 0 ? base : base + "_" + std::to_string(count);
      ++count;
      if (!written.contains(name) && !isInput(name) && !takenByNetwork(name, layer)) return name;
    }
  }

  // Weights of networks begin with its name.
  bool takenByNetwork(StringRef name, const Layer &layer) const { return name != layer.kind && networkNamed(name); }

  bool isInput(StringRef name) const {
    return llvm::any_of(model.inputs, [&](const Input &input) { return input.name == name; });
  }

  bool checkName(const Node &options, const Subject &subject, const Layer &layer) {
    const Node *name = options.find("name");
    if (!name) return true;
    if (!name->isScalar() || !isName(name->text, /*dots=*/false)) {
      diagnostics.error(name->mark) << subject.text << ": its name is " << name->describe()
                                    << "; expected at most 100 letters, digits, '_' and '-'";
      return false;
    }
    if (isInput(name->text)) {
      diagnostics.error(name->mark) << "layer " << quote(name->text)
                                    << " has the name of an input; choose another";
      return false;
    }
    if (takenByNetwork(name->text, layer)) {
      diagnostics.error(name->mark) << "layer " << quote(name->text)
                                    << " has the name of a network, which its weights begin with; choose another";
      return false;
    }
    if (auto first = sources.find(name->text); first != sources.end()) {
      InFlightDiagnostic error = diagnostics.error(name->mark);
      error << "two layers are named " << quote(name->text) << "; choose another name for one of them";
      error.attachNote(diagnostics.at(model.layers[first->second.index].mark)) << "the first is here";
      return false;
    }
    return true;
  }

  bool readInputs(const Node *options, const Subject &subject, Layer &layer) {
    const Node *inputs = options ? options->find("inputs") : nullptr;
    bool good = true;
    if (!inputs) {
      if (!model.layers.empty())
        layer.inputs.push_back({Source::Kind::Layer, model.layers.size() - 1});
      else if (model.inputs.size() > 1) {
        diagnostics.error(layer.mark) << subject.text << " is the first; with several inputs it has to name those that "
                                      << "it reads, such as inputs: " << model.inputs[0].name;
        return false;
      } else
        layer.inputs.push_back(model.inputs.empty() ? Source() : Source{Source::Kind::Input, 0});
    } else if (inputs->isScalar()) {
      good = addInput(*inputs, subject, layer);
    } else if (inputs->isList() && !inputs->items.empty()) {
      for (const Node &item : inputs->items) good &= addInput(item, subject, layer);
    } else {
      diagnostics.error(inputs->mark) << subject.text << ": inputs is "
                                      << (inputs->isList() ? "an empty list" : inputs->describe())
                                      << "; expected a list of names of earlier layers";
      return false;
    }
    int count = layer.inputs.size(), least = layer.spec->minInputs, most = layer.spec->maxInputs;
    if (good && (count < least || count > most)) {
      std::string expected = std::to_string(least) + (most > least ? " to " + std::to_string(most) : "");
      diagnostics.error(inputs ? inputs->mark : layer.mark)
          << subject.text << " has " << count << (count == 1 ? " input" : " inputs") << "; expected " << expected
          << (inputs ? "" : ": name them, such as inputs: [NAME, NAME]");
      return false;
    }
    return good;
  }

  bool addInput(const Node &node, const Subject &subject, Layer &layer) {
    layer.inputs.emplace_back();
    if (!node.isScalar()) {
      diagnostics.error(node.mark) << subject.text << ": inputs has " << node.describe()
                                   << " in its list; expected the name of an earlier layer";
      return false;
    }
    if (auto source = resolve(node.text)) {
      layer.inputs.back() = *source;
      return true;
    }
    // LAYER.EXTRA; whether the layer has such is known when it is built.
    auto [name, extra] = StringRef(node.text).split('.');
    if (auto source = sources.find(name); source != sources.end() && isName(extra, /*dots=*/false)) {
      layer.inputs.back() = source->second;
      layer.inputs.back().extra = extra.str();
      layer.inputs.back().mark = node.mark;
      return true;
    }
    auto later = written.find(node.text);
    if (node.text == layer.name || (later != written.end() && later->second.layer >= model.layers.size())) {
      InFlightDiagnostic error = diagnostics.error(node.mark);
      if (node.text == layer.name) {
        error << subject.text << " names itself as an input; expected an earlier layer";
      } else {
        error << subject.text << ": its input " << quote(node.text)
              << " comes later; move that layer before this one";
        error.attachNote(diagnostics.at(later->second.mark)) << quote(node.text) << " is here";
      }
      return false;
    }
    diagnostics.error(node.mark) << subject.text << ": no earlier layer or input is named " << quote(node.text)
                                 << suggestion(node.text, sourceNames());
    return false;
  }

  std::optional<Source> resolve(StringRef name) const {
    for (auto [index, input] : llvm::enumerate(model.inputs))
      if (input.name == name) return Source{Source::Kind::Input, index};
    auto found = sources.find(name);
    return found == sources.end() ? std::nullopt : std::optional(found->second);
  }

  // At most a dozen, the latest, so that messages stay readable.
  std::vector<StringRef> sourceNames() const {
    std::vector<StringRef> names;
    for (const Input &input : model.inputs) names.push_back(input.name);
    size_t first = model.layers.size() > 12 ? model.layers.size() - 12 : 0;
    for (size_t i = first; i < model.layers.size(); ++i) names.push_back(model.layers[i].name);
    return names;
  }

  //===--- outputs --------------------------------------------------------------===//

  void readOutputs(const Node *node) {
    if (!node) {
      model.outputs.push_back({Source::Kind::Layer, model.layers.size() - 1});
      model.outputMarks.push_back(model.layers.back().mark);
      return;
    }
    if (!node->isList() || node->items.empty()) {
      diagnostics.error(node->mark) << "outputs is " << (node->isList() ? "an empty list" : node->describe())
                                    << "; expected a list of names of layers";
      return;
    }
    for (const Node &item : node->items) {
      auto found = item.isScalar() ? sources.find(item.text) : sources.end();
      if (found == sources.end()) {
        auto error = diagnostics.error(item.mark);
        error << "outputs has " << item.describe() << " in its list; expected the name of a layer";
        if (item.isScalar()) error << suggestion(item.text, sourceNames());
      } else if (llvm::any_of(model.outputs, [&](Source source) { return source.index == found->second.index; })) {
        diagnostics.error(item.mark) << "outputs names " << quote(item.text) << " twice; leave one out";
      } else {
        model.outputs.push_back(found->second);
        model.outputMarks.push_back(item.mark);
      }
    }
  }

  //===--- weights --------------------------------------------------------------===//

  void readWeights(const Node &node) {
    WeightsSource weights;
    weights.mark = node.mark;
    Subject subject{"section 'weights'", node.mark, diagnostics.at(node.mark)};
    nn::Options options;
    if (!optionReader.read(&node, subject, sectionOptions("weights"), {"rename"}, options)) return;
    weights.path = options.text("path");
    weights.layout = options.text("layout");
    weights.skip = options.texts("skip");
    const Node *rename = node.find("rename");
    if (rename && !rename->isMap() && !rename->isNull()) {
      diagnostics.error(rename->mark) << subject.text << ": rename is " << rename->describe()
                                      << "; expected a map of the file's names to the model's, such as "
                                         "{features.0: conv2d}";
      return;
    }
    if (rename)
      for (const Entry &entry : rename->entries) {
        if (!checkRenaming(entry)) return;
        weights.rename.emplace_back(entry.key.text, entry.value.text);
      }
    model.weights = std::move(weights);
  }

  bool checkRenaming(const Entry &entry) {
    auto stars = [](StringRef text) { return text.count('*'); };
    auto printable = [](StringRef text) {
      return llvm::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    };
    if (!entry.value.isScalar() || entry.value.text.empty() || entry.key.text.empty() ||
        !printable(entry.key.text) || !printable(entry.value.text)) {
      diagnostics.error(entry.value.mark) << "section 'weights': rename maps " << quote(entry.key.text) << " to "
                                          << entry.value.describe() << "; expected the name of a weight or layer";
      return false;
    }
    if (stars(entry.key.text) > 1 || stars(entry.value.text) > stars(entry.key.text)) {
      diagnostics.error(entry.key.mark) << "section 'weights': rename maps " << quote(entry.key.text) << " to "
                                        << quote(entry.value.text)
                                        << "; expected at most one * on the left, and on the right only what the left has";
      return false;
    }
    return true;
  }

  //===--- train ----------------------------------------------------------------===//

  void readTrain(const Node &node) {
    Subject subject{"section 'train'", node.mark, diagnostics.at(node.mark)};
    nn::Options options;
    std::vector<StringRef> others(std::begin(criteriaKeys), std::end(criteriaKeys));
    others.insert(others.end(), {"optimizer", "freeze", "learning_rate_multipliers"});
    bool good = optionReader.read(&node, subject, sectionOptions("train"), others, options);
    if (good) {
      model.batchSize = options.integer("batch_size");
      model.epochs = options.integer("epochs");
      readGrouping(node, options);
      model.lanes = options.integer("lanes");
      model.exact = options.text("numerics") == "exact";
      model.accumulationSteps = options.integer("gradient_accumulation_steps");
      for (auto &[name, entry] : options.all())
        if (auto *component = std::get_if<nn::Component>(&entry.value))
          model.trainComponents.emplace_back(name, *component);
    }
    if (!node.isMap() && !node.isNull()) return;
    readLosses(node, model, diagnostics, optionReader);
    if (const Node *optimizer = node.find("optimizer"))
      model.optimizer = choose(diagnostics, optionReader, *optimizer, "optimizer", nn::optimizers());
    else
      diagnostics.error(node.mark) << "section 'train' needs an optimizer; known: "
                                   << join(namesOf(nn::optimizers()));
    readMetrics(node, model, diagnostics, optionReader);
    if (const Node *freeze = node.find("freeze")) readFreeze(*freeze);
    if (const Node *multipliers = node.find("learning_rate_multipliers")) readMultipliers(*multipliers);
    if (const Node *optimizer = node.find("optimizer"); optimizer && model.optimizer.spec) checkOptimizer(*optimizer, node);
    for (auto &[name, component] : model.trainComponents) checkMonitor(*node.find(name), name, component);
  }

  // How samples are put together in batches.
  void readGrouping(const Node &node, const nn::Options &options) {
    auto error = [&](StringRef option) {
      const Node *written = node.find(option);
      auto found = diagnostics.error(written ? written->mark : node.mark);
      found << "section 'train': ";
      return found;
    };
    model.byLength = options.text("batch_by") == "length";
    bool lengths = llvm::any_of(model.inputs, [](const Input &input) { return input.lengths; });
    if (model.byLength && !lengths)
      error("batch_by") << "batch_by: length needs an input with lengths; expected lengths: true in section 'input'";
    bool classes = options.has("classes_per_batch"), samples = options.has("samples_per_class");
    if (classes != samples) {
      error(classes ? "classes_per_batch" : "samples_per_class")
          << "classes_per_batch and samples_per_class belong together; expected both of them";
      return;
    }
    if (!classes) return;
    model.classesPerBatch = options.integer("classes_per_batch");
    model.samplesPerClass = options.integer("samples_per_class");
    int64_t size = model.classesPerBatch * model.samplesPerClass;
    if (model.byLength)
      error("batch_by") << "batches are by length or by classes; leave batch_by or classes_per_batch out";
    else if (size > 65536)
      error("classes_per_batch") << "a batch has " << model.classesPerBatch << " * " << model.samplesPerClass
                                 << " samples; expected at most 65536";
    else if (node.find("batch_size") && model.batchSize != size)
      error("batch_size") << "batch_size is " << model.batchSize << ", but a batch has " << model.classesPerBatch
                          << " classes of " << model.samplesPerClass << " samples; expected " << size
                          << ", or no batch_size";
    model.batchSize = size;
  }

  // What no option can say of itself.
  void checkOptimizer(const Node &node, const Node &train) {
    const nn::Options &options = model.optimizer.options;
    if (options.has("clipvalue") && options.has("global_clipnorm"))
      diagnostics.error(node.mark) << "optimizer '" << model.optimizer.spec->name
                                   << "' has both clipvalue and global_clipnorm; leave one of them out";
    const Node *plateau = train.find("reduce_lr_on_plateau");
    if (plateau && options.optionalComponent("learning_rate"))
      diagnostics.error(plateau->mark) << "reduce_lr_on_plateau lowers a constant learning rate, but the optimizer has "
                                          "a schedule; leave one of them out";
    if (const Node *keep = train.find("keep_best"))
      for (auto &[name, component] : model.trainComponents)
        if (name == "early_stopping" && component.number("restore_best") != 0)
          diagnostics.error(keep->mark) << "early_stopping keeps the best weights already; leave keep_best out, or "
                                           "give early_stopping restore_best: false";
  }

  // The value that early_stopping and its like watch: its name is checked and its mode decided.
  void checkMonitor(const Node &node, StringRef name, nn::Component &component) {
    auto find = [&](StringRef key) -> std::string * {
      for (auto &[known, text] : component.texts)
        if (known == key) return &text;
      return nullptr;
    };
    std::string *monitor = find("monitor");
    if (!monitor) return;
    std::vector<std::string> known = loggedNames(model);
    if (!llvm::is_contained(known, *monitor)) {
      const Node *written = node.find("monitor");
      diagnostics.error(written ? written->mark : node.mark)
          << name << ": nothing is called " << quote(*monitor)
          << suggestion(*monitor, std::vector<StringRef>(known.begin(), known.end()));
      return;
    }
    std::string *mode = find("mode");
    if (*mode != "auto") return;
    StringRef value = *monitor;
    value.consume_front("val_");
    bool less = value == "loss" || nn::find(nn::losses(), value) || value.ends_with("loss") || value.ends_with("error") ||
                llvm::is_contained({"mse", "mae", "rmse", "mape"}, value);
    *mode = less ? "min" : "max";
  }

  // One pattern of weight names, false with an error if the node is none.
  bool readPattern(const Node &node, StringRef option, double number, std::vector<ParameterPattern> &patterns) {
    if (!node.isScalar() || node.text.empty() || !llvm::GlobPattern::create(node.text)) {
      if (node.isScalar()) llvm::consumeError(llvm::GlobPattern::create(node.text).takeError());
      diagnostics.error(node.mark) << option << " has " << node.describe()
                                   << "; expected a pattern of weight names, such as \"conv2d*\" or \"*.bias\"";
      return false;
    }
    patterns.push_back({node.text, node.mark, number});
    return true;
  }

  void readFreeze(const Node &node) {
    if (!node.isList() || node.items.empty()) {
      diagnostics.error(node.mark) << "freeze is " << (node.isList() ? "an empty list" : node.describe())
                                   << "; expected a list of patterns of weight names, such as [\"conv2d*\"]";
      return;
    }
    for (const Node &item : node.items) readPattern(item, "freeze", 0, model.freeze);
  }

  void readMultipliers(const Node &node) {
    if (!node.isMap() || node.entries.empty()) {
      diagnostics.error(node.mark) << "learning_rate_multipliers is " << (node.isMap() ? "an empty map" : node.describe())
                                   << "; expected patterns of weight names with numbers, such as {\"dense*\": 0.1}";
      return;
    }
    for (const Entry &entry : node.entries) {
      auto number = entry.value.isScalar() && !entry.value.quoted ? parseNumber(entry.value.text) : std::nullopt;
      if (!number || *number < 0)
        diagnostics.error(entry.value.mark) << "learning_rate_multipliers: " << quote(entry.key.text) << " gets "
                                            << entry.value.describe() << "; expected a number of at least 0 "
                                            << "(freeze saves what a multiplier of 0 computes in vain)";
      else
        readPattern(entry.key, "learning_rate_multipliers", *number, model.rateMultipliers);
    }
  }

  //===--- data -----------------------------------------------------------------===//

  void readData(const Node &node) {
    static const std::vector<StringRef> parts = {"train", "validation", "test"};
    if (!node.isMap()) {
      diagnostics.error(node.mark) << "section 'data' is " << node.describe()
                                   << "; expected train: {image_folder: PATH} and perhaps validation and test";
      return;
    }
    for (const Entry &entry : node.entries) {
      if (llvm::is_contained(parts, StringRef(entry.key.text))) {
        if (auto reader = withoutAugment(entry.key, entry.value)) readPart(entry.key, *reader);
      } else
        diagnostics.error(entry.key.mark) << "section 'data' has no part " << quote(entry.key.text)
                                          << suggestion(entry.key.text, parts);
    }
    if (!node.find("train"))
      diagnostics.error(node.mark) << "section 'data' needs the part 'train': the samples to learn from, such as "
                                      "train: {image_folder: PATH}";
    checkSplits();
  }

  // Reads `augment` beside the reader of the training samples, and leaves the reader; nothing where an
  // error has said all that is wrong.
  std::optional<Node> withoutAugment(const Node &key, Node node) {
    auto found = llvm::find_if(node.entries, [](const Entry &entry) { return entry.key.text == "augment"; });
    if (found == node.entries.end()) return node;
    Subject subject{"augment", found->key.mark, diagnostics.at(found->key.mark)};
    if (key.text != "train") {
      diagnostics.error(subject.mark) << "data: " << key.text << " has an augment; expected it only in 'train': "
                                      << "what a model is measured by stays as it is";
      if (node.entries.size() == 1) return std::nullopt;
    } else if (node.entries.size() == 1) {
      diagnostics.error(subject.mark) << "data: " << key.text << " has an augment, but no samples; expected a reader "
                                      << "beside it, such as image_folder: PATH";
      return std::nullopt;
    } else {
      Augment read{{}, subject.mark};
      if (optionReader.read(&found->value, subject, augmentOptions(), {}, read.options) && checkAugment(read))
        augment = std::move(read);
    }
    node.entries.erase(found);
    return node;
  }

  bool checkAugment(const Augment &augment) {
    return checkInputs(augment.mark, "augment",
                       [&](const Input &input) { return augmentComplaint(augment.options, input); });
  }

  // Does every input suit? `complaint` says what is wrong with one, or "".
  bool checkInputs(Mark mark, StringRef subject, function_ref<std::string(const Input &)> complaint) {
    for (const Input &input : model.inputs) {
      if (input.shape.empty()) continue; // already an error
      std::string found = complaint(input);
      if (found.empty()) continue;
      InFlightDiagnostic error = diagnostics.error(mark);
      error << subject << ": " << found;
      error.attachNote(diagnostics.at(input.mark)) << "the input is here";
      return false;
    }
    return true;
  }

  void readPart(const Node &key, const Node &node) {
    bool train = key.text == "train";
    if (!node.isMap() || node.entries.size() != 1) {
      diagnostics.error(node.mark) << "data: " << key.text << " is "
                                   << (node.isMap() ? "a map of " + std::to_string(node.entries.size()) : node.describe())
                                   << "; expected one reader with its path, such as {image_folder: PATH}"
                                   << (train ? "" : ", or {fraction: 0.2} of train");
      return;
    }
    const Node &name = node.entries[0].key, &value = node.entries[0].value;
    const ReaderSpec *spec = nn::find(readers(), name.text);
    if (!spec) {
      diagnostics.error(name.mark) << "no reader is called " << quote(name.text)
                                   << suggestion(name.text, namesOf(readers()));
      return;
    }
    DataPart part;
    part.part = key.text;
    part.mark = name.mark;
    Subject subject{(spec->isSplit ? "split '" : "reader '") + spec->name + "'", name.mark, diagnostics.at(name.mark)};
    if (spec->isSplit && train) {
      diagnostics.error(name.mark) << subject.text << " takes a part of the training samples; expected a reader of "
                                                      "them for train, such as {image_folder: PATH}";
      return;
    }
    part.spec = spec;
    if (!readReaderOptions(value, *spec, subject, part.options) || !readInside(value, subject, part)) return;
    if (!checkReader(part, subject)) return;
    if (part.part == "train") part.augment = std::move(augment);
    model.data.push_back(std::move(part));
  }

  // Options inside of an option go by both names: `only.column`.
  bool readReaderOptions(const Node &value, const ReaderSpec &spec, const Subject &subject, nn::Options &options) {
    const Node *node = value.isScalar() && !spec.scalar.empty() ? &asOption(value, spec.scalar) : &value;
    std::vector<OptionSpec> plain;
    std::vector<StringRef> others;
    for (const OptionSpec &option : spec.options)
      if (option.kind == OptionKind::Options) others.push_back(option.name);
      else plain.push_back(option);
    bool good = optionReader.read(node, subject, plain, others, options);
    for (const OptionSpec &option : spec.options) {
      const Node *inside = option.kind == OptionKind::Options ? node->find(option.name) : nullptr;
      if (!inside || option.inside.empty()) continue; // a reader: readInside()
      Subject inner{subject.text + ": option '" + option.name + "'", inside->mark, diagnostics.at(inside->mark)};
      nn::Options read;
      if (!inside->isMap()) {
        diagnostics.error(inside->mark) << inner.text << " is " << inside->describe()
                                        << "; expected its options: {option: value, ...}";
        good = false;
      } else if (optionReader.read(inside, inner, option.inside, {}, read)) {
        for (auto &[name, entry] : read.all()) options.set(option.name + "." + name, entry.value, entry.location);
      } else {
        good = false;
      }
    }
    if (!good || !spec.optionsComplaint) return good;
    std::string complaint = spec.optionsComplaint(options);
    if (complaint.empty()) return true;
    diagnostics.error(subject.mark) << subject.text << ": " << complaint;
    return false;
  }

  // The reader that pairs are of: its options are `of.path`, ...
  bool readInside(const Node &value, const Subject &subject, DataPart &part) {
    if (part.spec->name != "pairs") return true;
    const Node *of = value.find("of");
    if (!of || !of->isMap() || of->entries.size() != 1) {
      diagnostics.error(of ? of->mark : subject.mark)
          << subject.text << ": option 'of' is "
          << (!of ? "missing" : of->isMap() ? "a map of " + std::to_string(of->entries.size()) : of->describe())
          << "; expected the reader of the samples, such as of: {image_folder: PATH}";
      return false;
    }
    const Node &name = of->entries[0].key;
    part.inside = nn::find(readers(), name.text);
    if (!part.inside || part.inside->isSplit || part.inside->name == "pairs" || part.inside->time) {
      std::vector<StringRef> able;
      for (const ReaderSpec &reader : readers())
        if (!reader.isSplit && !reader.time && reader.name != "pairs") able.push_back(reader.name);
      diagnostics.error(name.mark) << subject.text << ": no reader of classes is called " << quote(name.text)
                                   << suggestion(name.text, able);
      return false;
    }
    Subject inner{subject.text + " of '" + part.inside->name + "'", name.mark, diagnostics.at(name.mark)};
    nn::Options read;
    if (!readReaderOptions(of->entries[0].value, *part.inside, inner, read)) return false;
    // Its samples have classes, not targets by output.
    std::string complaint;
    if (part.inside->targetsComplaint) complaint = part.inside->targetsComplaint(read, /*byOutput=*/false);
    if (!complaint.empty()) {
      diagnostics.error(inner.mark) << inner.text << ": " << complaint;
      return false;
    }
    part.options.set("of", part.inside->name, inner.location);
    for (auto &[key, entry] : read.all()) part.options.set("of." + key, entry.value, entry.location);
    return true;
  }

  // {NAME: value}, kept until the next.
  const Node &asOption(const Node &value, StringRef name) {
    Node key;
    key.kind = Node::Kind::Scalar;
    key.mark = value.mark;
    key.text = name.str();
    shortForm = Node();
    shortForm.kind = Node::Kind::Map;
    shortForm.mark = value.mark;
    shortForm.entries.push_back({std::move(key), value});
    return shortForm;
  }

  void checkSplits() {
    const DataPart *train = nullptr;
    for (const DataPart &part : model.data)
      if (part.part == "train") train = &part;
    double sum = 0;
    for (const DataPart &part : model.data) {
      if (!part.spec->isSplit) continue;
      if (train && !checkSplit(part, train->samples())) continue;
      StringRef share = part.spec->name;
      if (share != "fraction" && share != "last") continue;
      double fraction = part.options.number(share);
      sum += fraction;
      if (fraction > 0 && sum < 1) continue;
      diagnostics.error(part.options.location(share))
          << "split '" << share << "' takes " << formatNumber(fraction)
          << (sum > fraction ? " (with the other part " + formatNumber(sum) + ")" : "")
          << " of the training samples; expected more than 0 and less than 1 in all";
    }
  }

  // Does the reader of the training samples have what the split goes by?
  bool checkSplit(const DataPart &part, const ReaderSpec &train) {
    StringRef split = part.spec->name;
    bool byColumn = split == "group" || split == "list" || (split == "fold" && !part.options.text("column").empty());
    std::string complaint;
    std::vector<StringRef> able;
    for (const ReaderSpec &reader : readers())
      if (split == "last" ? reader.time : reader.columns) able.push_back(reader.name);
    if (split == "last" && !train.time)
      complaint = "takes the end of a series, but the reader of train is '" + train.name + "'; expected " + join(able) +
                  ", or take a fraction";
    else if (split != "last" && train.time)
      complaint = "takes samples from anywhere, but those of '" + train.name +
                  "' overlap; expected last: 0.2, the end of the series";
    else if (byColumn && !llvm::is_contained(able, StringRef(train.name)))
      complaint = "takes samples by a column, but the reader of train is '" + train.name + "'; expected one of " +
                  join(able) + ", or take a fraction";
    else if (split == "fold" && !train.columns)
      complaint = "needs a reader with folds, but that of train is '" + train.name + "'; take a fraction";
    else if (split == "fold" && part.options.integer("index") >= part.options.integer("of"))
      complaint = "is number " + std::to_string(part.options.integer("index")) + " of " +
                  std::to_string(part.options.integer("of")) + "; expected an index below that, from 0";
    if (complaint.empty()) return true;
    diagnostics.error(part.mark) << "split '" << split << "' " << complaint;
    return false;
  }

  bool checkReader(const DataPart &part, const Subject &subject) {
    if (part.spec->isSplit || model.inputs.empty()) return true;
    if (model.inputs.size() > 1 && !part.spec->severalInputs) {
      std::vector<StringRef> able;
      for (const ReaderSpec &other : readers())
        if (other.severalInputs) able.push_back(other.name);
      diagnostics.error(subject.mark) << subject.text << ": it fills one input, but the model has "
                                      << model.inputs.size() << "; expected a reader of several: " << join(able);
      return false;
    }
    if (part.inside && !checkPairs(subject)) return false;
    if (!checkTargets(part, subject)) return false;
    const ReaderSpec &reader = part.samples();
    return checkInputs(subject.mark, subject.text, [&](const Input &input) -> std::string {
      if (input.lengths && !reader.lengths)
        return "its samples have no lengths, but input '" + input.name + "' has lengths: true; leave that out, or "
               "take a reader of sequences";
      return reader.complaint(input);
    });
  }

  // Can the reader give the targets that the losses look at?
  bool checkTargets(const DataPart &part, const Subject &subject) {
    const ReaderSpec &reader = *part.spec;
    std::string complaint = reader.targetsComplaint ? reader.targetsComplaint(part.options, model.lossesByOutput) : "";
    bool tables = reader.targetsComplaint && !part.options.text("labels").empty();
    for (const JudgedOutput &judged : model.judged)
      if (complaint.empty() && judged.missing && !tables) {
        std::vector<StringRef> able;
        for (const ReaderSpec &other : readers())
          if (other.targetsComplaint) able.push_back(other.name);
        complaint = "missing_targets names output '" + model.nameOf(model.outputs[judged.output]) +
                    "', but here each sample has all targets; expected a reader whose labels are a CSV file: " +
                    join(able);
      }
    if (complaint.empty()) return true;
    diagnostics.error(subject.mark) << subject.text << ": " << complaint;
    return false;
  }

  bool checkPairs(const Subject &subject) {
    bool alike = model.inputs.size() == 2 && model.inputs[0].shape == model.inputs[1].shape &&
                 model.inputs[0].pixels == model.inputs[1].pixels && model.inputs[0].lengths == model.inputs[1].lengths;
    if (alike) return true;
    diagnostics.error(subject.mark) << subject.text << " fills two inputs alike, but the model has "
                                    << (model.inputs.size() == 2 ? "two of different shape or type"
                                                                 : std::to_string(model.inputs.size()))
                                    << "; expected inputs: {left: {shape: ...}, right: {shape: ...}}";
    return false;
  }

  struct Place {
    size_t layer;
    Mark mark;
  };

  Diagnostics &diagnostics;
  OptionReader optionReader;
  Model model;
  std::optional<Augment> augment;    // read before the part it belongs to
  Node shortForm;
  llvm::StringMap<Place> written;    // names in the file: where each stands first
  llvm::StringMap<Source> sources;   // layers read so far
  llvm::StringMap<unsigned> counts;  // names made up so far, by kind
};

} // namespace

Model readModel(const Node &root, Diagnostics &diagnostics) {
  if (root.isMap() && !root.entries.empty()) return ModelReader(diagnostics).read(root);
  diagnostics.error(root.mark) << "the file holds " << (root.isMap() ? "an empty map" : root.describe())
                               << "; expected a model: model, input, layers, train, data";
  return {};
}

} // namespace nncc::frontend
