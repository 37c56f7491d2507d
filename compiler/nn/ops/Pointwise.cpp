//===- Pointwise.cpp - rescaling, activations, sums ------------------------===//
#include "nn/Definitions.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

LogicalResult RescaleOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op,
                                          SmallVectorImpl<Type> &types) {
  types.push_back(RankedTensorType::get(shapeOf(op.getSrc()), op.getType()));
  return success();
}

void ReluOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), ReluBwdOp::create(builder, getLoc(), getDst(), diffResults[0]));
}

namespace {
// A pointwise gradient of a reshaped value is the reshaped gradient: without the view between
// them it becomes part of the kernel that computes the value.
struct ReluBwdBeforeReshape : OpRewritePattern<ReluBwdOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReluBwdOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getDiffDst().getDefiningOp<ReshapeOp>();
    if (!reshape) return failure();
    Type type = reshape.getSrc().getType();
    Value dst = ReshapeOp::create(rewriter, op.getLoc(), type, op.getDst());
    Value diff = ReluBwdOp::create(rewriter, op.getLoc(), dst, reshape.getSrc());
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), diff);
    return success();
  }
};
} // namespace

void ReluBwdOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ReluBwdBeforeReshape>(context);
}

void AddOp::vjp(OpBuilder &, ArrayRef<Value> diffResults, Gradients &gradients) {
  for (Value operand : {getLhs(), getRhs()})
    if (gradients.wants(operand)) gradients.add(operand, diffResults[0]);
}

ActivationSpec reluActivation() {
  return {"relu", "max(x, 0)",
          [](LayerBuilder &layer, Value value) -> Value { return layer.create<ReluOp>(value); }};
}

static Value buildAdd(LayerBuilder &layer, const Options &, ValueRange inputs) {
  for (Value input : inputs.drop_front())
    if (input.getType() != inputs[0].getType()) {
      layer.error(layer.loc) << "add expects inputs of one shape, found "
                             << sampleShape(inputs[0].getType()) << " and "
                             << sampleShape(input.getType());
      return {};
    }
  Value sum = inputs[0];
  for (Value input : inputs.drop_front()) sum = layer.create<AddOp>(sum, input);
  return sum;
}

LayerSpec addLayer() { return {"add", "Sum of its inputs, of one shape.", {}, 2, 16, buildAdd}; }

static Value buildActivation(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  return layer.activate(options.text("activation"), inputs[0]);
}

LayerSpec activationLayer() {
  return {"activation",
          "An activation as a layer of its own.",
          {{"activation", OptionKind::Activation, std::nullopt, "which one"}},
          1,
          1,
          buildActivation};
}

} // namespace nncc::nn
