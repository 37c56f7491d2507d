//===- Activations.cpp - gradients and layers of activations ---------------===//
#include "nn/Definitions.h"
#include "nn/Folding.h"

using namespace mlir;

namespace nncc::nn {

namespace {

// A pointwise gradient of a reshaped value is the reshaped gradient: without the view between
// them it becomes part of the kernel that computes the value.
template <typename BwdOp> struct BwdBeforeReshape : OpRewritePattern<BwdOp> {
  using OpRewritePattern<BwdOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(BwdOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getDiffDst().template getDefiningOp<ReshapeOp>();
    if (!reshape) return failure();
    Type type = reshape.getSrc().getType();
    Value saved = ReshapeOp::create(rewriter, op.getLoc(), type, op->getOperand(0));
    Operation *diff = rewriter.clone(*op);
    diff->setOperands({saved, reshape.getSrc()});
    diff->getResult(0).setType(type);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), diff->getResult(0));
    return success();
  }
};

// `op`'s gradient from what it saves, with its own attributes.
template <typename BwdOp, typename Op>
void addGradient(Op op, Value saved, OpBuilder &builder, ArrayRef<Value> diffResults,
                 Gradients &gradients) {
  if (gradients.wants(op.getSrc()))
    gradients.add(op.getSrc(), BwdOp::create(builder, op.getLoc(), op.getSrc().getType(),
                                             ValueRange{saved, diffResults[0]}, op->getAttrs()));
}

LogicalResult checkNotNegative(Operation *op, StringRef name, const APFloat &value) {
  double number = value.convertToDouble();
  if (number >= 0 && std::isfinite(number)) return success();
  return op->emitOpError() << name << " must be a number that is not negative, found " << number;
}

} // namespace

LogicalResult LeakyReluOp::verify() { return checkNotNegative(*this, "negative_slope", getNegativeSlope()); }
LogicalResult LeakyReluBwdOp::verify() { return checkNotNegative(*this, "negative_slope", getNegativeSlope()); }
LogicalResult EluOp::verify() { return checkNotNegative(*this, "alpha", getAlpha()); }
LogicalResult EluBwdOp::verify() { return checkNotNegative(*this, "alpha", getAlpha()); }

#define NNCC_ACTIVATION(NAME, SAVED)                                                               \
  void NAME##Op::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {      \
    addGradient<NAME##BwdOp>(*this, SAVED, builder, diffResults, gradients);                       \
  }                                                                                                \
  void NAME##BwdOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) { \
    patterns.add<BwdBeforeReshape<NAME##BwdOp>>(context);                                          \
  }
NNCC_ACTIVATION(Relu, getDst())
NNCC_ACTIVATION(LeakyRelu, getDst())
NNCC_ACTIVATION(Elu, getDst())
NNCC_ACTIVATION(Gelu, getSrc())
NNCC_ACTIVATION(Silu, getSrc())
NNCC_ACTIVATION(Sigmoid, getDst())
NNCC_ACTIVATION(Tanh, getDst())
NNCC_ACTIVATION(Softplus, getSrc())
#undef NNCC_ACTIVATION

template <typename Op> static Value apply(LayerBuilder &layer, Value value) {
  return layer.create<Op>(value.getType(), value);
}

// With an attribute of one number.
template <typename Op> static Value applyWith(LayerBuilder &layer, Value value, double number) {
  return layer.create<Op>(value.getType(), value, layer.builder.getF64FloatAttr(number));
}

std::vector<ActivationSpec> pointwiseActivations() {
  return {{"elu", "x where x > 0, else exp(x) - 1",
           [](LayerBuilder &layer, Value value) { return applyWith<EluOp>(layer, value, 1.0); }},
          {"gelu", "x * P(X <= x) for a standard normal X, exact", apply<GeluOp>},
          {"leaky_relu", "x where x > 0, else 0.2 * x",
           [](LayerBuilder &layer, Value value) { return applyWith<LeakyReluOp>(layer, value, 0.2); }},
          {"relu", "max(x, 0)", apply<ReluOp>},
          {"sigmoid", "1 / (1 + exp(-x))", apply<SigmoidOp>},
          {"silu", "x * sigmoid(x)", apply<SiluOp>},
          {"softplus", "log(1 + exp(x))", apply<SoftplusOp>},
          {"tanh", "the hyperbolic tangent", apply<TanhOp>}};
}

static Value buildActivation(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  return layer.activate(options.text("activation"), inputs[0]);
}

LayerSpec activationLayer() {
  return {"activation",
          "An activation as a layer of its own.",
          {{"activation", OptionKind::Activation, std::nullopt, "which one"}},
          1,
          1,
          buildActivation,
          keepsSteps};
}

LayerSpec eluLayer() {
  return {"elu",
          "x where x > 0, else alpha * (exp(x) - 1).",
          {{"alpha", OptionKind::Number, "1", "its limit far below 0 is -alpha", 1, {}, 0, 1e6}},
          1,
          1,
          [](LayerBuilder &layer, const Options &options, ValueRange inputs) {
            return applyWith<EluOp>(layer, inputs[0], options.number("alpha"));
          },
          keepsSteps};
}

LayerSpec leakyReluLayer() {
  return {"leaky_relu",
          "x where x > 0, else negative_slope * x. The activation of this name has 0.2, as in Keras.",
          {{"negative_slope", OptionKind::Number, "0.3", "its slope below 0", 1, {}, 0, 1e6}},
          1,
          1,
          [](LayerBuilder &layer, const Options &options, ValueRange inputs) {
            return applyWith<LeakyReluOp>(layer, inputs[0], options.number("negative_slope"));
          },
          keepsSteps};
}

} // namespace nncc::nn
