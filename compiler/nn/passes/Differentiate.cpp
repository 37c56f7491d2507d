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
  Value of(Value value) const { return table.lookup(value); }

private:
  OpBuilder &builder;
  const DenseSet<Value> &active;
  DenseMap<Value, Value> table;
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

  bool writes() const override { return updates; }
  void write(Location loc, StringRef symbol, Value value) override {
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
    auto step = cast<func::FuncOp>(evaluate->clone());
    StringRef name = gradients ? "gradients" : "train_step";
    step.setName(name);
    step->setAttr(kEntryAttr, StringAttr::get(&getContext(), name));
    program.getBody().front().push_back(step);
    if (failed(differentiate(step, program))) signalPassFailure();
  }

private:
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
    }
    return finish(step, program, arguments, terminator, builder, parameterGradients);
  }

  LogicalResult finish(func::FuncOp step, ProgramOp program, StepArguments &arguments,
                       Operation *terminator, OpBuilder &builder, const llvm::MapVector<StringRef, Value> &found) {
    const OptimizerSpec *optimizer = nullptr;
    DictionaryAttr options;
    Value learningRate, iteration;
    if (!gradients) {
      options = program.getTrain().getAs<DictionaryAttr>("optimizer");
      auto name = options ? options.getAs<StringAttr>("name") : StringAttr();
      optimizer = name ? find(optimizers(), name.getValue()) : nullptr;
      if (!optimizer) return program.emitError("its 'train' names no known optimizer");
      learningRate = arguments.learningRate();
      iteration = arguments.iteration();
    }
    SmallVector<Value> results(terminator->getOperands());
    SmallVector<Type> types(step.getResultTypes());
    SmallVector<DictionaryAttr> attributes;
    step.getAllResultAttrs(attributes);
    attributes.resize(types.size());
    if (gradients) { // the loss and no metrics
      results.truncate(1);
      types.truncate(1);
      attributes.truncate(1);
    }
    // Parameters in the program's order, so that the step updates them as they lie in memory.
    auto parameters = llvm::to_vector(program.getOps<ParameterOp>());
    for (ParameterOp parameter : parameters) {
      if (!parameter.getTrainable()) continue;
      auto gradient = found.find(parameter.getSymName());
      if (gradient == found.end())
        return parameter.emitError("parameter '")
               << parameter.getSymName() << "' is trainable but has no influence on the loss";
      ++numGradients;
      if (gradients) {
        results.push_back(gradient->second);
        types.push_back(parameter.getType());
        attributes.push_back(DictionaryAttr::get(
            &getContext(), NamedAttribute(builder.getStringAttr(kNameAttr), parameter.getSymNameAttr())));
        continue;
      }
      update(program, parameter, gradient->second, *optimizer, options, learningRate, iteration,
             builder);
    }
    terminator->setOperands(results);
    step.setType(builder.getFunctionType(step.getArgumentTypes(), types));
    step.setAllResultAttrs(attributes);
    return success();
  }

  void update(ProgramOp program, ParameterOp parameter, Value gradient,
              const OptimizerSpec &optimizer, DictionaryAttr options, Value learningRate,
              Value iteration, OpBuilder &builder) {
    Location loc = parameter.getLoc();
    Type type = parameter.getType();
    SmallVector<std::string> symbols{parameter.getSymName().str()};
    OptimizerSpec::Step step{ReadOp::create(builder, loc, type, symbols[0]), gradient, {},
                             learningRate, iteration};
    for (const std::string &slot : optimizer.slots) {
      symbols.push_back(optimizer.name + "." + slot + "." + symbols[0]);
      {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPoint(*program.getOps<func::FuncOp>().begin());
        SlotOp::create(builder, loc, builder.getStringAttr(symbols.back()), TypeAttr::get(type));
      }
      step.slots.push_back(ReadOp::create(builder, loc, type, symbols.back()));
    }
    for (auto [symbol, value] : llvm::zip_equal(symbols, optimizer.build(builder, loc, step, options)))
      WriteOp::create(builder, loc, symbol, value);
  }
};

} // namespace
} // namespace nncc::nn
