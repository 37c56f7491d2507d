//===- Importer.cpp - model -> nn ------------------------------------------===//
//
// Emits the layers three times: in `predict` all of them, in `evaluate` those behind the outputs
// that losses and metrics look at, in `features` all, with every layer's value as a result. What a layer is made of only the nn room
// knows; here its inputs are handed over and its result's size is checked.
//
//===----------------------------------------------------------------------===//
#include "frontend/Importer.h"
#include "frontend/OptionReader.h"
#include "frontend/Readers.h"
#include "frontend/Text.h"
#include "nn/Criteria.h"
#include "nn/ops/Sequence.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace nncc::frontend {

// Of one tensor, batch included: what 32-bit indices in kernels can count.
static constexpr int64_t mostElements = int64_t(1) << 31;

static bool tooLarge(ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t size : shape)
    if (__builtin_mul_overflow(elements, size, &elements) || elements > mostElements) return true;
  return false;
}

namespace {

class Importer {
public:
  Importer(const Model &model, MLIRContext &context, const Options &options, Diagnostics &diagnostics)
      : model(model), context(context), options(options), diagnostics(diagnostics), builder(&context),
        element(options.f64 ? FloatType(builder.getF64Type()) : FloatType(builder.getF32Type())) {}

  OwningOpRef<ModuleOp> build() {
    OwningOpRef<ModuleOp> module = ModuleOp::create(diagnostics.at(model.mark));
    builder.setInsertionPointToEnd(module->getBody());
    createProgram();
    bool complete = buildPredict();
    if (complete && model.trained) complete = allLossesKnown() && buildEvaluate();
    // Not for the gradients' program, whose user waits for its kernels too.
    if (complete && !diagnostics.failed() && element.isF32()) buildFeatures();
    assert((complete || diagnostics.failed()) && "an incomplete program comes with an error");
    if (!complete || diagnostics.failed()) return {};
    if (failed(verify(*module))) {
      diagnostics.error(model.mark) << "this is a bug in nncc, not in the model: the program built from "
                                       "it does not verify; please report it with the model";
      return {};
    }
    return module;
  }

private:
  // What a layer became in one function; without a result where it is not needed or, after an
  // error, can't be built.
  struct Built {
    Value result;
    Value lengths = {}; // of its steps, where these are those of an input with lengths
    llvm::MapVector<Attribute, RankedTensorType> weights; // by symbol
    std::vector<std::pair<std::string, Value>> extras = {}; // LayerBuilder::extras
  };

  void createProgram() {
    std::string name = model.name.empty() ? "model" : model.name;
    program = nn::ProgramOp::create(builder, diagnostics.named(name, model.mark), builder.getStringAttr(name),
                                    builder.getI64IntegerAttr(model.batchSize),
                                    builder.getI64IntegerAttr(model.lanes), builder.getArrayAttr({}),
                                    trainSection(), dataSection(), weightsSection());
    program.getBody().emplaceBlock();
  }

  //===--- attributes -----------------------------------------------------------===//

  // Null where there is none.
  DictionaryAttr weightsSection() {
    if (!model.weights) return {};
    NamedAttrList weights, rename;
    weights.set("path", builder.getStringAttr(model.weights->path));
    weights.set("layout", builder.getStringAttr(model.weights->layout));
    for (auto &[from, to] : model.weights->rename) rename.set(from, builder.getStringAttr(to));
    weights.set("rename", rename.getDictionary(&context));
    SmallVector<StringRef> skip(model.weights->skip.begin(), model.weights->skip.end());
    weights.set("skip", builder.getStrArrayAttr(skip));
    return weights.getDictionary(&context);
  }

  DictionaryAttr trainSection() {
    NamedAttrList train;
    if (!model.trained || !allLossesKnown()) return train.getDictionary(&context);
    if (!model.lossesByOutput) setCriteria(train, model.judged[0]);
    if (model.optimizer.spec)
      train.set("optimizer", toAttribute(&context, model.optimizer.spec->name, model.optimizer.options));
    if (model.accumulationSteps > 1)
      train.set("gradient_accumulation_steps", builder.getI64IntegerAttr(model.accumulationSteps));
    if (model.exact) train.set(nn::kNumericsAttr, builder.getStringAttr("exact"));
    for (auto [name, component] : model.trainComponents) {
      component.name = name;
      train.set(name, component.toAttribute(&context));
    }
    if (model.byLength || model.classesPerBatch) {
      NamedAttrList batches;
      batches.set("name", builder.getStringAttr("batches"));
      if (model.byLength) batches.set("by", builder.getStringAttr("length"));
      if (model.classesPerBatch) {
        batches.set("classes_per_batch", builder.getI64IntegerAttr(model.classesPerBatch));
        batches.set("samples_per_class", builder.getI64IntegerAttr(model.samplesPerClass));
      }
      train.set("batches", batches.getDictionary(&context));
    }
    train.set("batch_size", builder.getI64IntegerAttr(model.batchSize));
    train.set("epochs", builder.getI64IntegerAttr(model.epochs));
    if (model.lossesByOutput) {
      SmallVector<Attribute> outputs;
      for (const JudgedOutput &judged : model.judged) {
        NamedAttrList output;
        output.set("name", builder.getStringAttr(model.nameOf(model.outputs[judged.output])));
        output.set("weight", builder.getF64FloatAttr(judged.weight));
        setCriteria(output, judged);
        outputs.push_back(output.getDictionary(&context));
      }
      train.set("outputs", builder.getArrayAttr(outputs));
    }
    return train.getDictionary(&context);
  }

  void setCriteria(NamedAttrList &attributes, const JudgedOutput &judged) {
    attributes.set("loss", toAttribute(&context, judged.loss.spec->name, judged.loss.options));
    // Means over samples, and apart from them what the runtime computes from all samples.
    SmallVector<Attribute> metrics, overall;
    for (auto &metric : judged.metrics)
      (metric.spec->build ? metrics : overall)
          .push_back(toAttribute(&context, metric.spec->name, metric.options));
    attributes.set("metrics", builder.getArrayAttr(metrics));
    if (!overall.empty()) attributes.set("overall_metrics", builder.getArrayAttr(overall));
  }

  bool allLossesKnown() const {
    return !model.judged.empty() && llvm::all_of(model.judged, [](auto &judged) { return judged.loss.spec; });
  }

  DictionaryAttr dataSection() {
    NamedAttrList data;
    for (const DataPart &part : model.data) {
      data.set(part.part, toAttribute(&context, part.spec->name, part.options));
      if (part.augment) data.set("augment", toAttribute(&context, "augment", part.augment->options));
    }
    return data.getDictionary(&context);
  }

  // Weights that several layers share are counted with the first.
  DictionaryAttr describe(const Layer &layer, const Built &built, DenseSet<Attribute> &counted) {
    std::vector<std::string> names;
    for (const Source &source : layer.inputs) names.push_back(model.textOf(source));
    std::vector<StringRef> inputs(names.begin(), names.end());
    int64_t parameters = 0;
    for (auto &[symbol, type] : built.weights)
      if (counted.insert(symbol).second) parameters += type.getNumElements();
    NamedAttrList attributes;
    attributes.set("name", builder.getStringAttr(layer.name));
    attributes.set("kind", builder.getStringAttr(layer.kind));
    attributes.set("inputs", builder.getStringAttr(join(inputs)));
    attributes.set("shape", builder.getDenseI64ArrayAttr(
                                cast<RankedTensorType>(built.result.getType()).getShape().drop_front()));
    attributes.set("parameters", builder.getI64IntegerAttr(parameters));
    return attributes.getDictionary(&context);
  }

  //===--- which layers ---------------------------------------------------------===//

  // The layers that `outputs` need. Inputs of a layer always stand before it.
  std::vector<bool> layersBehind(ArrayRef<Source> outputs) const { return layersBehind(model.layers, outputs); }

  static std::vector<bool> layersBehind(ArrayRef<Layer> layers, ArrayRef<Source> outputs) {
    std::vector<bool> needed(layers.size(), false);
    for (Source output : outputs) needed[output.index] = true;
    for (size_t i = layers.size(); i-- > 0;)
      if (needed[i])
        for (Source source : layers[i].inputs)
          if (source.kind == Source::Kind::Layer) needed[source.index] = true;
    return needed;
  }

  static Source resultOf(const Network &network) { return {Source::Kind::Layer, network.layers.size() - 1}; }

  // A layer that nothing uses is an oversight.
  void checkUsed() {
    std::vector<bool> used = layersBehind(model.outputs);
    for (auto [index, layer] : llvm::enumerate(model.layers))
      if (!used[index])
        diagnostics.error(layer.mark) << "nothing uses layer '" << layer.name
                                      << "'; name it in the inputs of a later layer or in outputs, or leave it out";
    for (const Network &network : model.networks) {
      used = layersBehind(network.layers, resultOf(network));
      for (auto [index, layer] : llvm::enumerate(network.layers))
        if (!used[index])
          diagnostics.error(layer.mark) << "nothing in network '" << network.name << "' uses layer '" << layer.name
                                        << "'; name it in the inputs of a later layer, or leave it out";
    }
  }

  // Does anything come of lengths, or of what layers make of them?
  static bool looksAt(Value lengths) {
    return llvm::any_of(lengths.getUsers(), [](Operation *user) {
      return !isa<nn::ScaleLengthsOp>(user) || looksAt(user->getResult(0));
    });
  }

  // So is an input, or its lengths, that no layer reads.
  void checkInputsUsed(func::FuncOp predict) {
    unsigned index = 0;
    for (const Input &input : model.inputs) {
      bool used = llvm::any_of(predict.getArgument(index).getUsers(), [](Operation *user) {
        return !isa<nn::RescaleOp>(user) || !user->use_empty();
      });
      ++index;
      if (!used)
        diagnostics.error(input.mark) << "no layer reads input '" << input.name
                                      << "'; name it in a layer's inputs, or leave it out";
      if (input.lengths && !looksAt(predict.getArgument(index++)) && used)
        diagnostics.error(input.mark)
            << "input '" << input.name << "' has lengths, but no layer looks at them: none of those that do (recurrent "
            << "layers, pooling over time) sees its steps; leave lengths out";
    }
  }

  //===--- functions ------------------------------------------------------------===//

  RankedTensorType inputType(const Input &input) {
    SmallVector<int64_t> shape{model.batchSize};
    shape.append(input.shape.begin(), input.shape.end());
    Type type = input.pixels ? Type(builder.getIntegerType(8, /*isSigned=*/false)) : Type(element);
    return RankedTensorType::get(shape, type);
  }

  bool checkInputs() {
    bool good = !model.inputs.empty();
    for (const Input &input : model.inputs) {
      if (input.shape.empty()) { // already an error
        good = false;
      } else if (auto type = inputType(input); tooLarge(type.getShape())) {
        diagnostics.error(input.mark) << "input '" << input.name << "' has " << nn::sampleShape(type)
                                      << " values for each of " << model.batchSize
                                      << " samples; expected at most 2^31 in all: make it or the batch_size smaller";
        good = false;
      }
    }
    return good;
  }

  // An entry function of the model's inputs, without a result yet; builds at its end.
  func::FuncOp createEntry(StringRef name) {
    builder.setInsertionPointToEnd(&program.getBody().front());
    // Lengths stand behind their input.
    struct Argument {
      const Input *input;
      std::string name;
    };
    SmallVector<Type> types;
    SmallVector<Argument> arguments;
    for (const Input &input : model.inputs) {
      types.push_back(inputType(input));
      arguments.push_back({&input, input.name});
      if (!input.lengths) continue;
      types.push_back(RankedTensorType::get({model.batchSize}, builder.getI32Type()));
      arguments.push_back({&input, input.name + nn::kLengthsSuffix.str()});
    }
    auto function = func::FuncOp::create(builder, diagnostics.named(name, model.mark), name,
                                         builder.getFunctionType(types, {}));
    function->setAttr(nn::kEntryAttr, builder.getStringAttr(name));
    Block *body = function.addEntryBlock();
    for (auto [index, argument] : llvm::enumerate(arguments)) {
      setArgument(function, index, nn::role::kInput, argument.name);
      body->getArgument(index).setLoc(diagnostics.named(argument.name, argument.input->mark));
    }
    builder.setInsertionPointToEnd(body);
    return function;
  }

  void setArgument(func::FuncOp function, unsigned index, StringRef role, StringRef name) {
    function.setArgAttr(index, nn::kRoleAttr, builder.getStringAttr(role));
    function.setArgAttr(index, nn::kNameAttr, builder.getStringAttr(name));
  }

  void finish(func::FuncOp function, ArrayRef<Value> results, ArrayRef<StringRef> names) {
    func::ReturnOp::create(builder, function.getLoc(), results);
    function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), TypeRange(ValueRange(results))));
    for (auto [index, name] : llvm::enumerate(names))
      function.setResultAttr(index, nn::kNameAttr, builder.getStringAttr(name));
  }

  // The values of inputs as layers see them, with their lengths.
  std::vector<Built> emitInputs(func::FuncOp function) {
    std::vector<Built> values;
    unsigned index = 0;
    for (const Input &input : model.inputs) {
      Value value = function.getArgument(index++), lengths;
      if (input.lengths) lengths = function.getArgument(index++);
      if (input.rescaled())
        value = nn::RescaleOp::create(builder, diagnostics.named(input.name, input.mark), value,
                                      builder.getF64FloatAttr(input.scale),
                                      builder.getF64FloatAttr(input.offset), TypeAttr::get(element));
      values.push_back({value, lengths, {}});
    }
    return values;
  }

  // One for each layer.
  std::vector<Built> emitLayers(ArrayRef<Built> inputs, const std::vector<bool> &needed) {
    std::vector<bool> unfrozen(model.layers.size(), false);
    if (options.unfrozen) unfrozen = layersBehind(model.outputs[0]);
    return emitLayers(model.layers, inputs, needed, unfrozen, /*applied=*/nullptr);
  }

  // What a layer of a network is called where: its weights by the network, its ops by who applies it.
  struct Names {
    std::string weights, ops;
  };
  static Names namesIn(const Layer &layer, const Names *applied) {
    if (!applied) return {layer.name, layer.name};
    return {applied->weights + "." + layer.name, applied->ops + "." + layer.name};
  }

  std::vector<Built> emitLayers(ArrayRef<Layer> layers, ArrayRef<Built> inputs, const std::vector<bool> &needed,
                                const std::vector<bool> &unfrozen, const Names *applied) {
    std::vector<Built> built(layers.size());
    for (auto [index, layer] : llvm::enumerate(layers)) {
      if (diagnostics.full()) return built;
      if (!needed[index] || !layer.valid) continue;
      SmallVector<Value> operands;
      Value lengths; // of the first
      for (Source source : layer.inputs) {
        if (source.kind == Source::Kind::Unknown) break;
        const Built &operand = source.kind == Source::Kind::Input ? inputs[source.index] : built[source.index];
        if (!operand.result) break;
        if (operands.empty() && source.extra.empty()) lengths = operand.lengths;
        Value value = source.extra.empty() ? operand.result
                                           : extraOf(source, operand, source.kind == Source::Kind::Input
                                                                          ? StringRef("input")
                                                                          : StringRef(layers[source.index].name));
        if (!value) break;
        operands.push_back(value);
      }
      if (operands.size() != layer.inputs.size()) continue;
      built[index] = emitLayer(layer, namesIn(layer, applied), operands, lengths, layer.trainable || unfrozen[index],
                               unfrozen[index]);
    }
    return built;
  }

  // What a layer gives beside its result, or null with an error.
  Value extraOf(const Source &source, const Built &built, StringRef layer) {
    std::vector<StringRef> names;
    for (auto &[name, value] : built.extras) {
      if (name == source.extra) return value;
      names.push_back(name);
    }
    auto error = diagnostics.error(source.mark);
    error << "layer '" << layer << "' gives nothing called " << quote(source.extra);
    if (names.empty()) error << "; expected the name of the layer alone (recurrent layers give their last state with "
                             << "return_state: true)";
    else error << suggestion(source.extra, names);
    return {};
  }

  Built emitLayer(const Layer &layer, const Names &names, ValueRange operands, Value lengths, bool trainable,
                  bool unfrozen) {
    nn::LayerBuilder layerBuilder(builder, program, diagnostics.named(names.ops, layer.mark), names.weights, element,
                                  trainable);
    Block *body = builder.getInsertionBlock();
    Operation *last = body->empty() ? nullptr : &body->back();
    Built built;
    layerBuilder.lengths = lengths;
    if (layer.network) {
      Built whole = emitNetwork(layer, names, {operands[0], lengths, {}}, unfrozen);
      if (!whole.result) return {}; // with an error
      built.result = whole.result;
      built.lengths = whole.lengths;
    } else {
      built.result = layer.spec->build(layerBuilder, layer.options, operands);
    }
    if (!built.result || layerBuilder.failed) {
      diagnostics.countForeign();
      return {};
    }
    for (Operation *op = last ? last->getNextNode() : &body->front(); op; op = op->getNextNode())
      if (auto weight = dyn_cast<nn::ReadOp>(op))
        built.weights[weight.getSymbolAttr()] = cast<RankedTensorType>(weight.getType());

    auto type = cast<RankedTensorType>(built.result.getType());
    built.extras = std::move(layerBuilder.extras);
    auto stepsOf = [](Value value) { return cast<RankedTensorType>(value.getType()).getDimSize(1); };
    if (layerBuilder.resultLengths) built.lengths = layerBuilder.resultLengths;
    else if (lengths && layer.spec->keepsSteps && layer.spec->keepsSteps(layer.options) && type.getRank() > 2 &&
        stepsOf(built.result) == stepsOf(operands[0]))
      built.lengths = lengths;
    if (tooLarge(type.getShape())) {
      diagnostics.error(layer.mark) << "layer '" << layer.name << "' has a result of " << nn::sampleShape(type)
                                    << " for each of " << model.batchSize
                                    << " samples; expected at most 2^31 values in all: make it or the batch_size smaller";
      return {};
    }
    for (auto &[symbol, weight] : built.weights) {
      if (!tooLarge(weight.getShape())) continue;
      diagnostics.error(layer.mark) << "weight '" << cast<FlatSymbolRefAttr>(symbol).getValue() << "' has the shape "
                                    << shapeText(weight.getShape()) << "; expected at most 2^31 values: make the layer or its input smaller";
      return {};
    }
    return built;
  }

  // The layers of a network on one input; without a result after an error, which is said once.
  Built emitNetwork(const Layer &layer, const Names &names, const Built &input, bool unfrozen) {
    const Network &network = *layer.network;
    Type type = input.result.getType();
    Application first =
        applications.try_emplace(&network, Application{&layer, type, false}).first->second;
    if (first.failed) return {};
    if (first.input != type) {
      auto error = diagnostics.error(layer.mark);
      error << "network '" << network.name << "' is applied to " << nn::sampleShape(type) << " here and to "
            << nn::sampleShape(first.input) << " before; expected one shape, for which its weights are made";
      error.attachNote(diagnostics.at(first.layer->mark)) << "it is applied before here";
      return {};
    }
    std::vector<bool> all(network.layers.size(), true), inner(network.layers.size(), unfrozen);
    Block *body = builder.getInsertionBlock();
    Operation *last = body->empty() ? nullptr : &body->back();
    Names applied{network.name, names.ops};
    std::vector<Built> built = emitLayers(network.layers, input, all, inner, &applied);
    Built result = built.empty() ? Built() : built.back();
    // Other numbers than those of the network's other applications, as layers with weights of their own have.
    if (first.layer != &layer)
      for (Operation *op = last ? last->getNextNode() : &body->front(); op; op = op->getNextNode())
        if (auto stream = op->getAttrOfType<IntegerAttr>("stream"))
          op->setAttr("stream", builder.getI64IntegerAttr(
                                    llvm::xxh3_64bits(names.ops + "#" + std::to_string(stream.getInt())) & 0x7fffffff));
    if (!result.result) {
      assert(diagnostics.failed() && "a layer that can't be built comes with an error");
      applications.find(&network)->second.failed = true;
    }
    return result;
  }

  std::vector<Source> judgedOutputs() const {
    std::vector<Source> outputs;
    if (!model.outputs.empty())
      for (const JudgedOutput &judged : model.judged) outputs.push_back(model.outputs[judged.output]);
    return outputs;
  }

  // True if the outputs that losses look at could be built.
  bool buildPredict() {
    if (!checkInputs()) return false;
    func::FuncOp function = createEntry("predict");
    // All layers, needed or not: their shapes are checked.
    std::vector<Built> built = emitLayers(emitInputs(function), std::vector<bool>(model.layers.size(), true));
    if (!diagnostics.failed()) checkUsed();
    if (!diagnostics.failed()) checkInputsUsed(function);
    if (diagnostics.failed()) {
      std::vector<Source> outputs = judgedOutputs();
      return !outputs.empty() && llvm::all_of(outputs, [&](Source output) { return built[output.index].result; });
    }

    SmallVector<Attribute> descriptions;
    DenseSet<Attribute> counted;
    for (auto [layer, parts] : llvm::zip_equal(model.layers, built))
      descriptions.push_back(describe(layer, parts, counted));
    program.setLayersAttr(builder.getArrayAttr(descriptions));
    SmallVector<Value> results;
    SmallVector<StringRef> names;
    for (Source output : model.outputs) {
      results.push_back(built[output.index].result);
      names.push_back(model.nameOf(output));
    }
    finish(function, results, names);
    applyPatterns();
    checkTrained(built);
    return true;
  }

  // Parameters are declared by now; the entry functions that follow take them as they are.
  void applyPatterns() {
    forMatches(model.freeze, "freeze", [&](nn::ParameterOp parameter, double) {
      if (!options.unfrozen || !reachesLoss(parameter)) parameter.setTrainable(false);
    });
    forMatches(model.rateMultipliers, "learning_rate_multipliers", [&](nn::ParameterOp parameter, double number) {
      parameter.setRateMultiplierAttr(builder.getF64FloatAttr(number));
    });
  }

  bool reachesLoss(nn::ParameterOp parameter) const {
    std::vector<bool> behind = layersBehind(model.outputs[0]);
    StringRef name = parameter.getSymName().split('.').first;
    for (auto [layer, needed] : llvm::zip_equal(model.layers, behind))
      if (needed && (layer.network ? holds(*layer.network, name) : layer.name == name)) return true;
    return false;
  }

  // Does applying the network read weights of the network `name`?
  static bool holds(const Network &network, StringRef name) {
    return network.name == name || llvm::any_of(network.layers, [&](const Layer &layer) {
             return layer.network && holds(*layer.network, name);
           });
  }

  // Does training change weights of the layer?
  bool trains(const Layer &layer, const Built &built) {
    if (!layer.network) return layer.trainable && !built.weights.empty();
    return llvm::any_of(built.weights, [&](auto &weight) {
      return program.lookupSymbol<nn::ParameterOp>(cast<FlatSymbolRefAttr>(weight.first).getValue()).getTrainable();
    });
  }

  void forMatches(ArrayRef<ParameterPattern> patterns, StringRef option,
                  function_ref<void(nn::ParameterOp, double)> use) {
    for (const ParameterPattern &each : patterns) {
      llvm::GlobPattern pattern = llvm::cantFail(llvm::GlobPattern::create(each.pattern));
      bool matched = false;
      std::vector<StringRef> names;
      for (auto parameter : program.getOps<nn::ParameterOp>()) {
        if (names.size() < 12) names.push_back(parameter.getSymName());
        if (!pattern.match(parameter.getSymName())) continue;
        matched = true;
        use(parameter, each.number);
      }
      if (!matched)
        diagnostics.error(each.mark) << option << ": no weight's name fits " << quote(each.pattern)
                                     << "; there are " << (names.empty() ? "none" : join(names))
                                     << (names.size() == 12 ? ", ..." : "");
    }
  }

  // A weight that the loss does not depend on would keep its random values.
  void checkTrained(ArrayRef<Built> built) {
    if (!model.trained) {
      for (auto [layer, parts] : llvm::zip_equal(model.layers, built))
        if (trains(layer, parts)) {
          auto error = diagnostics.error(model.mark);
          error << "sections 'train' and 'data' are missing; expected train: with loss and optimizer, and data: with "
                   "the reader of the training samples, or no weights to train";
          error.attachNote(diagnostics.at(layer.mark)) << "layer '" << layer.name
                                                       << "' has such weights; trainable: false fixes them";
          return;
        }
      return;
    }
    std::vector<Source> outputs = judgedOutputs();
    std::vector<bool> behind = layersBehind(outputs);
    DenseSet<Attribute> reached; // weights that the losses depend on, if only by another layer that shares them
    for (auto [parts, needed] : llvm::zip_equal(built, behind))
      if (needed)
        for (auto &[symbol, type] : parts.weights) reached.insert(symbol);
    for (auto [index, layer] : llvm::enumerate(model.layers)) {
      if (behind[index] || !trains(layer, built[index])) continue;
      if (llvm::all_of(built[index].weights, [&](auto &weight) { return reached.contains(weight.first); })) continue;
      auto error = diagnostics.error(layer.mark);
      if (outputs.size() == 1)
        error << "the loss looks at output '" << model.nameOf(outputs[0]) << "', which does not depend";
      else
        error << "no output with a loss depends";
      error << " on layer '" << layer.name << "': its weights can't be trained; give it trainable: false";
    }
  }

  // Class numbers can't be blended.
  void checkMixup(RankedTensorType target, StringRef loss, bool missing) {
    for (const DataPart &part : model.data) {
      if (!part.augment || part.augment->options.number("mixup") == 0) continue;
      if (missing) {
        emitError(part.augment->options.location("mixup"))
            << "augment: mixup blends targets, but samples may lack some of these (missing_targets); leave one of them "
               "out";
        diagnostics.countForeign();
      }
      if (isa<FloatType>(target.getElementType())) continue;
      emitError(part.augment->options.location("mixup"))
          << "augment: mixup blends targets, but those of loss '" << loss
          << "' are class numbers; expected a loss with numbers as targets, such as categorical_crossentropy";
      diagnostics.countForeign();
    }
  }

  // A model that tells classes apart has no outputs for further ones.
  void checkFurtherClasses(StringRef loss) {
    for (const DataPart &part : model.data)
      for (StringRef name : {"quarter_turn_classes", "reversed_classes"}) {
        if (!part.augment || !part.augment->options.boolean(name) || loss == "triplet") continue;
        emitError(part.augment->options.location(name))
            << "augment: " << name
            << " makes further classes, but the model is made for those of the data by loss '" << loss
            << "'; expected the loss triplet";
        diagnostics.countForeign();
      }
  }

  // Results and their names: the loss, its parts where there are several, the metrics that are
  // means over samples, and the outputs that other metrics look at. And what says which samples count, if not all do.
  struct Results {
    SmallVector<Value> values;
    SmallVector<std::string> names, present;
    void add(Value value, std::string name, std::string countedBy = "") {
      values.push_back(value);
      names.push_back(std::move(name));
      present.push_back(std::move(countedBy));
    }
  };

  std::string presentName(const JudgedOutput &output) const {
    return model.nameOf(model.outputs[output.output]) + nn::kPresentSuffix.str();
  }

  Value overPresent(Value loss, Value present, Location location) {
    nn::LayerBuilder lossBuilder(builder, program, location, "loss", element, /*trainable=*/false);
    return nn::overPresent(lossBuilder, loss, present);
  }

  bool buildEvaluate() {
    func::FuncOp function = createEntry("evaluate");
    std::vector<Source> sources = judgedOutputs();
    std::vector<Built> built = emitLayers(emitInputs(function), layersBehind(sources));
    SmallVector<nn::Judged> judged;
    SmallVector<Value> present; // null where each sample has the target
    for (auto [source, output] : llvm::zip_equal(sources, model.judged)) {
      judged.push_back({built[source.index].result, {}});
      if (!judged.back().output || !addTarget(function, output, judged.back())) return false;
      present.push_back(output.missing ? addPresent(function, output) : Value());
    }

    Results losses, metrics, overall;
    SmallVector<double> weights;
    bool several = model.judged.size() > 1;
    for (auto [output, value] : llvm::zip_equal(model.judged, judged)) {
      std::string name = model.nameOf(model.outputs[output.output]), prefix = several ? name + "_" : "";
      std::string present = output.missing ? presentName(output) : "";
      if (Value loss = buildCriterion(output.loss, "loss", value)) losses.add(loss, prefix + "loss", present);
      weights.push_back(output.weight);
      bool scores = false;
      for (auto &metric : output.metrics) {
        if (metric.spec->build) {
          if (Value mean = buildCriterion(metric, metric.spec->name, value))
            metrics.add(mean, prefix + metric.spec->name, present);
          continue;
        }
        scores = true;
        if (!metric.spec->suits(diagnostics.named(metric.spec->name, metric.mark), typeOf(value.output),
                                typeOf(value.target)))
          diagnostics.countForeign();
      }
      if (scores) overall.add(value.output, name, present);
    }
    if (diagnostics.failed()) return true;
    SmallVector<Value> parts;
    for (auto [output, loss, counted] : llvm::zip_equal(model.judged, losses.values, present))
      parts.push_back(counted ? overPresent(loss, counted, diagnostics.named("loss", output.loss.mark)) : loss);
    finishEvaluate(function, losses, parts, weights, metrics, overall);
    return true;
  }

  static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

  // The target that an output's loss compares it with, the function's last argument.
  bool addTarget(func::FuncOp function, const JudgedOutput &output, nn::Judged &judged) {
    const nn::CriterionSpec &loss = *output.loss.spec;
    Location location = diagnostics.named("loss", output.loss.mark);
    auto type = loss.targetType(location, typeOf(judged.output));
    if (!type) {
      diagnostics.countForeign();
      return false;
    }
    checkMixup(type, loss.name, output.missing);
    checkFurtherClasses(loss.name);
    unsigned index = function.getNumArguments();
    if (failed(function.insertArgument(index, type, {}, location))) return false;
    setArgument(function, index, nn::role::kTarget,
                model.lossesByOutput ? StringRef(model.nameOf(model.outputs[output.output])) : "labels");
    judged.target = function.getArgument(index);
    judged.classWeights = model.classWeights;
    if (loss.threshold) judged.threshold = loss.threshold(output.loss.options);
    return true;
  }

  // What says which samples have the target before it.
  Value addPresent(func::FuncOp function, const JudgedOutput &output) {
    unsigned index = function.getNumArguments();
    (void)function.insertArgument(index, RankedTensorType::get({model.batchSize}, element), {},
                                  diagnostics.named("loss", output.loss.mark));
    setArgument(function, index, nn::role::kTarget, presentName(output));
    return function.getArgument(index);
  }

  // Null after an error.
  Value buildCriterion(const Chosen<nn::CriterionSpec> &criterion, StringRef name, const nn::Judged &judged) {
    nn::LayerBuilder criterionBuilder(builder, program, diagnostics.named(name, criterion.mark), name, element,
                                      /*trainable=*/false);
    Value result = criterion.spec->build(criterionBuilder, criterion.options, judged);
    if (!result) diagnostics.countForeign();
    return result;
  }

  // The loss is the weighted sum of `parts`.
  void finishEvaluate(func::FuncOp function, const Results &losses, ArrayRef<Value> parts, ArrayRef<double> weights,
                      const Results &metrics, const Results &overall) {
    Results all;
    bool plain = parts.size() == 1 && weights[0] == 1;
    Value total = parts[0];
    if (!plain)
      total = nn::TotalLossOp::create(builder, diagnostics.named("loss", model.judged[0].loss.mark), parts,
                                      builder.getDenseF64ArrayAttr(weights));
    all.add(total, "loss");
    Results none;
    for (const Results *results : {parts.size() > 1 ? &losses : &none, &metrics, &overall})
      for (auto [value, name, present] : llvm::zip_equal(results->values, results->names, results->present))
        all.add(value, name, present);
    SmallVector<StringRef> names(all.names.begin(), all.names.end());
    finish(function, all.values, names);
    for (auto [index, present] : llvm::enumerate(all.present))
      if (!present.empty()) function.setResultAttr(index, nn::kPresentAttr, builder.getStringAttr(present));
    for (size_t i = all.values.size() - overall.values.size(); i < all.values.size(); ++i)
      function.setResultAttr(i, nn::kRoleAttr, builder.getStringAttr(nn::role::kScores));
  }

  // Every layer's value under its name.
  void buildFeatures() {
    func::FuncOp function = createEntry("features");
    SmallVector<Value> results;
    SmallVector<StringRef> names;
    for (auto [layer, parts] :
         llvm::zip_equal(model.layers, emitLayers(emitInputs(function), std::vector<bool>(model.layers.size(), true)))) {
      results.push_back(parts.result);
      names.push_back(layer.name);
    }
    finish(function, results, names);
  }

  // How a network was applied first.
  struct Application {
    const Layer *layer;
    Type input;
    bool failed;
  };

  const Model &model;
  MLIRContext &context;
  Options options;
  Diagnostics &diagnostics;
  OpBuilder builder;
  FloatType element;
  nn::ProgramOp program;
  DenseMap<const Network *, Application> applications;
};

} // namespace

OwningOpRef<ModuleOp> buildModule(const Model &model, MLIRContext &context, const Options &options,
                                  Diagnostics &diagnostics) {
  return Importer(model, context, options, diagnostics).build();
}

} // namespace nncc::frontend
