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

LogicalResult AdamUpdateOp::verify() {
  if (tensorType(getLearningRate()).getRank() != 0 || tensorType(getIteration()).getRank() != 0)
    return emitOpError("learning_rate and iteration must be scalars");
  return success();
}

static double number(DictionaryAttr options, StringRef name) {
  return cast<FloatAttr>(options.get(name)).getValueAsDouble();
}

OptimizerSpec adamOptimizer() {
  return {"adam",
          "Adam (Kingma and Ba 2015), as Keras has it.",
          {{"learning_rate", OptionKind::Number, "0.001", "step size", 1, {}, 0},
           {"beta_1", OptionKind::Number, "0.9", "decay of the mean", 1, {}, 0, 0.9999999},
           {"beta_2", OptionKind::Number, "0.999", "decay of the mean square", 1, {}, 0, 0.9999999},
           {"epsilon", OptionKind::Number, "1e-7", "added to the root", 1, {}, 0}},
          {"m", "v"},
          [](OpBuilder &builder, Location loc, const OptimizerSpec::Step &step,
             DictionaryAttr options) -> SmallVector<Value> {
            Type type = step.parameter.getType();
            auto update = AdamUpdateOp::create(
                builder, loc, type, type, type, step.parameter, step.gradient, step.slots[0],
                step.slots[1], step.learningRate, step.iteration,
                builder.getF64FloatAttr(number(options, "beta_1")),
                builder.getF64FloatAttr(number(options, "beta_2")),
                builder.getF64FloatAttr(number(options, "epsilon")));
            return llvm::to_vector_of<Value>(update->getResults());
          }};
}

} // namespace nncc::nn
