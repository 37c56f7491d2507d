//===- Merge.cpp - layers of several inputs of one shape -------------------===//
#include "nn/Definitions.h"
#include "nn/Folding.h"

using namespace mlir;

namespace nncc::nn {

void MultiplyOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getLhs()))
    gradients.add(getLhs(), MultiplyOp::create(builder, getLoc(), diffResults[0], getRhs()));
  if (gradients.wants(getRhs()))
    gradients.add(getRhs(), MultiplyOp::create(builder, getLoc(), diffResults[0], getLhs()));
}

void MaximumOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  for (auto [operand, value] : llvm::enumerate(getOperands()))
    if (gradients.wants(value))
      gradients.add(value, MaximumBwdOp::create(builder, getLoc(), getLhs(), getRhs(), diffResults[0],
                                                builder.getI64IntegerAttr(operand)));
}

static Value scaled(LayerBuilder &layer, Value value, double scale) {
  return layer.create<RescaleOp>(value, layer.builder.getF64FloatAttr(scale),
                                 layer.builder.getF64FloatAttr(0), TypeAttr::get(layer.elementType));
}

template <typename Op> static Value fold(LayerBuilder &layer, ValueRange inputs) {
  Value all = inputs[0];
  for (Value input : inputs.drop_front()) all = layer.create<Op>(all, input);
  return all;
}

static Value average(LayerBuilder &layer, ValueRange inputs) {
  return scaled(layer, fold<AddOp>(layer, inputs), 1.0 / inputs.size());
}

static Value difference(LayerBuilder &layer, ValueRange inputs) {
  return layer.create<AddOp>(inputs[0], scaled(layer, inputs[1], -1));
}

// What is larger is smaller when both are negated, and so the first of equals stays the first.
static Value minimum(LayerBuilder &layer, ValueRange inputs) {
  SmallVector<Value> negated;
  for (Value input : inputs) negated.push_back(scaled(layer, input, -1));
  return scaled(layer, fold<MaximumOp>(layer, negated), -1);
}

static LayerSpec mergeLayer(const char *name, const char *doc, int maxInputs,
                            Value (*merge)(LayerBuilder &, ValueRange)) {
  auto build = [name = std::string(name), merge](LayerBuilder &layer, const Options &,
                                                 ValueRange inputs) -> Value {
    for (Value input : inputs.drop_front())
      if (input.getType() != inputs[0].getType()) {
        layer.error(layer.loc) << name << " expects inputs of one shape, found "
                               << sampleShape(inputs[0].getType()) << " and "
                               << sampleShape(input.getType());
        return {};
      }
    return merge(layer, inputs);
  };
  return {name, doc, {}, 2, maxInputs, build, keepsSteps};
}

std::vector<LayerSpec> mergeLayers() {
  return {mergeLayer("add", "Sum of its inputs, of one shape.", 16, fold<AddOp>),
          mergeLayer("average", "Mean of its inputs, of one shape.", 16, average),
          mergeLayer("maximum", "The largest of its inputs, of one shape, element by element.", 16,
                     fold<MaximumOp>),
          mergeLayer("minimum", "The smallest of its inputs, of one shape, element by element.", 16, minimum),
          mergeLayer("multiply", "Product of its inputs, of one shape, element by element.", 16,
                     fold<MultiplyOp>),
          mergeLayer("subtract", "Its first input less its second, of one shape.", 2, difference)};
}

} // namespace nncc::nn
