//===- Recurrent.cpp - rules of recurrences over time ----------------------===//
//
// A recurrence's gradient is the loop the other way round, which gives the gradient of the gates'
// sums. All else follows from these outside of any loop: the gradient of the recurrent weights is
// one matrix product of them with the states one step earlier.
//
//===----------------------------------------------------------------------===//
#include "nn/ops/Recurrent.h"
#include "nn/Shapes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nncc::nn {

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

namespace {

using Dims = SmallVector<int64_t>;

// Checks operands of a recurrence against its size, one error for the first that does not fit.
class Checks {
public:
  Checks(std::optional<Location> loc, Value sequence, int64_t samples, int64_t steps, int64_t units)
      : loc(loc), element(tensorType(sequence).getElementType()), samples(samples), steps(steps), units(units) {}

  LogicalResult operand(StringRef name, Value value, ArrayRef<int64_t> shape, Type type = {}) {
    if (!value) return success();
    auto expected = RankedTensorType::get(shape, type ? type : element);
    if (value.getType() == expected) return success();
    return emitOptionalError(loc, name, " must be ", expected, ", found ", value.getType());
  }
  LogicalResult state(StringRef name, Value value) { return operand(name, value, {samples, units}); }
  LogicalResult sequence(StringRef name, Value value, int64_t parts = 1) {
    return operand(name, value, {samples, steps, parts * units});
  }
  LogicalResult lengths(Value value) {
    return operand("lengths", value, {samples}, IntegerType::get(element.getContext(), 32));
  }
  Type result(int64_t parts = 1) const { return RankedTensorType::get({samples, steps, parts * units}, element); }

private:
  std::optional<Location> loc;
  Type element;
  int64_t samples, steps, units;
};

// The sizes of gates [N,T,parts*u].
FailureOr<Checks> checksOf(std::optional<Location> loc, StringRef name, Value gates, int64_t parts) {
  if (failed(checkRank(loc, name, gates, 3, "[N,T,units]"))) return failure();
  auto shape = shapeOf(gates);
  if (shape[2] % parts) {
    (void)emitOptionalError(loc, name, " must have ", parts, " columns a unit, found ", shape[2]);
    return failure();
  }
  return Checks(loc, gates, shape[0], shape[1], shape[2] / parts);
}

LogicalResult checkActivation(std::optional<Location> loc, StringRef attribute, StringRef name) {
  if (llvm::is_contained(recurrentActivations(), name)) return success();
  return emitOptionalError(loc, attribute, " must be one of ", llvm::join(recurrentActivations(), ", "), ", found ", name);
}

} // namespace

ArrayRef<StringRef> recurrentActivations() {
  static constexpr StringRef names[] = {"linear", "relu", "sigmoid", "tanh", "hard_sigmoid"};
  return names;
}

// What the attributes of a specification, which are numbers, call an activation.
static double numberOf(StringRef activation) {
  auto names = recurrentActivations();
  return llvm::find(names, activation) - names.begin();
}

LogicalResult LstmOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                       SmallVectorImpl<Type> &types) {
  auto checks = checksOf(loc, "gates", op.getGates(), 4);
  if (failed(checks)) return failure();
  int64_t units = shapeOf(op.getGates())[2] / 4;
  if (failed(checks->operand("weights", op.getWeights(), {units, 4 * units})) || failed(checks->lengths(op.getLengths())) ||
      failed(checks->state("initial_hidden", op.getInitialHidden())) ||
      failed(checks->state("initial_cell", op.getInitialCell())) || failed(checks->state("mask", op.getMask())) ||
      failed(checkActivation(loc, "activation", op.getActivation())) ||
      failed(checkActivation(loc, "recurrent_activation", op.getRecurrentActivation())))
    return failure();
  if (!op.getInitialHidden() != !op.getInitialCell())
    return emitOptionalError(loc, "initial_hidden and initial_cell must both be there, or none");
  types.append({checks->result(), checks->result(), checks->result(4)});
  return success();
}

LogicalResult LstmBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                          SmallVectorImpl<Type> &types) {
  auto checks = checksOf(loc, "cells", op.getCells(), 1);
  if (failed(checks)) return failure();
  int64_t units = shapeOf(op.getCells())[2];
  if (failed(checks->operand("weights", op.getWeights(), {4 * units, units})) ||
      failed(checks->sequence("activations", op.getActivations(), 4)) ||
      failed(checks->sequence("diff_hidden", op.getDiffHidden())) ||
      failed(checks->sequence("diff_cells", op.getDiffCells())) || failed(checks->lengths(op.getLengths())) ||
      failed(checks->state("initial_cell", op.getInitialCell())) || failed(checks->state("mask", op.getMask())) ||
      failed(checkActivation(loc, "activation", op.getActivation())) ||
      failed(checkActivation(loc, "recurrent_activation", op.getRecurrentActivation())))
    return failure();
  if (!op.getDiffHidden() && !op.getDiffCells())
    return emitOptionalError(loc, "diff_hidden or diff_cells must be there");
  types.append({checks->result(4), checks->result(), checks->result()});
  return success();
}

LogicalResult GruOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                      SmallVectorImpl<Type> &types) {
  auto checks = checksOf(loc, "gates", op.getGates(), 3);
  if (failed(checks)) return failure();
  int64_t units = shapeOf(op.getGates())[2] / 3;
  if (failed(checks->operand("weights", op.getWeights(), {units, 3 * units})) ||
      failed(checks->operand("bias", op.getBias(), {3 * units})) || failed(checks->lengths(op.getLengths())) ||
      failed(checks->state("initial_hidden", op.getInitialHidden())) || failed(checks->state("mask", op.getMask())) ||
      failed(checkActivation(loc, "activation", op.getActivation())) ||
      failed(checkActivation(loc, "recurrent_activation", op.getRecurrentActivation())))
    return failure();
  types.append({checks->result(), checks->result(4)});
  return success();
}

LogicalResult GruBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                         SmallVectorImpl<Type> &types) {
  auto checks = checksOf(loc, "hidden", op.getHidden(), 1);
  if (failed(checks)) return failure();
  int64_t units = shapeOf(op.getHidden())[2];
  if (failed(checks->operand("weights", op.getWeights(), {3 * units, units})) ||
      failed(checks->sequence("activations", op.getActivations(), 4)) ||
      failed(checks->sequence("diff_hidden", op.getDiffHidden())) || failed(checks->lengths(op.getLengths())) ||
      failed(checks->state("initial_hidden", op.getInitialHidden())) || failed(checks->state("mask", op.getMask())) ||
      failed(checkActivation(loc, "activation", op.getActivation())) ||
      failed(checkActivation(loc, "recurrent_activation", op.getRecurrentActivation())))
    return failure();
  types.append({checks->result(3), checks->result(3), checks->result()});
  return success();
}

LogicalResult SimpleRnnOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  auto checks = checksOf(loc, "gates", op.getGates(), 1);
  if (failed(checks)) return failure();
  int64_t units = shapeOf(op.getGates())[2];
  if (failed(checks->operand("weights", op.getWeights(), {units, units})) || failed(checks->lengths(op.getLengths())) ||
      failed(checks->state("initial_hidden", op.getInitialHidden())) || failed(checks->state("mask", op.getMask())) ||
      failed(checkActivation(loc, "activation", op.getActivation())))
    return failure();
  types.append({checks->result()});
  return success();
}

LogicalResult SimpleRnnBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                               SmallVectorImpl<Type> &types) {
  auto checks = checksOf(loc, "hidden", op.getHidden(), 1);
  if (failed(checks)) return failure();
  int64_t units = shapeOf(op.getHidden())[2];
  if (failed(checks->operand("weights", op.getWeights(), {units, units})) ||
      failed(checks->sequence("diff_hidden", op.getDiffHidden())) || failed(checks->lengths(op.getLengths())) ||
      failed(checks->state("mask", op.getMask())) || failed(checkActivation(loc, "activation", op.getActivation())))
    return failure();
  types.append({checks->result(), checks->result()});
  return success();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {

using When = Recurrence::When;

// Puts the loop of `op` together, whose operands are known by their first number in a segment.
class Loop {
public:
  Loop(Operation *op, Value sequence, int64_t units, bool backwards) : op(op) {
    loop.steps = shapeOf(sequence)[1];
    loop.units = units;
    loop.backwards = backwards;
  }

  // An operand; nothing is read of one that is absent.
  void read(Value value, When when, Value edge = {}) {
    if (value) loop.reads.push_back({false, numberOf(value), when, edge ? int(numberOf(edge)) : -1});
  }
  void carry(unsigned result, Value edge = {}) {
    loop.reads.push_back({true, result, When::Previous, edge ? int(numberOf(edge)) : -1});
  }
  void tell(StringRef name, double value) { loop.attributes.push_back({name, value}); }
  void lengths(Value value) {
    read(value, When::Whole);
    if (value) loop.lengths = numberOf(value);
    tell("lengths", bool(value));
  }
  // Always there, so that a specification says which operands it has.
  void optional(StringRef name, Value value, When when) {
    read(value, when);
    tell(name, bool(value));
  }

  Recurrence loop;

private:
  unsigned numberOf(Value value) {
    for (OpOperand &operand : op->getOpOperands())
      if (operand.get() == value) return operand.getOperandNumber();
    llvm_unreachable("an operand of the op");
  }
  Operation *op;
};

} // namespace

static Recurrence loopOf(LstmOp op) {
  Loop loop(op, op.getGates(), shapeOf(op.getWeights())[0], op.getReversed());
  loop.read(op.getGates(), When::Step);
  loop.read(op.getWeights(), When::Whole);
  loop.carry(0, op.getInitialHidden());
  loop.carry(1, op.getInitialCell());
  loop.optional("mask", op.getMask(), When::Whole);
  loop.lengths(op.getLengths());
  loop.tell("activation", numberOf(op.getActivation()));
  loop.tell("recurrent_activation", numberOf(op.getRecurrentActivation()));
  return loop.loop;
}

static Recurrence loopOf(LstmBwdOp op) {
  Loop loop(op, op.getCells(), shapeOf(op.getCells())[2], !op.getReversed());
  loop.read(op.getWeights(), When::Whole);
  loop.read(op.getActivations(), When::Step);
  loop.read(op.getCells(), When::Step);
  loop.read(op.getCells(), When::Next, op.getInitialCell());
  loop.carry(0);
  loop.carry(1);
  loop.optional("diff_hidden", op.getDiffHidden(), When::Step);
  loop.optional("diff_cells", op.getDiffCells(), When::Step);
  loop.optional("mask", op.getMask(), When::Whole);
  loop.lengths(op.getLengths());
  if (op.getLengths()) loop.carry(2);
  loop.loop.last = true;
  loop.tell("activation", numberOf(op.getActivation()));
  loop.tell("recurrent_activation", numberOf(op.getRecurrentActivation()));
  return loop.loop;
}

static Recurrence loopOf(GruOp op) {
  Loop loop(op, op.getGates(), shapeOf(op.getWeights())[0], op.getReversed());
  loop.read(op.getGates(), When::Step);
  loop.read(op.getWeights(), When::Whole);
  loop.carry(0, op.getInitialHidden());
  loop.optional("bias", op.getBias(), When::Whole);
  loop.optional("mask", op.getMask(), When::Whole);
  loop.lengths(op.getLengths());
  loop.tell("activation", numberOf(op.getActivation()));
  loop.tell("recurrent_activation", numberOf(op.getRecurrentActivation()));
  return loop.loop;
}

static Recurrence loopOf(GruBwdOp op) {
  Loop loop(op, op.getHidden(), shapeOf(op.getHidden())[2], !op.getReversed());
  loop.read(op.getWeights(), When::Whole);
  loop.read(op.getActivations(), When::Step);
  loop.read(op.getHidden(), When::Next, op.getInitialHidden());
  loop.read(op.getDiffHidden(), When::Step);
  loop.carry(1);
  loop.carry(2);
  loop.optional("mask", op.getMask(), When::Whole);
  loop.lengths(op.getLengths());
  loop.loop.last = true;
  loop.tell("activation", numberOf(op.getActivation()));
  loop.tell("recurrent_activation", numberOf(op.getRecurrentActivation()));
  return loop.loop;
}

static Recurrence loopOf(SimpleRnnOp op) {
  Loop loop(op, op.getGates(), shapeOf(op.getGates())[2], op.getReversed());
  loop.read(op.getGates(), When::Step);
  loop.read(op.getWeights(), When::Whole);
  loop.carry(0, op.getInitialHidden());
  loop.optional("mask", op.getMask(), When::Whole);
  loop.lengths(op.getLengths());
  loop.tell("activation", numberOf(op.getActivation()));
  return loop.loop;
}

static Recurrence loopOf(SimpleRnnBwdOp op) {
  Loop loop(op, op.getHidden(), shapeOf(op.getHidden())[2], !op.getReversed());
  loop.read(op.getWeights(), When::Whole);
  loop.read(op.getHidden(), When::Step);
  loop.read(op.getDiffHidden(), When::Step);
  loop.carry(0);
  loop.optional("mask", op.getMask(), When::Whole);
  loop.lengths(op.getLengths());
  if (op.getLengths()) loop.carry(1);
  loop.tell("activation", numberOf(op.getActivation()));
  return loop.loop;
}

std::optional<Recurrence> recurrenceOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Recurrence>>(op)
      .Case<LstmOp, LstmBwdOp, GruOp, GruBwdOp, SimpleRnnOp, SimpleRnnBwdOp>([](auto each) { return loopOf(each); })
      .Default([](Operation *) { return std::nullopt; });
}

bool isRecurrence(Operation *op) {
  return isa<LstmOp, LstmBwdOp, GruOp, GruBwdOp, SimpleRnnOp, SimpleRnnBwdOp>(op);
}

//===----------------------------------------------------------------------===//
// Gradients
//===----------------------------------------------------------------------===//

namespace {

// What follows from the gradients of a loop outside of it. `weights` are the recurrent ones [u,G*u].
class Outside {
public:
  Outside(OpBuilder &builder, Location loc, bool reversed, Value weights)
      : builder(builder), loc(loc), reversed(reversed), weights(weights) {}

  Value transposed() {
    return PermuteOp::create(builder, loc, weights, builder.getDenseI64ArrayAttr({1, 0}));
  }

  // The state before each step as the product reads it: without what dropout took, if there is a mask.
  Value states(Value sequence, Value initial, Value mask) {
    Value states = before(sequence, initial);
    return mask ? ScaleStepsOp::create(builder, loc, states, mask).getResult() : states;
  }

  // The state before each step: `sequence` a step later, and what stands at the edge.
  Value before(Value sequence, Value initial) {
    auto shape = shapeOf(sequence);
    int64_t steps = shape[1], columns = shape[2];
    Value edge;
    if (initial)
      edge = ReshapeOp::create(builder, loc, tensorType(sequence).clone({shape[0], 1, columns}), initial);
    if (steps == 1)
      return edge ? edge : RescaleOp::create(builder, loc, sequence, builder.getF64FloatAttr(0), builder.getF64FloatAttr(0),
                                             TypeAttr::get(tensorType(sequence).getElementType()));
    Value rest = SliceOp::create(builder, loc, sequence, ArrayRef<int64_t>{0, reversed ? 1 : 0, 0},
                                 ArrayRef<int64_t>{shape[0], steps - 1, columns});
    if (!edge)
      return PadOp::create(builder, loc, rest, ArrayRef<int64_t>{0, reversed ? 0 : 1, 0},
                           ArrayRef<int64_t>{0, reversed ? 1 : 0, 0});
    SmallVector<Value> parts{edge, rest};
    if (reversed) std::swap(parts[0], parts[1]);
    return ConcatenateOp::create(builder, loc, parts, builder.getI64IntegerAttr(1));
  }

  // [N,T,F] as [N*T,F].
  Value folded(Value sequence) {
    auto shape = shapeOf(sequence);
    return ReshapeOp::create(builder, loc, tensorType(sequence).clone({shape[0] * shape[1], shape[2]}), sequence);
  }

  // The product's weights and bias from the gradient of its sums.
  DenseBwdWeightsOp product(Value states, Value diffSums) {
    return DenseBwdWeightsOp::create(builder, loc, folded(states), folded(diffSums));
  }

  // Of a sequence the step that the forward starts with.
  Value first(Value sequence) {
    auto shape = shapeOf(sequence);
    Value step = sequence;
    if (shape[1] > 1)
      step = SliceOp::create(builder, loc, sequence, ArrayRef<int64_t>{0, reversed ? shape[1] - 1 : 0, 0},
                             ArrayRef<int64_t>{shape[0], 1, shape[2]});
    return ReshapeOp::create(builder, loc, tensorType(sequence).clone({shape[0], shape[2]}), step);
  }

  // What reaches the initial state by way of the product, and beside it.
  Value initial(Value diffSums, Value transposed, Value mask, Value beside) {
    Value diff = DenseBwdDataOp::create(builder, loc, first(diffSums), transposed);
    if (mask) diff = MultiplyOp::create(builder, loc, diff, mask);
    return beside ? AddOp::create(builder, loc, diff, first(beside)).getResult() : diff;
  }

private:
  OpBuilder &builder;
  Location loc;
  bool reversed;
  Value weights;
};

// A recurrence's operands that no gradient flows to.
template <typename Op> bool refuses(Op op, Gradients &gradients) {
  if (!op.getMask() || !gradients.wants(op.getMask())) return false;
  gradients.refuse(op, "mask");
  return true;
}

} // namespace

void LstmOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (refuses(*this, gradients)) return;
  Outside outside(builder, getLoc(), getReversed(), getWeights());
  Value transposed = outside.transposed();
  auto loop = LstmBwdOp::create(builder, getLoc(), transposed, getActivations(), getCells(), diffResults[0],
                                diffResults[1], getLengths(), getInitialCell(), getMask(), getReversedAttr(),
                                getActivationAttr(), getRecurrentActivationAttr());
  if (gradients.wants(getGates())) gradients.add(getGates(), loop.getDiffGates());
  if (gradients.wants(getWeights())) {
    Value states = outside.states(getHidden(), getInitialHidden(), getMask());
    gradients.add(getWeights(), outside.product(states, loop.getDiffGates()).getDiffWeights());
  }
  if (getInitialHidden() && gradients.wants(getInitialHidden()))
    gradients.add(getInitialHidden(), outside.initial(loop.getDiffGates(), transposed, getMask(),
                                                      getLengths() ? loop.getDiffState() : Value()));
  if (getInitialCell() && gradients.wants(getInitialCell()))
    gradients.add(getInitialCell(), outside.first(loop.getDiffCell()));
}

void GruOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (refuses(*this, gradients)) return;
  Outside outside(builder, getLoc(), getReversed(), getWeights());
  Value transposed = outside.transposed();
  auto loop = GruBwdOp::create(builder, getLoc(), transposed, getActivations(), getHidden(), diffResults[0], getLengths(),
                               getInitialHidden(), getMask(), getReversedAttr(), getActivationAttr(),
                               getRecurrentActivationAttr());
  if (gradients.wants(getGates())) gradients.add(getGates(), loop.getDiffGates());
  bool wantsBias = getBias() && gradients.wants(getBias());
  if (gradients.wants(getWeights()) || wantsBias) {
    Value states = outside.states(getHidden(), getInitialHidden(), getMask());
    auto product = outside.product(states, loop.getDiffSums());
    if (gradients.wants(getWeights())) gradients.add(getWeights(), product.getDiffWeights());
    if (wantsBias) gradients.add(getBias(), product.getDiffBias());
  }
  if (getInitialHidden() && gradients.wants(getInitialHidden()))
    gradients.add(getInitialHidden(), outside.initial(loop.getDiffSums(), transposed, getMask(), loop.getDiffState()));
}

void SimpleRnnOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (refuses(*this, gradients)) return;
  Outside outside(builder, getLoc(), getReversed(), getWeights());
  Value transposed = outside.transposed();
  auto loop = SimpleRnnBwdOp::create(builder, getLoc(), transposed, getHidden(), diffResults[0], getLengths(), getMask(),
                                     getReversedAttr(), getActivationAttr());
  if (gradients.wants(getGates())) gradients.add(getGates(), loop.getDiffGates());
  if (gradients.wants(getWeights())) {
    Value states = outside.states(getHidden(), getInitialHidden(), getMask());
    gradients.add(getWeights(), outside.product(states, loop.getDiffGates()).getDiffWeights());
  }
  if (getInitialHidden() && gradients.wants(getInitialHidden()))
    gradients.add(getInitialHidden(), outside.initial(loop.getDiffGates(), transposed, getMask(),
                                                      getLengths() ? loop.getDiffState() : Value()));
}

LogicalResult ReverseStepsOp::verify() { return checkRank(getLoc(), "src", getSrc(), 3, "[N,T,F]"); }

void ReverseStepsOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc())) gradients.add(getSrc(), ReverseStepsOp::create(builder, getLoc(), diffResults[0]));
}

//===----------------------------------------------------------------------===//
// Recurrent dropout
//===----------------------------------------------------------------------===//

LogicalResult ScaleStepsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                             SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 3, "[N,T,F]"))) return failure();
  auto src = tensorType(op.getSrc());
  auto expected = src.clone({src.getDimSize(0), src.getDimSize(2)});
  if (op.getScale().getType() != expected)
    return emitOptionalError(loc, "scale must be ", expected, ", found ", op.getScale().getType());
  types.push_back(src);
  return success();
}

void ScaleStepsOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getScale())) return gradients.refuse(*this, "scale");
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), ScaleStepsOp::create(builder, getLoc(), diffResults[0], getScale()));
}

static LogicalResult checkRate(std::optional<Location> loc, const APFloat &rate) {
  double number = rate.convertToDouble();
  if (number >= 0 && number < 1) return success();
  return emitOptionalError(loc, "rate must be from 0 to below 1, found ", number);
}

LogicalResult DropoutMaskOp::verify() {
  auto type = tensorType(getMask());
  if (tensorType(getSrc()).getRank() < 1 || type.getRank() != 2 || type.getDimSize(0) != shapeOf(getSrc())[0])
    return emitOpError("must give [N,columns] for src [N,...], found ") << getSrc().getType() << " -> " << type;
  return checkRate(getLoc(), getRate());
}

void DropoutMaskOp::toTraining(OpBuilder &builder, StepValues &step) {
  Value mask = RandomMaskOp::create(builder, getLoc(), getMask().getType(), step.sampleIds(), step.seed(),
                                    step.iteration(), getRateAttr(), getStreamAttr());
  getResult().replaceAllUsesWith(mask);
  erase();
}

// Nothing is dropped, so nothing is multiplied.
void DropoutMaskOp::toInference(OpBuilder &) {
  for (Operation *user : llvm::make_early_inc_range(getResult().getUsers()))
    llvm::TypeSwitch<Operation *>(user)
        .Case([&](ScaleStepsOp scale) {
          scale.getResult().replaceAllUsesWith(scale.getSrc());
          scale.erase();
        })
        .Case<LstmOp, GruOp, SimpleRnnOp>([](auto loop) { loop.getMaskMutable().clear(); });
  erase();
}

LogicalResult RandomMaskOp::verify() {
  auto type = tensorType(getMask());
  if (type.getRank() != 2 || shapeOf(getSampleIds()) != type.getShape().take_front())
    return emitOpError("must give [N,columns] for sample_ids [N], found ") << getSampleIds().getType() << " -> " << type;
  if (failed(checkRank(getLoc(), "seed", getSeed(), 0, "a scalar")) ||
      failed(checkRank(getLoc(), "iteration", getIteration(), 0, "a scalar")))
    return failure();
  return checkRate(getLoc(), getRate());
}

} // namespace nncc::nn
