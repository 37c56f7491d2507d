//===- Convolution.cpp - shape rules and gradients of convolutions ----------===//
#include "nn/Dialect.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

// What all three directions check of their attributes and say of the layer's result.
namespace {
template <typename Adaptor> struct Geometry {
  ArrayRef<int64_t> strides, pads, dilations;
  int64_t groups;

  explicit Geometry(Adaptor &op)
      : strides(op.getStrides()), pads(op.getPads()), dilations(op.getDilations()),
        groups(op.getGroups()) {}

  LogicalResult check(std::optional<Location> loc, ArrayRef<int64_t> kernel) const {
    if (failed(checkWindow(loc, "kernel size", kernel, strides, pads))) return failure();
    if (dilations.size() != 2 || llvm::any_of(dilations, [](int64_t value) { return value < 1; }))
      return emitOptionalError(loc, "dilations must be two positive numbers");
    if (groups < 1) return emitOptionalError(loc, "groups must be a positive number, found ", groups);
    return success();
  }
  // Positions of the kernel along dimension `i` (0: down) of `size` elements.
  int64_t windows(int i, int64_t size, int64_t kernel) const {
    return windowsAlong(size, pads[i], pads[i + 2], dilated(kernel, dilations[i]), strides[i]);
  }
};
} // namespace

static LogicalResult checkBias(std::optional<Location> loc, Value bias, Value weights) {
  auto channels = shapeOf(weights).drop_front(3);
  if (bias && bias.getType() != tensorType(weights).clone(channels))
    return emitOptionalError(loc, "bias must have one value for each of the ", channels[0],
                             " output channels, found ", bias.getType());
  return success();
}

LogicalResult Conv2DOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 4, "[N,H,W,ic]")) ||
      failed(checkRank(loc, "weights", op.getWeights(), 4, "[kh,kw,ic,oc]")))
    return failure();
  auto src = shapeOf(op.getSrc()), weights = shapeOf(op.getWeights());
  Geometry geometry(op);
  if (failed(geometry.check(loc, weights.take_front(2)))) return failure();
  int64_t groups = geometry.groups;
  if (src[3] != weights[2] * groups)
    return emitOptionalError(loc, "weights want ", weights[2] * groups, " input channels, src has ",
                             src[3]);
  if (weights[3] % groups)
    return emitOptionalError(loc, weights[3], " output channels cannot be cut into ", groups,
                             " groups");
  if (failed(checkBias(loc, op.getBias(), op.getWeights()))) return failure();
  int64_t oh = geometry.windows(0, src[1], weights[0]);
  int64_t ow = geometry.windows(1, src[2], weights[1]);
  if (oh < 1 || ow < 1)
    return emitOptionalError(loc, "a kernel of ", weights[0], "x", weights[1],
                             " does not fit into ", src[1], "x", src[2]);
  types.push_back(
      RankedTensorType::get({src[0], oh, ow, weights[3]}, tensorType(op.getSrc()).getElementType()));
  return success();
}

// The weights with the channels of each group exchanged, so that the kernel of the other
// direction has its vectors over the channels that it writes: once a step. Exchanging twice is
// nothing.
static Value exchangeChannels(OpBuilder &builder, Location loc, Value weights, int64_t groups) {
  ArrayRef<int64_t> shape = shapeOf(weights);
  if (groups == 1) {
    const int64_t order[] = {0, 1, 3, 2};
    if (auto exchanged = weights.getDefiningOp<PermuteOp>(); exchanged && exchanged.getPerm() == ArrayRef(order))
      return exchanged.getSrc();
    return PermuteOp::create(builder, loc, weights, builder.getDenseI64ArrayAttr(order));
  }
  int64_t in = shape[2], out = shape[3] / groups;
  if (in == 1 && out == 1) return weights;
  Type element = tensorType(weights).getElementType();
  Value split = ReshapeOp::create(
      builder, loc, RankedTensorType::get({shape[0], shape[1], in, groups, out}, element), weights);
  Value permuted = PermuteOp::create(builder, loc, split, builder.getDenseI64ArrayAttr({0, 1, 4, 3, 2}));
  return ReshapeOp::create(builder, loc,
                           RankedTensorType::get({shape[0], shape[1], out, groups * in}, element), permuted);
}

void Conv2DOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  Value diffDst = diffResults[0];
  auto src = shapeOf(getSrc()), weights = shapeOf(getWeights());
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(),
                  Conv2DBwdDataOp::create(builder, getLoc(), diffDst,
                                          exchangeChannels(builder, getLoc(), getWeights(), getGroups()),
                                          /*bias=*/Value(), src.slice(1, 2), getStrides(), getPads(),
                                          getDilations(), getGroups()));
  bool wantsBias = getBias() && gradients.wants(getBias());
  if (gradients.wants(getWeights()) || wantsBias) {
    auto sums = Conv2DBwdWeightsOp::create(builder, getLoc(), getSrc(), diffDst, weights.take_front(2),
                                           getStrides(), getPads(), getDilations(), getGroups());
    if (gradients.wants(getWeights())) gradients.add(getWeights(), sums.getDiffWeights());
    if (wantsBias) gradients.add(getBias(), sums.getDiffBias());
  }
}

LogicalResult Conv2DBwdDataOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "diff_dst", op.getDiffDst(), 4, "[N,oh,ow,oc]")) ||
      failed(checkRank(loc, "weights", op.getWeights(), 4, "[kh,kw,oc,ic]")))
    return failure();
  auto diff = shapeOf(op.getDiffDst()), weights = shapeOf(op.getWeights());
  auto size = op.getSrcSize();
  Geometry geometry(op);
  if (failed(geometry.check(loc, weights.take_front(2)))) return failure();
  if (size.size() != 2 || diff[3] != weights[2] * geometry.groups ||
      diff[1] != geometry.windows(0, size[0], weights[0]) ||
      diff[2] != geometry.windows(1, size[1], weights[1]))
    return emitOptionalError(loc, "diff_dst ", op.getDiffDst().getType(),
                             " is not the result of such a convolution with weights ",
                             op.getWeights().getType());
  if (weights[3] % geometry.groups)
    return emitOptionalError(loc, weights[3], " output channels cannot be cut into ",
                             geometry.groups, " groups");
  if (failed(checkBias(loc, op.getBias(), op.getWeights()))) return failure();
  types.push_back(RankedTensorType::get({diff[0], size[0], size[1], weights[3]},
                                        tensorType(op.getDiffDst()).getElementType()));
  return success();
}

// Of a transposed convolution: the convolution itself, and its weight gradient with the operands
// exchanged.
void Conv2DBwdDataOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  Value diff = diffResults[0];
  if (gradients.wants(getDiffDst()))
    gradients.add(getDiffDst(),
                  Conv2DOp::create(builder, getLoc(), diff,
                                   exchangeChannels(builder, getLoc(), getWeights(), getGroups()),
                                   /*bias=*/Value(), getStrides(), getPads(), getDilations(),
                                   getGroups()));
  if (gradients.wants(getWeights())) {
    // In the layout of the convolution's weights, which is that of what was exchanged here.
    Value sums = Conv2DBwdWeightsOp::create(builder, getLoc(), diff, getDiffDst(),
                                            shapeOf(getWeights()).take_front(2), getStrides(),
                                            getPads(), getDilations(), getGroups())
                     .getDiffWeights();
    auto exchanged = getWeights().getDefiningOp<PermuteOp>();
    Value source = exchanged ? exchanged.getSrc() : Value();
    if (source && source.getType() == sums.getType() &&
        exchangeChannels(builder, getLoc(), getWeights(), getGroups()) == source)
      gradients.add(source, sums);
    else
      gradients.add(getWeights(), exchangeChannels(builder, getLoc(), sums, getGroups()));
  }
  if (getBias() && gradients.wants(getBias()))
    gradients.add(getBias(), BiasBwdOp::create(builder, getLoc(), diff));
}

LogicalResult Conv2DBwdWeightsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                   Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 4, "[N,H,W,ic]")) ||
      failed(checkRank(loc, "diff_dst", op.getDiffDst(), 4, "[N,oh,ow,oc]")))
    return failure();
  auto src = shapeOf(op.getSrc()), diff = shapeOf(op.getDiffDst());
  auto kernel = op.getKernelSize();
  Geometry geometry(op);
  if (failed(geometry.check(loc, kernel))) return failure();
  if (src[0] != diff[0] || diff[1] != geometry.windows(0, src[1], kernel[0]) ||
      diff[2] != geometry.windows(1, src[2], kernel[1]))
    return emitOptionalError(loc, "diff_dst ", op.getDiffDst().getType(),
                             " is not the result of such a convolution of ", op.getSrc().getType());
  if (src[3] % geometry.groups || diff[3] % geometry.groups)
    return emitOptionalError(loc, src[3], " and ", diff[3], " channels cannot be cut into ",
                             geometry.groups, " groups");
  Type element = tensorType(op.getSrc()).getElementType();
  types.push_back(RankedTensorType::get({kernel[0], kernel[1], src[3] / geometry.groups, diff[3]}, element));
  types.push_back(RankedTensorType::get({diff[3]}, element));
  return success();
}

LogicalResult BiasBwdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                          SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "diff_dst", op.getDiffDst(), 4, "[N,H,W,C]"))) return failure();
  auto diff = tensorType(op.getDiffDst());
  types.push_back(RankedTensorType::get(diff.getShape().drop_front(3), diff.getElementType()));
  return success();
}

} // namespace nncc::nn
