//===- Registry.h - what users write, and the ops it becomes ---------------===//
//
// Every word of the YAML's model and train sections that names a layer, activation, loss,
// optimizer, learning-rate schedule, metric or initializer is declared once, beside its ops (ops/*.cpp), with its
// options, their defaults and a line of documentation. The frontend reads options by these
// declarations and calls `build`; it knows no layer by name. Names and defaults are Keras's.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_NN_REGISTRY_H
#define NNCC_NN_REGISTRY_H

#include "nn/Dialect.h"
#include "llvm/ADT/StringMap.h"
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nncc::nn {

enum class OptionKind {
  Integer,      // 32
  Integers,     // a list of `count` integers, or one integer that stands for all: 3, [3, 3];
                // with a count of 0 a list of any length
  Pairs,        // `count` pairs [before, after], flat: 1, [1, 2] and [[1, 1], [2, 2]] for two;
                // a number stands for both of its pair or, alone, for all. One pair is [1, 2]
  Number,       // 0.001, 1e-7, 1/255
  NumberPair,   // a list of two numbers, or one number that stands for both: 0.1, [0.1, 0.2]
  Probability,  // a number from 0 to 1; true is 0.5, false is 0
  Boolean,      // true, false
  Choice,       // one of `choices`
  Activation,   // a name from activations(), or none
  Initializer,  // a name from initializers(), with options
  Text,         // a file's name, a column's, a metric's; numbers are texts too
  Texts,        // a list of texts, or one: [season, 3], cnt
  Numbers,      // a list of numbers: [0.1, 0.01]
  Array,        // numbers in nested lists: [[1, 0], [0, 1]]
  Options,      // {option: value} with the options in `inside`
  Schedule,     // a number, or a name from schedules(), with options
  Layers,       // a layer that another one wraps, {lstm: {units: 8}}, or a list of them
};

struct OptionSpec {
  std::string name;
  OptionKind kind;
  // As written in YAML; "" is an absent optional value, nullopt makes the option required.
  std::optional<std::string> defaultText;
  std::string doc;
  int count = 1;                     // Integers, Pairs
  std::vector<std::string> choices = {};  // Choice
  double minimum = -1e300;           // of each number
  double maximum = 1e300;
  std::vector<OptionSpec> inside = {};  // Options
};

// Numbers in the rows and columns in which they were written.
struct Array {
  std::vector<int64_t> shape;
  std::vector<double> values;  // the last dimension runs fastest
  mlir::Attribute toAttribute(mlir::MLIRContext *context) const;
};

// A name with options, both checked: an initializer, a schedule. Options inside of an option
// have no name.
struct Component {
  std::string name;
  std::vector<std::pair<std::string, double>> numbers;  // booleans are 0 and 1
  std::vector<std::pair<std::string, std::string>> texts = {};
  std::vector<std::pair<std::string, std::vector<double>>> lists = {};
  std::vector<std::pair<std::string, Array>> arrays = {};
  // {name = ..., key = number}, without a name where it has none.
  mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context) const;
  // The number `key`, which must be there.
  double number(llvm::StringRef key) const;
};

struct NestedLayer;
using NestedLayers = std::shared_ptr<const std::vector<NestedLayer>>;

using OptionValue = std::variant<std::monostate, int64_t, std::vector<int64_t>, double, bool,
                                 std::string, Component, std::vector<double>, std::vector<std::string>,
                                 Array, NestedLayers>;

// The options of one layer, checked against its specs and with defaults filled in. Each
// has the place where it was written (the layer's own for a default).
class Options {
public:
  struct Entry {
    OptionValue value;
    mlir::Location location;
  };

  void set(llvm::StringRef name, OptionValue value, mlir::Location location) {
    entries.insert_or_assign(name.str(), Entry{std::move(value), location});
  }
  // False for an absent optional value.
  bool has(llvm::StringRef name) const {
    return !std::holds_alternative<std::monostate>(at(name).value);
  }
  int64_t integer(llvm::StringRef name) const { return std::get<int64_t>(at(name).value); }
  const std::vector<int64_t> &integers(llvm::StringRef name) const {
    return std::get<std::vector<int64_t>>(at(name).value);
  }
  double number(llvm::StringRef name) const { return std::get<double>(at(name).value); }
  bool boolean(llvm::StringRef name) const { return std::get<bool>(at(name).value); }
  // "" where the option is absent.
  const std::string &text(llvm::StringRef name) const {
    return std::get<std::string>(at(name).value);
  }
  const std::vector<std::string> &texts(llvm::StringRef name) const {
    return std::get<std::vector<std::string>>(at(name).value);
  }
  const Component &component(llvm::StringRef name) const {
    return std::get<Component>(at(name).value);
  }
  // Null where the option is absent.
  const Component *optionalComponent(llvm::StringRef name) const {
    return std::get_if<Component>(&at(name).value);
  }
  const std::vector<double> &numbers(llvm::StringRef name) const {
    return std::get<std::vector<double>>(at(name).value);
  }
  const std::vector<NestedLayer> &layers(llvm::StringRef name) const {
    return *std::get<NestedLayers>(at(name).value);
  }
  mlir::Location location(llvm::StringRef name) const { return at(name).location; }
  // The location of an option set by the user, to point errors at.
  const std::map<std::string, Entry> &all() const { return entries; }

private:
  const Entry &at(llvm::StringRef name) const {
    auto found = entries.find(name.str());
    assert(found != entries.end() && "an option that its layer does not declare");
    return found->second;
  }
  std::map<std::string, Entry> entries;
};

// What a layer builds with: emits ops at its own location, declares weights. One builder a
// layer and function; a weight declared again (by another entry function) is the same one.
class LayerBuilder {
public:
  LayerBuilder(mlir::OpBuilder &builder, ProgramOp program, mlir::Location location,
               llvm::StringRef layer, mlir::FloatType element, bool trainable)
      : builder(builder), program(program), loc(location), layer(layer.str()),
        elementType(element), trainable(trainable) {}

  // Declares and reads the weight `layer.NAME`. `regularizer` has the numbers l1 and l2. Where the
  // initializer's numbers do not fit the shape, that is reported and `failed` is set; there is a
  // value in any case.
  mlir::Value weight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                     const Component &initializer, int64_t fanIn, int64_t fanOut,
                     const Component *regularizer = nullptr);

  // Creates an op after checking that its types can be inferred.
  template <typename OpT, typename... Args> OpT create(Args &&...args) {
    return OpT::create(builder, loc, std::forward<Args>(args)...);
  }
  // Applies the activation called `name` ("" is none).
  mlir::Value activate(llvm::StringRef name, mlir::Value value);

  mlir::InFlightDiagnostic error(mlir::Location where) { return mlir::emitError(where); }

  mlir::OpBuilder &builder;
  ProgramOp program;
  mlir::Location loc;
  std::string layer;
  mlir::FloatType elementType;
  bool trainable;
  bool failed = false;
  // Where the layer's first input is a sequence of which samples have only some steps: how many, i32 [N].
  mlir::Value lengths;
  // Where the samples are the steps of sequences of which each has only some (time_distributed): how many.
  mlir::Value foldedLengths;
  // What the layer makes of `lengths` where its result has other steps than its input, but some.
  mlir::Value resultLengths;
  // What the layer gives beside its result; others name it LAYER.NAME in their inputs.
  std::vector<std::pair<std::string, mlir::Value>> extras;
};

struct LayerSpec {
  std::string name;
  std::string doc;
  std::vector<OptionSpec> options;
  int minInputs = 1, maxInputs = 1;
  // Checks shapes (errors say expected, found and a hint) and emits the layer's ops.
  // Null after an error.
  std::function<mlir::Value(LayerBuilder &, const Options &, mlir::ValueRange inputs)> build;
  // Are the steps of the result those of the first input, so that its lengths hold for it too? Null: no, or the
  // layer says which lengths hold (LayerBuilder::resultLengths).
  std::function<bool(const Options &)> keepsSteps = nullptr;
};

// A layer among the options of another, checked like any: time_distributed's, bidirectional's.
struct NestedLayer {
  const LayerSpec *spec;
  Options options;
  mlir::Location location;
};

struct ActivationSpec {
  std::string name;
  std::string doc;
  std::function<mlir::Value(LayerBuilder &, mlir::Value)> build;
};

struct InitializerSpec {
  std::string name;
  std::string doc;
  std::vector<OptionSpec> options;  // numbers, and lists of numbers
};

// What a loss or metric looks at.
struct Judged {
  mlir::Value output, target;
  double threshold = 0.5;  // of a single unit: outputs above it mean the second class
  llvm::ArrayRef<double> classWeights = {};  // for losses that weigh classes; may be short
};

// A loss or metric. All losses, and most metrics, are one number a sample from the model's
// output and the target.
struct CriterionSpec {
  std::string name;
  std::string doc;
  std::vector<OptionSpec> options;
  // The target's type for an output's type, null with an error where the output does not
  // suit. Unused by metrics, which take the loss's target.
  std::function<mlir::RankedTensorType(mlir::Location, mlir::RankedTensorType output)> targetType;
  // Null for metrics that are no mean over samples: those are computed by the trainer from
  // all outputs and targets, in validation and test only.
  std::function<mlir::Value(LayerBuilder &, const Options &, const Judged &)> build;
  // Of such a metric: false with an error where output and target do not suit.
  std::function<bool(mlir::Location, mlir::RankedTensorType output, mlir::RankedTensorType target)>
      suits = nullptr;
  std::vector<std::string> aliases = {};  // short names that users may write instead
  bool weighsClasses = false;             // of a loss: takes class_weight
  bool ofBatch = false;                   // of a loss: compares the samples of a batch
  bool isTable = false;                   // of a metric: no number that could be logged
  // Of a loss: Judged::threshold, where it isn't 0.5.
  std::function<double(const Options &)> threshold = nullptr;
};

// How the learning rate follows from the updates done; the runtime computes it.
struct ScheduleSpec {
  std::string name;
  std::string doc;
  std::vector<OptionSpec> options;
  // What is wrong with options that fit their declarations one by one; "" if nothing is.
  std::function<std::string(const Options &)> complaint;
};

struct OptimizerSpec {
  std::string name;
  std::string doc;
  // Numbers, booleans and the schedule learning_rate; those of all optimizers among them.
  std::vector<OptionSpec> options;
  // What is kept for each parameter ("m", "v") and every element of it at the start.
  struct Slot {
    std::string name;
    double initial = 0;
  };
  // `options` is the optimizer's dictionary of the program's `train`.
  std::function<std::vector<Slot>(mlir::DictionaryAttr options)> slots;
  struct Step {
    mlir::Value parameter, gradient;
    llvm::SmallVector<mlir::Value> slots;
    mlir::Value learningRate, iteration;  // tensor<f64>, tensor<i64>: updates, from 1
  };
  // The new parameter and then the new slots.
  std::function<llvm::SmallVector<mlir::Value>(mlir::OpBuilder &, mlir::Location, const Step &,
                                               mlir::DictionaryAttr options)>
      build;
};

llvm::ArrayRef<LayerSpec> layers();
llvm::ArrayRef<ActivationSpec> activations();
llvm::ArrayRef<InitializerSpec> initializers();
llvm::ArrayRef<CriterionSpec> losses();
llvm::ArrayRef<CriterionSpec> metrics();
llvm::ArrayRef<OptimizerSpec> optimizers();
llvm::ArrayRef<ScheduleSpec> schedules();  // Schedules.cpp

// The spec of that name, or null.
template <typename Spec> const Spec *find(llvm::ArrayRef<Spec> specs, llvm::StringRef name) {
  for (const Spec &spec : specs) {
    if (spec.name == name) return &spec;
    if constexpr (requires { spec.aliases; })
      if (llvm::is_contained(spec.aliases, name)) return &spec;
  }
  return nullptr;
}

// Explicit zeros [top, left, bottom, right] for Keras's `padding`: `valid` is none, `same`
// gives ceil(size / stride) outputs with the odd zero at the end.
llvm::SmallVector<int64_t> explicitPads(llvm::StringRef padding, llvm::ArrayRef<int64_t> size,
                                        llvm::ArrayRef<int64_t> window,
                                        llvm::ArrayRef<int64_t> strides);

// "[32, 32, 3]": a sample's shape, as users write it.
std::string sampleShape(mlir::Type type);

} // namespace nncc::nn

#endif // NNCC_NN_REGISTRY_H
