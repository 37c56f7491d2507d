//===- Optimizers.cpp - parameter updates ----------------------------------===//
#include "nn/Definitions.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

LogicalResult SumLanesOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                           SmallVectorImpl<Type> &types) {
  auto src = tensorType(op.getSrc());
  if (src.getRank() < 1) return emitOptionalError(loc, "src must have a dimension of lanes");
  types.push_back(RankedTensorType::get(src.getShape().drop_front(), src.getElementType()));
  return success();
}

static bool isScalar(Value value) { return tensorType(value).getRank() == 0; }

LogicalResult AdamUpdateOp::verify() {
  if (!isScalar(getLearningRate()) || !isScalar(getIteration()))
    return emitOpError("learning_rate and iteration must be scalars");
  return success();
}

LogicalResult EmaUpdateOp::verify() {
  if (!isScalar(getIteration())) return emitOpError("iteration must be a scalar");
  return success();
}

// So many slots, each as large as the parameter, and as many new ones.
template <typename OpT> static LogicalResult verifyUpdate(OpT op, size_t slots) {
  if (!isScalar(op.getLearningRate())) return op.emitOpError("learning_rate must be a scalar");
  if (op.getSlots().size() != slots || op.getNewSlots().size() != slots)
    return op.emitOpError("with these attributes it has ")
           << slots << (slots == 1 ? " slot" : " slots") << ", found " << op.getSlots().size()
           << " old and " << op.getNewSlots().size() << " new";
  auto fits = [&](Value slot) { return slot.getType() == op.getParameter().getType(); };
  if (!llvm::all_of(op.getSlots(), fits) || !llvm::all_of(op.getNewSlots(), fits))
    return op.emitOpError("slots must have the parameter's type");
  return success();
}

LogicalResult SgdUpdateOp::verify() {
  return verifyUpdate(*this, !getMomentum().isZero());
}
LogicalResult AdamwUpdateOp::verify() {
  if (!isScalar(getIteration())) return emitOpError("iteration must be a scalar");
  return verifyUpdate(*this, 2);
}
LogicalResult RmspropUpdateOp::verify() {
  return verifyUpdate(*this, 1 + !getMomentum().isZero() + getCentered());
}
LogicalResult AdagradUpdateOp::verify() { return verifyUpdate(*this, 1); }

static double number(DictionaryAttr options, StringRef name) {
  return cast<FloatAttr>(options.get(name)).getValueAsDouble();
}
static bool flag(DictionaryAttr options, StringRef name) {
  return cast<BoolAttr>(options.get(name)).getValue();
}

// An optimizer's own options between those that all have.
static std::vector<OptionSpec> optimizerOptions(const char *learningRate, std::vector<OptionSpec> own) {
  own.insert(own.begin(), {"learning_rate", OptionKind::Schedule, learningRate, "step size", 1, {}, 0});
  own.push_back({"clipvalue", OptionKind::Number, "", "every element of a gradient is kept within -clipvalue and clipvalue", 1, {}, 1e-30});
  own.push_back({"global_clipnorm", OptionKind::Number, "", "the gradients are scaled so that the norm of all together is at most this", 1, {}, 1e-30});
  return own;
}

static OptionSpec momentumOption() {
  return {"momentum", OptionKind::Number, "0", "share of the last step that is taken again", 1, {}, 0, 1};
}

// The update as Update computes it. Its attributes are options of the optimizer, of the same names
// and types.
template <typename Update>
static SmallVector<Value> buildUpdate(OpBuilder &builder, Location loc, const OptimizerSpec::Step &step,
                                      DictionaryAttr options) {
  SmallVector<Value> operands{step.parameter, step.gradient};
  llvm::append_range(operands, step.slots);
  operands.push_back(step.learningRate);
  if constexpr (requires(Update update) { update.getIteration(); }) operands.push_back(step.iteration);
  SmallVector<NamedAttribute> attributes;
  for (StringRef name : Update::getAttributeNames()) attributes.emplace_back(builder.getStringAttr(name), options.get(name));
  SmallVector<Type> types(1 + step.slots.size(), step.parameter.getType());
  auto update = Update::create(builder, loc, types, operands, attributes);
  return llvm::to_vector_of<Value>(update->getResults());
}

// Those of Adam, behind what a variant of it has more.
static std::vector<OptionSpec> adamOptions(std::vector<OptionSpec> more = {}) {
  more.push_back({"beta_1", OptionKind::Number, "0.9", "decay of the mean", 1, {}, 0, 0.9999999});
  more.push_back({"beta_2", OptionKind::Number, "0.999", "decay of the mean square", 1, {}, 0, 0.9999999});
  more.push_back({"epsilon", OptionKind::Number, "1e-7", "added to the root", 1, {}, 0});
  return optimizerOptions("0.001", std::move(more));
}

static std::vector<OptimizerSpec::Slot> adamSlots(DictionaryAttr) { return {{"m"}, {"v"}}; }

OptimizerSpec adamOptimizer() {
  return {"adam",
          "Adam (Kingma and Ba 2015), as Keras has it.",
          adamOptions(),
          adamSlots,
          buildUpdate<AdamUpdateOp>};
}

OptimizerSpec adamwOptimizer() {
  return {"adamw",
          "Adam with decoupled weight decay (Loshchilov and Hutter 2019), of all weights as in Keras.",
          adamOptions({{"weight_decay", OptionKind::Number, "0.004", "times the learning rate: share of a weight that is taken away", 1, {}, 0}}),
          adamSlots,
          buildUpdate<AdamwUpdateOp>};
}

OptimizerSpec sgdOptimizer() {
  return {"sgd",
          "Gradient descent, with momentum in Keras's form.",
          optimizerOptions("0.01", {
           momentumOption(),
           {"nesterov", OptionKind::Boolean, "false", "looks ahead by the momentum"}}),
          [](DictionaryAttr options) -> std::vector<OptimizerSpec::Slot> {
            if (number(options, "momentum") == 0) return {};
            return {{"momentum"}};
          },
          buildUpdate<SgdUpdateOp>};
}

OptimizerSpec rmspropOptimizer() {
  return {"rmsprop",
          "RMSprop (Tieleman and Hinton 2012), as Keras has it.",
          optimizerOptions("0.001", {
           {"rho", OptionKind::Number, "0.9", "decay of the mean square", 1, {}, 0, 1},
           momentumOption(),
           {"epsilon", OptionKind::Number, "1e-7", "added under the root", 1, {}, 0},
           {"centered", OptionKind::Boolean, "false", "divides by the variance instead of the mean square"}}),
          [](DictionaryAttr options) {
            std::vector<OptimizerSpec::Slot> slots{{"velocity"}};
            if (number(options, "momentum") != 0) slots.push_back({"momentum"});
            if (flag(options, "centered")) slots.push_back({"average_gradient"});
            return slots;
          },
          buildUpdate<RmspropUpdateOp>};
}

OptimizerSpec adagradOptimizer() {
  return {"adagrad",
          "Adagrad (Duchi, Hazan and Singer 2011), as Keras has it.",
          optimizerOptions("0.001", {
           {"initial_accumulator_value", OptionKind::Number, "0.1", "the sum of squares at the start", 1, {}, 0},
           {"epsilon", OptionKind::Number, "1e-7", "added under the root", 1, {}, 0}}),
          [](DictionaryAttr options) -> std::vector<OptimizerSpec::Slot> {
            return {{"accumulator", number(options, "initial_accumulator_value")}};
          },
          buildUpdate<AdagradUpdateOp>};
}

} // namespace nncc::nn
