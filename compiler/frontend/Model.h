//===- Model.h - a model as its file describes it --------------------------===//
//
// What ModelReader makes of the YAML: every name resolved, every option checked by its
// declaration and with its default filled in. Shapes are not known here; the nn room derives
// them when it builds the layers.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_FRONTEND_MODEL_H
#define NNCC_FRONTEND_MODEL_H

#include "frontend/Yaml.h"
#include "nn/Registry.h"
#include <deque>

namespace nncc::frontend {

struct ReaderSpec;

struct Input {
  std::string name = "input";
  Mark mark;
  std::vector<int64_t> shape; // of one sample; empty if it could not be read
  bool pixels = false;        // u8, else the program's float type
  double scale = 1, offset = 0;
  bool lengths = false;       // samples have only the first steps of dimension 0, and say how many
  bool rescaled() const { return pixels || scale != 1 || offset != 0; }
};

// What a layer reads and what the model puts out: an input or a layer, by number.
struct Source {
  enum class Kind { Input, Layer, Unknown } kind = Kind::Unknown;
  size_t index = 0;
  std::string extra = {}; // what a layer gives beside its result: the last state of a recurrent one
  Mark mark = {};         // of the name, where there is an extra
};

struct Layer {
  std::string name;
  std::string kind; // as written
  Mark mark;
  const nn::LayerSpec *spec = nullptr; // null: no such layer
  std::vector<Source> inputs;
  nn::Options options;
  bool trainable = true;
  bool valid = true; // false: some error was reported in it, and it is not built
  const struct Network *network = nullptr; // that it applies, instead of being a layer of its own
};

// Layers that are applied as one, any number of times with the same weights. They read the network's
// one input, which they call "input", or each other; the last one is the result.
struct Network {
  std::string name;
  Mark mark;
  nn::LayerSpec spec; // what applying it may say; it has no `build`
  std::vector<Layer> layers;
};

// A loss, metric or reader with its options.
template <typename Spec> struct Chosen {
  const Spec *spec = nullptr; // null: missing or wrong
  nn::Options options;
  Mark mark;
};

// How training samples are varied, with the options of augmentOptions().
struct Augment {
  nn::Options options;
  Mark mark;
};

struct DataPart : Chosen<ReaderSpec> {
  std::string part; // train, validation, test
  const ReaderSpec *inside = nullptr; // the reader that pairs are of
  // Whose samples they are.
  const ReaderSpec &samples() const { return inside ? *inside : *spec; }
  std::optional<Augment> augment; // of train only
};

// Parameters by a pattern of their names, with * and ?: "conv2d*".
struct ParameterPattern {
  std::string pattern;
  Mark mark;
  double number = 0;  // what they get
};

// An output that has a loss.
struct JudgedOutput {
  size_t output = 0; // by number
  Chosen<nn::CriterionSpec> loss;
  double weight = 1; // of the loss in their sum
  bool missing = false; // may samples lack its target?
  std::vector<Chosen<nn::CriterionSpec>> metrics = {};
};

// A weights file that training starts from: the section `weights`.
struct WeightsSource {
  Mark mark;
  std::string path;
  std::string layout;
  std::vector<std::pair<std::string, std::string>> rename; // the file's name, ours
  std::vector<std::string> skip;
};

struct Model {
  std::string name;
  Mark mark;
  std::vector<Input> inputs;
  std::deque<Network> networks; // a deque: layers point to them
  std::vector<Layer> layers;
  std::vector<Source> outputs;
  std::vector<Mark> outputMarks;

  bool trained = false; // there is a section `train`
  // One, of the first output, unless the losses are written by output.
  std::vector<JudgedOutput> judged;
  bool lossesByOutput = false;
  std::vector<double> classWeights; // by class number; the classes behind have 1
  Chosen<nn::OptimizerSpec> optimizer;
  int64_t batchSize = 1, epochs = 1, lanes = 8;
  bool byLength = false;                         // batches of samples of like length
  int64_t classesPerBatch = 0, samplesPerClass = 0; // batches by classes; 0: not so
  bool exact = false;  // `numerics: exact`
  int64_t accumulationSteps = 1;  // batches whose gradients make one update
  // Options of `train` that have options: ema, early_stopping, ...; those that the file has.
  std::vector<std::pair<std::string, nn::Component>> trainComponents;
  std::vector<ParameterPattern> freeze;           // what is not trained
  std::vector<ParameterPattern> rateMultipliers;  // the last that matches counts

  std::vector<DataPart> data;
  std::optional<WeightsSource> weights;

  // As `inputs` may say it.
  std::string textOf(const Source &source) const {
    return source.extra.empty() ? nameOf(source) : nameOf(source) + "." + source.extra;
  }
  const std::string &nameOf(const Source &source) const {
    return source.kind == Source::Kind::Input ? inputs[source.index].name : layers[source.index].name;
  }
};

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_MODEL_H
