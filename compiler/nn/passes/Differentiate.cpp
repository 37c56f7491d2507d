//===- Differentiate.cpp - the training step from the evaluation -----------===//
//
// Reverse mode over one straight-line function. The rules live with the ops; what is
// decided here is which gradients are asked for, how several add up, and where they go.
//
//===----------------------------------------------------------------------===//
#include "nn/Passes.h"
#include "nn/Registry.h"
#include "nn/Shapes.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace nncc::nn {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "nn/Passes.h.inc"

namespace {

// The gradients found so far. The loss has one number a sample, but the gradient of its
// mean is the same for each, so it travels as a scalar until a loss op uses it.
class GradientTable : public Gradients {
public:
  GradientTable(OpBuilder &builder, const DenseSet<Value> &active)
      : builder(builder), active(active) {}

  bool wants(Value value) const override { return active.contains(value); }
  void add(Value value, Value gradient) override {
    Value &sum = table[value];
    sum = sum ? AddOp::create(builder, value.getLoc(), sum, gradient) : gradient;
  }
  void refuse(Operation *op, StringRef operand) override {
    op->emitError("no gradient can flow through ")
        << op->getName() << " to its " << operand << ", but a trainable parameter before it needs one";
    refused = true;
  }
  bool hasRefused() const { return refused; }
  Value of(Value value) const { return table.lookup(value); }

private:
  OpBuilder &builder;
  const DenseSet<Value> &active;
  DenseMap<Value, Value> table;
  bool refused = false;
};

// Values that a trainable parameter reaches.
DenseSet<Value> activeValues(func::FuncOp function, ProgramOp program) {
  DenseSet<Value> active;
  for (Operation &op : function.getBody().front()) {
    bool reached = llvm::any_of(op.getOperands(), [&](Value v) { return active.contains(v); });
    if (auto read = dyn_cast<ReadOp>(op)) {
      auto parameter = program.lookupSymbol<ParameterOp>(read.getSymbol());
      reached = parameter && parameter.getTrainable();
    }
    if (reached) active.insert(op.result_begin(), op.result_end());
  }
  return active;
}

// The arguments of a step beside its data, each made when it is first asked for.
class StepArguments : public StepValues {
public:
  StepArguments(func::FuncOp function, int64_t batch, bool updates)
      : function(function), batch(batch), updates(updates) {}

  Value samples() override { return argument(role::kSamples, {}, builder.getI32Type()); }
  Value seed() override { return argument(role::kSeed, {}, builder.getI64Type()); }
  Value iteration() override { return argument(role::kIteration, {}, builder.getI64Type()); }
  Value sampleIds() override { return argument(role::kSampleIds, {batch}, builder.getI32Type()); }
  Value learningRate() { return argument(role::kLearningRate, {}, builder.getF64Type()); }
  Value update() { return argument(role::kUpdate, {}, builder.getI64Type()); }

  bool writes() const override { return updates; }
  void write(Location loc, StringRef symbol, Value value) override {
    // Of weights that are read by several ops each changes what the one before left.
    for (auto earlier : llvm::make_early_inc_range(function.getBody().front().getOps<WriteOp>())) {
      if (earlier.getSymbol() != symbol) continue;
      for (OpOperand &operand : value.getDefiningOp()->getOpOperands())
        if (auto read = operand.get().getDefiningOp<ReadOp>(); read && read.getSymbol() == symbol)
          operand.set(earlier.getValue());
      earlier.erase();
    }
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(function.getBody().front().getTerminator());
    WriteOp::create(builder, loc, symbol, value);
  }

private:
  Value argument(StringRef role, ArrayRef<int64_t> shape, Type element) {
    for (BlockArgument argument : function.getArguments())
      if (function.getArgAttr(argument.getArgNumber(), kRoleAttr) == builder.getStringAttr(role))
        return argument;
    unsigned index = function.getNumArguments();
    auto attributes = builder.getDictionaryAttr(
        builder.getNamedAttr(kRoleAttr, builder.getStringAttr(role)));
    (void)function.insertArgument(index, RankedTensorType::get(shape, element), attributes,
                                  function.getLoc());
    return function.getArgument(index);
  }

  func::FuncOp function;
  int64_t batch;
  bool updates;
  OpBuilder builder{function.getContext()};
};

// Is it an output that only metrics over all samples want? Those stand last.
bool isScores(DictionaryAttr result) {
  auto role = result ? result.getAs<StringAttr>(kRoleAttr) : StringAttr();
  return role && role.getValue() == role::kScores;
}

class Differentiate : public impl::DifferentiatePassBase<Differentiate> {
public:
  using DifferentiatePassBase::DifferentiatePassBase;

  void runOnOperation() override {
    ProgramOp program = getOperation();
    func::FuncOp evaluate;
    for (auto function : program.getOps<func::FuncOp>())
      if (auto entry = function->getAttrOfType<StringAttr>(kEntryAttr);
          entry && entry.getValue() == "evaluate")
        evaluate = function;
    if (!evaluate) {
      program.emitError("has no entry 'evaluate' to differentiate");
      return signalPassFailure();
    }
    if (gradients) {
      kinds = {Kind::Gradients};
    } else {
      kinds = {Kind::Update};
      if (auto steps = program.getTrain().getAs<IntegerAttr>("gradient_accumulation_steps");
          steps && steps.getInt() > 1) {
        accumulation = steps.getInt();
        kinds.push_back(Kind::Accumulate);
      }
    }
    for (Kind each : kinds) {
      kind = each;
      auto step = cast<func::FuncOp>(evaluate->clone());
      StringRef name = kind == Kind::Gradients ? "gradients" : kind == Kind::Update ? "train_step" : "accumulate";
      step.setName(name);
      step->setAttr(kEntryAttr, StringAttr::get(&getContext(), name));
      program.getBody().front().push_back(step);
      if (failed(differentiate(step, program))) return signalPassFailure();
    }
  }

private:
  // What is done with the gradients: they are returned, update the parameters, or are added to
  // those of other steps for an update to come.
  enum class Kind { Gradients, Update, Accumulate };

  LogicalResult differentiate(func::FuncOp step, ProgramOp program) {
    Operation *terminator = step.getBody().front().getTerminator();
    Value loss = terminator->getOperand(0);
    StepArguments arguments(step, program.getBatch(), /*updates=*/!gradients);
    for (Operation &op : llvm::make_early_inc_range(step.getBody().front()))
      if (auto modal = dyn_cast<ModalOpInterface>(op)) {
        OpBuilder builder(&op);
        modal.toTraining(builder, arguments);
      }
    DenseSet<Value> active = activeValues(step, program);
    if (!active.contains(loss))
      return program.emitError("the loss depends on no trainable parameter: nothing to train");

    SmallVector<Operation *> forward;
    for (Operation &op : step.getBody().front().without_terminator()) forward.push_back(&op);

    OpBuilder builder(terminator);
    GradientTable table(builder, active);
    table.add(loss, LossSeedOp::create(builder, loss.getLoc(), arguments.samples(),
                                       builder.getF64FloatAttr(1.0),
                                       TypeAttr::get(tensorType(loss).getElementType())));

    llvm::MapVector<StringRef, Value> parameterGradients;
    for (Operation *op : llvm::reverse(forward)) {
      SmallVector<Value> diffResults;
      for (Value result : op->getResults()) diffResults.push_back(table.of(result));
      if (llvm::none_of(diffResults, [](Value v) { return bool(v); })) continue;
      if (auto read = dyn_cast<ReadOp>(op)) {
        Value &sum = parameterGradients[read.getSymbol()];
        sum = sum ? AddOp::create(builder, read.getLoc(), sum, diffResults[0]) : diffResults[0];
        continue;
      }
      if (llvm::none_of(op->getOperands(), [&](Value v) { return active.contains(v); })) continue;
      auto differentiable = dyn_cast<DifferentiableOpInterface>(op);
      if (!differentiable)
        return op->emitError("no gradient can flow through ") << op->getName()
               << ", but a trainable parameter needs it";
      differentiable.vjp(builder, diffResults, table);
      if (table.hasRefused()) return failure();
    }
    return finish(step, program, arguments, terminator, builder, parameterGradients);
  }

  LogicalResult finish(func::FuncOp step, ProgramOp program, StepArguments &arguments,
                       Operation *terminator, OpBuilder &builder, const llvm::MapVector<StringRef, Value> &found) {
    Optimizer optimizer;
    Value iteration;
    if (kind == Kind::Update) {
      optimizer.options = program.getTrain().getAs<DictionaryAttr>("optimizer");
      auto name = optimizer.options ? optimizer.options.getAs<StringAttr>("name") : StringAttr();
      optimizer.spec = name ? find(optimizers(), name.getValue()) : nullptr;
      if (!optimizer.spec) return program.emitError("its 'train' names no known optimizer");
      optimizer.learningRate = arguments.learningRate();
      optimizer.update = accumulation > 1 ? arguments.update() : arguments.iteration();
    } else if (kind == Kind::Accumulate) {
      iteration = arguments.iteration();
    }
    SmallVector<Value> results(terminator->getOperands());
    SmallVector<Type> types(step.getResultTypes());
    SmallVector<DictionaryAttr> attributes;
    step.getAllResultAttrs(attributes);
    attributes.resize(types.size());
    // The loss, and in a training step the metrics that are one number a sample.
    size_t kept = 1;
    if (kind != Kind::Gradients)
      while (kept < results.size() && !isScores(attributes[kept])) ++kept;
    results.truncate(kept);
    types.truncate(kept);
    attributes.truncate(kept);
    // Parameters in the program's order, so that the step updates them as they lie in memory.
    SmallVector<Trained> trained;
    for (auto parameter : llvm::to_vector(program.getOps<ParameterOp>())) {
      if (!parameter.getTrainable()) continue;
      auto gradient = found.find(parameter.getSymName());
      if (gradient == found.end())
        return parameter.emitError("parameter '")
               << parameter.getSymName() << "' is trainable but has no influence on the loss";
      Value value;
      if (kind == Kind::Update || parameter.getL1Attr() || parameter.getL2Attr())
        value = ReadOp::create(builder, parameter.getLoc(), parameter.getType(), parameter.getSymName());
      trained.push_back({parameter, value, gradient->second});
    }
    numGradients += trained.size();
    for (Trained &each : trained) each.gradient = regularized(each, builder);
    switch (kind) {
    case Kind::Gradients:
      for (Trained &each : trained) {
        results.push_back(each.gradient);
        types.push_back(each.parameter.getType());
        attributes.push_back(DictionaryAttr::get(
            &getContext(), NamedAttribute(builder.getStringAttr(kNameAttr), each.parameter.getSymNameAttr())));
      }
      break;
    case Kind::Accumulate:
      for (Trained &each : trained) accumulate(program, each, iteration, builder);
      break;
    case Kind::Update:
      for (Trained &each : trained) each.gradient = averaged(program, each, builder);
      clip(trained, optimizer.options, builder);
      for (Trained &each : trained) update(program, each, optimizer, builder);
    }
    terminator->setOperands(results);
    step.setType(builder.getFunctionType(step.getArgumentTypes(), types));
    step.setAllResultAttrs(attributes);
    return success();
  }

  struct Optimizer {
    const OptimizerSpec *spec = nullptr;
    DictionaryAttr options;
    Value learningRate, update;
  };

  // A parameter on its way to its update. Its value is read once: a kernel that writes it in
  // place may not see it by another way.
  struct Trained {
    ParameterOp parameter;
    Value value, gradient;
  };

  // With the gradient of the parameter's own penalty.
  Value regularized(Trained &trained, OpBuilder &builder) {
    auto [parameter, value, gradient] = trained;
    FloatAttr l1 = parameter.getL1Attr(), l2 = parameter.getL2Attr();
    if (!l1 && !l2) return gradient;
    auto orZero = [&](FloatAttr factor) { return factor ? factor : builder.getF64FloatAttr(0); };
    return RegularizeOp::create(builder, parameter.getLoc(), gradient, value, orZero(l1), orZero(l2));
  }

  // The slot `kind.parameter`, declared once, however many entries use it.
  std::string slotOf(ProgramOp program, ParameterOp parameter, const std::string &kind, double initial,
                     OpBuilder &builder) {
    std::string symbol = kind + "." + parameter.getSymName().str();
    if (program.lookupSymbol(symbol)) return symbol;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(*program.getOps<func::FuncOp>().begin());
    SlotOp::create(builder, parameter.getLoc(), symbol, parameter.getType(),
                   initial == 0 ? FloatAttr() : builder.getF64FloatAttr(initial));
    return symbol;
  }

  static constexpr const char *kAccumulated = "accumulated";

  void accumulate(ProgramOp program, Trained &trained, Value iteration, OpBuilder &builder) {
    auto [parameter, value, gradient] = trained;
    Location loc = parameter.getLoc();
    std::string slot = slotOf(program, parameter, kAccumulated, 0, builder);
    Value old = ReadOp::create(builder, loc, parameter.getType(), slot);
    WriteOp::create(builder, loc, slot, AccumulateOp::create(builder, loc, gradient, old, iteration,
                                                             builder.getI64IntegerAttr(accumulation)));
  }

  // The mean with the gradients of the steps before. The next `accumulate` starts anew, so
  // nothing has to be set to zero here.
  Value averaged(ProgramOp program, Trained &trained, OpBuilder &builder) {
    auto [parameter, value, gradient] = trained;
    if (accumulation <= 1) return gradient;
    Location loc = parameter.getLoc();
    auto type = cast<RankedTensorType>(parameter.getType());
    Value old = ReadOp::create(builder, loc, type, slotOf(program, parameter, kAccumulated, 0, builder));
    return RescaleOp::create(builder, loc, AddOp::create(builder, loc, old, gradient),
                             builder.getF64FloatAttr(1.0 / accumulation), builder.getF64FloatAttr(0),
                             TypeAttr::get(type.getElementType()));
  }

  void clip(MutableArrayRef<Trained> trained, DictionaryAttr options, OpBuilder &builder) {
    if (auto limit = options.getAs<FloatAttr>("clipvalue"))
      for (Trained &each : trained)
        each.gradient = ClipValueOp::create(builder, each.parameter.getLoc(), each.gradient, limit);
    auto limit = options.getAs<FloatAttr>("global_clipnorm");
    if (!limit) return;
    SmallVector<Value> squares;
    for (Trained &each : trained)
      squares.push_back(SumOfSquaresOp::create(builder, each.parameter.getLoc(), each.gradient));
    Value scale = ClipScaleOp::create(builder, trained.front().parameter.getLoc(), squares, limit);
    for (Trained &each : trained)
      each.gradient = ScaleByOp::create(builder, each.parameter.getLoc(), each.gradient, scale);
  }

  void update(ProgramOp program, Trained &trained, const Optimizer &optimizer, OpBuilder &builder) {
    auto [parameter, value, gradient] = trained;
    Location loc = parameter.getLoc();
    Type type = parameter.getType();
    SmallVector<std::string> symbols{parameter.getSymName().str()};
    Value rate = optimizer.learningRate;
    if (FloatAttr multiplier = parameter.getRateMultiplierAttr())
      rate = RescaleOp::create(builder, loc, rate, multiplier, builder.getF64FloatAttr(0),
                               TypeAttr::get(builder.getF64Type()));
    OptimizerSpec::Step step{value, gradient, {}, rate, optimizer.update};
    for (const OptimizerSpec::Slot &slot : optimizer.spec->slots(optimizer.options)) {
      symbols.push_back(slotOf(program, parameter, optimizer.spec->name + "." + slot.name, slot.initial, builder));
      step.slots.push_back(ReadOp::create(builder, loc, type, symbols.back()));
    }
    SmallVector<Value> updated = optimizer.spec->build(builder, loc, step, optimizer.options);
    for (auto [symbol, value] : llvm::zip_equal(symbols, updated)) WriteOp::create(builder, loc, symbol, value);
    average(program, parameter, updated[0], optimizer.update, builder);
  }

  // The moving average of the parameter, where the program wants one.
  void average(ProgramOp program, ParameterOp parameter, Value updated, Value update, OpBuilder &builder) {
    auto ema = program.getTrain().getAs<DictionaryAttr>("ema");
    if (!ema) return;
    Location loc = parameter.getLoc();
    std::string slot = slotOf(program, parameter, "ema", 0, builder);
    Value old = ReadOp::create(builder, loc, parameter.getType(), slot);
    WriteOp::create(builder, loc, slot,
                    EmaUpdateOp::create(builder, loc, updated, old, update, ema.getAs<FloatAttr>("decay")));
  }

  Kind kind = Kind::Update;
  SmallVector<Kind> kinds;
  int64_t accumulation = 1; // steps that make one update
};

} // namespace
} // namespace nncc::nn
