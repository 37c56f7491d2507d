//===- RecurrentLayers.cpp - lstm, gru, simple_rnn and bidirectional --------===//
//
// Keras's layers: options, defaults, weights and their layouts. The products of all steps with the
// input are one dense over folded steps; the recurrence is one op.
//
//===----------------------------------------------------------------------===//
#include "nn/Definitions.h"
#include "nn/Folding.h"
#include "nn/KernelOptions.h"
#include "nn/Shapes.h"
#include "nn/ops/Recurrent.h"
#include "nn/ops/Sequence.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace nncc::nn {

namespace {

enum class Cell { Lstm, Gru, SimpleRnn };

struct Kind {
  Cell cell;
  const char *name;
  int64_t gates;   // columns a unit of the kernels
  int64_t states;  // that it carries from step to step
};

constexpr Kind kKinds[] = {{Cell::Lstm, "lstm", 4, 2}, {Cell::Gru, "gru", 3, 1}, {Cell::SimpleRnn, "simple_rnn", 1, 1}};

// What one direction gives, [N,T,units] and [N,units].
struct Built {
  Value hidden;
  SmallVector<Value> states;
};

// Emits one direction of a layer. Options are those of the kind.
class Direction {
public:
  Direction(LayerBuilder &layer, const Options &options, const Kind &kind, bool reversed)
      : layer(layer), options(options), kind(kind), units(options.integer("units")), reversed(reversed) {}

  // `initial`: as many states as the kind has, or none. Null results after an error.
  Built build(Value src, ValueRange initial) {
    int64_t features = shapeOf(src)[2], columns = kind.gates * units;
    Value kernel = weight("kernel", "kernel", {features, columns});
    Value recurrent = weight("recurrent_kernel", "recurrent", {units, columns});
    auto [inputBias, recurrentBias] = biases();
    if (failed) return {};
    if (double rate = options.number("dropout"))
      src = layer.create<ScaleStepsOp>(src, mask(src, features, rate, "dropout"));
    Value gates = layer.create<DenseOp>(foldSteps(layer, src, 1), kernel, inputBias);
    gates = unfoldSteps(layer, gates, src, 1);
    Value dropped;
    if (double rate = options.number("recurrent_dropout")) dropped = mask(src, units, rate, "recurrent_dropout");
    OpBuilder &b = layer.builder;
    BoolAttr backwards = b.getBoolAttr(reversed);
    StringAttr activation = b.getStringAttr(options.text("activation")), recurrentActivation;
    if (kind.cell != Cell::SimpleRnn) recurrentActivation = b.getStringAttr(options.text("recurrent_activation"));
    Value hidden0 = initial.empty() ? Value() : initial[0], cell0 = initial.size() < 2 ? Value() : initial[1];
    Built built;
    switch (kind.cell) {
    case Cell::Lstm: {
      auto op = layer.create<LstmOp>(gates, recurrent, layer.lengths, hidden0, cell0, dropped, backwards, activation,
                                     recurrentActivation);
      built.hidden = op.getHidden();
      built.states = {last(op.getHidden()), last(op.getCells())};
      break;
    }
    case Cell::Gru:
      built.hidden = layer.create<GruOp>(gates, recurrent, recurrentBias, layer.lengths, hidden0, dropped, backwards,
                                         activation, recurrentActivation)
                         .getHidden();
      built.states = {last(built.hidden)};
      break;
    case Cell::SimpleRnn:
      built.hidden = layer.create<SimpleRnnOp>(gates, recurrent, layer.lengths, hidden0, dropped, backwards, activation);
      built.states = {last(built.hidden)};
    }
    return built;
  }

private:
  Value weight(StringRef name, const std::string &option, ArrayRef<int64_t> shape) {
    return layer.weight(name, shape, options.component(option + "_initializer"), shape[0], shape[1],
                        options.optionalComponent(option + "_regularizer"));
  }

  // Of the input's products and of the recurrent ones. Keras keeps them in one weight, [2,3u], where
  // the reset gate stands between the two.
  std::pair<Value, Value> biases() {
    if (!options.boolean("use_bias")) return {};
    int64_t columns = kind.gates * units;
    Component initializer = options.component("bias_initializer");
    if (kind.cell == Cell::Lstm && options.boolean("unit_forget_bias") && !forgetting(initializer)) return {};
    const Component *regularizer = options.optionalComponent("bias_regularizer");
    if (kind.cell != Cell::Gru)
      return {layer.weight("bias", {columns}, initializer, columns, columns, regularizer), Value()};
    Value both = layer.weight("bias", {2, columns}, initializer, 2, columns, regularizer);
    Value sides = layer.create<PermuteOp>(both, ArrayRef<int64_t>{1, 0});
    auto side = [&](int64_t index) -> Value {
      Value one = layer.create<SliceOp>(sides, ArrayRef<int64_t>{0, index}, ArrayRef<int64_t>{columns, 1});
      Value flat = layer.create<ReshapeOp>(tensorType(one).clone({columns}), one);
      // A value of its own, whose gradient is summed up before it is put together with the other's.
      return layer.create<RescaleOp>(flat, layer.builder.getF64FloatAttr(1), layer.builder.getF64FloatAttr(0),
                                     TypeAttr::get(layer.elementType));
    };
    Value input = side(0);
    return {input, side(1)};
  }

  // The bias of the forget gate starts at 1, the others as they were said to.
  bool forgetting(Component &initializer) {
    double value = 0;
    if (initializer.name == "constant") value = initializer.number("value");
    else if (initializer.name == "ones") value = 1;
    else if (initializer.name != "zeros") {
      layer.error(options.location("bias_initializer"))
          << "bias_initializer '" << initializer.name << "' goes with unit_forget_bias: false only, which else sets a "
          << "part of the bias to 1; expected zeros, ones or constant";
      failed = true;
      return false;
    }
    std::vector<double> values(4 * units, value);
    std::fill_n(values.begin() + units, units, 1.0);
    initializer = {"values", {}};
    initializer.arrays.push_back({"values", {{4 * units}, std::move(values)}});
    return true;
  }

  // One for all steps. The layer's name and the word tell its numbers from all others.
  Value mask(Value src, int64_t columns, double rate, const char *word) {
    int64_t stream = llvm::xxh3_64bits(layer.layer + "." + word) & 0x7fffffff;
    return layer.create<DropoutMaskOp>(tensorType(src).clone({shapeOf(src)[0], columns}), src,
                                       layer.builder.getF64FloatAttr(rate), layer.builder.getI64IntegerAttr(stream));
  }

  // Where the loop ends.
  Value last(Value sequence) {
    auto shape = shapeOf(sequence);
    if (layer.lengths && !reversed && shape[1] > 1) return layer.create<LastStepOp>(sequence, layer.lengths);
    Value step = sequence;
    if (shape[1] > 1)
      step = layer.create<SliceOp>(sequence, ArrayRef<int64_t>{0, reversed ? 0 : shape[1] - 1, 0},
                                   ArrayRef<int64_t>{shape[0], 1, shape[2]});
    return layer.create<ReshapeOp>(tensorType(sequence).clone({shape[0], shape[2]}), step);
  }

  LayerBuilder &layer;
  const Options &options;
  const Kind &kind;
  int64_t units;
  bool reversed;
  bool failed = false;
};

const Kind *kindOf(StringRef name) {
  for (const Kind &kind : kKinds)
    if (name == kind.name) return &kind;
  return nullptr;
}

const char *const kStateNames[] = {"state_h", "state_c"};

bool refusesInputs(LayerBuilder &layer, StringRef name, ValueRange inputs, int64_t states, int64_t units) {
  if (tensorType(inputs[0]).getRank() != 3) {
    layer.error(layer.loc) << name << " expects an input [steps, features], found " << sampleShape(inputs[0].getType());
    return true;
  }
  if (inputs.size() != 1 && int64_t(inputs.size()) != 1 + states) {
    layer.error(layer.loc) << name << " expects one input or " << 1 + states << ", the others being its initial "
                           << (states > 1 ? "states" : "state") << "; found " << inputs.size();
    return true;
  }
  for (Value state : inputs.drop_front())
    if (shapeOf(state).drop_front() != ArrayRef<int64_t>{units}) {
      layer.error(layer.loc) << name << " expects initial states [" << units << "], one number a unit; found "
                             << sampleShape(state.getType());
      return true;
    }
  return false;
}

Value buildRecurrent(LayerBuilder &layer, const Options &options, ValueRange inputs, const Kind &kind) {
  if (refusesInputs(layer, kind.name, inputs, kind.states, options.integer("units"))) return {};
  bool reversed = options.boolean("go_backwards");
  Built built = Direction(layer, options, kind, reversed).build(inputs[0], inputs.drop_front());
  if (!built.hidden) return {};
  if (options.boolean("return_state"))
    for (auto [index, state] : llvm::enumerate(built.states)) layer.extras.push_back({kStateNames[index], state});
  if (!options.boolean("return_sequences")) return built.states[0];
  // In the order in which they were computed.
  return reversed ? layer.create<ReverseStepsOp>(built.hidden).getResult() : built.hidden;
}

Value buildBidirectional(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  const std::vector<NestedLayer> &nested = options.layers("layer");
  const Kind *kind = nested.size() == 1 ? kindOf(nested[0].spec->name) : nullptr;
  if (!kind) {
    layer.error(options.location("layer")) << "bidirectional expects one layer out of lstm, gru, simple_rnn";
    return {};
  }
  const Options &inner = nested[0].options;
  if (inner.boolean("go_backwards")) {
    layer.error(inner.location("go_backwards")) << "bidirectional goes both ways by itself: leave go_backwards out";
    return {};
  }
  int64_t states = kind->states;
  if (refusesInputs(layer, "bidirectional", inputs, 2 * states, inner.integer("units"))) return {};
  ValueRange initial = inputs.drop_front();
  Built built[2];
  for (bool backward : {false, true}) {
    const char *word = backward ? "backward" : "forward";
    LayerBuilder one(layer.builder, layer.program, layer.loc, layer.layer + "." + word + "_" + kind->name,
                     layer.elementType, layer.trainable);
    one.lengths = layer.lengths;
    built[backward] = Direction(one, inner, *kind, backward)
                          .build(inputs[0], initial.empty() ? initial : initial.slice(backward * states, states));
    layer.failed |= one.failed;
    if (!built[backward].hidden) return {};
    if (inner.boolean("return_state"))
      for (auto [index, state] : llvm::enumerate(built[backward].states))
        layer.extras.push_back({std::string(word) + "_" + (index ? "c" : "h"), state});
  }
  bool sequences = inner.boolean("return_sequences");
  Value a = sequences ? built[0].hidden : built[0].states[0], b = sequences ? built[1].hidden : built[1].states[0];
  StringRef mode = options.text("merge_mode");
  if (mode == "concat")
    return layer.create<ConcatenateOp>(ValueRange{a, b}, layer.builder.getI64IntegerAttr(tensorType(a).getRank() - 1));
  if (mode == "mul") return layer.create<MultiplyOp>(a, b);
  Value sum = layer.create<AddOp>(a, b);
  if (mode == "sum") return sum;
  return layer.create<RescaleOp>(sum, layer.builder.getF64FloatAttr(0.5), layer.builder.getF64FloatAttr(0),
                                 TypeAttr::get(layer.elementType));
}

LayerSpec recurrentLayer(const Kind &kind) {
  std::vector<std::string> activations;
  for (StringRef name : recurrentActivations()) activations.push_back(name.str());
  auto rate = [](const char *name, const char *doc) { return OptionSpec{name, OptionKind::Number, "0", doc, 1, {}, 0, 0.999}; };
  auto flag = [](const char *name, const char *value, const char *doc) {
    return OptionSpec{name, OptionKind::Boolean, value, doc};
  };
  std::vector<OptionSpec> options = {
      {"units", OptionKind::Integer, std::nullopt, "size of the state", 1, {}, 1, 1 << 16},
      {"activation", OptionKind::Choice, "tanh", "of the state", 1, activations}};
  if (kind.cell != Cell::SimpleRnn)
    options.push_back({"recurrent_activation", OptionKind::Choice, "sigmoid", "of the gates", 1, activations});
  options.push_back(flag("use_bias", "true", kind.cell == Cell::Gru ? "adds a bias to the products with the input and one to the recurrent ones" : "adds a bias to each gate"));
  options.push_back(initializerOption("kernel", "glorot_uniform", "the kernel"));
  options.push_back(initializerOption("recurrent", "orthogonal", "the recurrent kernel"));
  options.push_back(initializerOption("bias", "zeros", "the bias"));
  if (kind.cell == Cell::Lstm)
    options.push_back(flag("unit_forget_bias", "true", "the bias of the forget gate starts at 1"));
  options.push_back(regularizerOption("kernel", "the kernel"));
  options.push_back(regularizerOption("recurrent", "the recurrent kernel"));
  options.push_back(regularizerOption("bias", "the bias"));
  options.push_back(rate("dropout", "share of the inputs set to 0 in training, the same ones at all steps of a sample"));
  options.push_back(rate("recurrent_dropout", "the same of the state on its way into the recurrent products"));
  options.push_back(flag("return_sequences", "false", "true: the state at each step, [steps, units]"));
  options.push_back(flag("return_state", "false", kind.cell == Cell::Lstm
                             ? "true: others may name the last states, NAME.state_h and NAME.state_c, in their inputs"
                             : "true: others may name the last state, NAME.state_h, in their inputs"));
  options.push_back(flag("go_backwards", "false", "from the last step to the first; sequences come out in that order"));
  const char *doc = kind.cell == Cell::Lstm  ? "Long short-term memory over [steps, features]: [units]. Further inputs are the initial states."
                    : kind.cell == Cell::Gru ? "Gated recurrent units over [steps, features], the reset gate behind the product: [units]. A further input is the initial state."
                                             : "A fully connected recurrence over [steps, features]: [units]. A further input is the initial state.";
  return {kind.name, doc, options, 1, int(1 + kind.states),
          [&kind](LayerBuilder &layer, const Options &options, ValueRange inputs) {
            return buildRecurrent(layer, options, inputs, kind);
          },
          [](const Options &options) { return options.boolean("return_sequences") && !options.boolean("go_backwards"); }};
}

} // namespace

std::vector<LayerSpec> recurrentLayers() {
  std::vector<LayerSpec> layers;
  for (const Kind &kind : kKinds) layers.push_back(recurrentLayer(kind));
  layers.push_back(
      {"bidirectional",
       "A recurrent layer from the first step to the last and another like it the other way, put together at each step.",
       {{"layer", OptionKind::Layers, std::nullopt, "{lstm: {...}}, {gru: {...}} or {simple_rnn: {...}}"},
        {"merge_mode", OptionKind::Choice, "concat", "how the two are put together", 1, {"concat", "sum", "mul", "ave"}}},
       1,
       5,
       buildBidirectional,
       [](const Options &options) {
         const std::vector<NestedLayer> &nested = options.layers("layer");
         return nested.size() == 1 && kindOf(nested[0].spec->name) && nested[0].options.boolean("return_sequences");
       }});
  return layers;
}

} // namespace nncc::nn
