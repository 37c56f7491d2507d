//===- Convolution.cpp - shape rules, gradients and layers of convolutions -===//
#include "nn/Definitions.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

LogicalResult Conv2DOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 4, "[N,H,W,ic]")) ||
      failed(checkRank(loc, "weights", op.getWeights(), 4, "[kh,kw,ic,oc]")))
    return failure();
  auto src = shapeOf(op.getSrc()), weights = shapeOf(op.getWeights());
  auto strides = op.getStrides(), pads = op.getPads();
  if (failed(checkWindow(loc, "kernel size", weights.take_front(2), strides, pads)))
    return failure();
  if (src[3] != weights[2])
    return emitOptionalError(loc, "weights want ", weights[2], " input channels, src has ", src[3]);
  if (op.getBias() && op.getBias().getType() !=
                          tensorType(op.getWeights()).clone(weights.drop_front(3)))
    return emitOptionalError(loc, "bias must have one value for each of the ", weights[3],
                             " output channels, found ", op.getBias().getType());
  int64_t oh = windowsAlong(src[1], pads[0], pads[2], weights[0], strides[0]);
  int64_t ow = windowsAlong(src[2], pads[1], pads[3], weights[1], strides[1]);
  if (oh < 1 || ow < 1)
    return emitOptionalError(loc, "a kernel of ", weights[0], "x", weights[1],
                             " does not fit into ", src[1], "x", src[2]);
  types.push_back(
      RankedTensorType::get({src[0], oh, ow, weights[3]}, tensorType(op.getSrc()).getElementType()));
  return success();
}

void Conv2DOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  Value diffDst = diffResults[0];
  auto src = shapeOf(getSrc()), weights = shapeOf(getWeights());
  if (gradients.wants(getSrc())) {
    // The channels exchanged once a step, so that the kernel's vectors run over src's channels.
    Value transposed = PermuteOp::create(builder, getLoc(), getWeights(),
                                         builder.getDenseI64ArrayAttr({0, 1, 3, 2}));
    gradients.add(getSrc(), Conv2DBwdDataOp::create(builder, getLoc(), diffDst, transposed,
                                                    src.slice(1, 2), getStrides(), getPads()));
  }
  bool wantsBias = getBias() && gradients.wants(getBias());
  if (gradients.wants(getWeights()) || wantsBias) {
    auto sums = Conv2DBwdWeightsOp::create(builder, getLoc(), getSrc(), diffDst,
                                           weights.take_front(2), getStrides(), getPads());
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
  auto size = op.getSrcSize(), strides = op.getStrides(), pads = op.getPads();
  if (failed(checkWindow(loc, "kernel size", weights.take_front(2), strides, pads)))
    return failure();
  if (size.size() != 2 || diff[3] != weights[2] ||
      diff[1] != windowsAlong(size[0], pads[0], pads[2], weights[0], strides[0]) ||
      diff[2] != windowsAlong(size[1], pads[1], pads[3], weights[1], strides[1]))
    return emitOptionalError(loc, "diff_dst ", op.getDiffDst().getType(),
                             " is not the result of such a convolution with weights ",
                             op.getWeights().getType());
  types.push_back(RankedTensorType::get({diff[0], size[0], size[1], weights[3]},
                                        tensorType(op.getDiffDst()).getElementType()));
  return success();
}

LogicalResult Conv2DBwdWeightsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                   Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 4, "[N,H,W,ic]")) ||
      failed(checkRank(loc, "diff_dst", op.getDiffDst(), 4, "[N,oh,ow,oc]")))
    return failure();
  auto src = shapeOf(op.getSrc()), diff = shapeOf(op.getDiffDst());
  auto kernel = op.getKernelSize(), strides = op.getStrides(), pads = op.getPads();
  if (failed(checkWindow(loc, "kernel size", kernel, strides, pads))) return failure();
  if (src[0] != diff[0] ||
      diff[1] != windowsAlong(src[1], pads[0], pads[2], kernel[0], strides[0]) ||
      diff[2] != windowsAlong(src[2], pads[1], pads[3], kernel[1], strides[1]))
    return emitOptionalError(loc, "diff_dst ", op.getDiffDst().getType(),
                             " is not the result of such a convolution of ", op.getSrc().getType());
  Type element = tensorType(op.getSrc()).getElementType();
  types.push_back(RankedTensorType::get({kernel[0], kernel[1], src[3], diff[3]}, element));
  types.push_back(RankedTensorType::get({diff[3]}, element));
  return success();
}

static Value buildConv2D(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  Value src = inputs[0];
  if (tensorType(src).getRank() != 4) {
    layer.error(layer.loc) << "conv2d expects an input [height, width, channels], found "
                           << sampleShape(src.getType());
    return {};
  }
  auto size = shapeOf(src).slice(1, 2);
  int64_t channels = shapeOf(src)[3], filters = options.integer("filters");
  auto &kernel = options.integers("kernel_size"), &strides = options.integers("strides");
  auto pads = explicitPads(options.text("padding"), size, kernel, strides);
  for (int i : {0, 1})
    if (windowsAlong(size[i], pads[i], pads[i + 2], kernel[i], strides[i]) < 1) {
      layer.error(options.location("kernel_size"))
          << "a kernel of " << kernel[0] << "x" << kernel[1] << " does not fit into the input "
          << sampleShape(src.getType()) << "; make it smaller or use padding: same";
      return {};
    }
  int64_t window = kernel[0] * kernel[1];
  Value weights = layer.kernel(options, {kernel[0], kernel[1], channels, filters},
                               window * channels, window * filters);
  Value bias = layer.bias(options, filters);
  Value dst = layer.create<Conv2DOp>(src, weights, bias,
                                     layer.builder.getDenseI64ArrayAttr(strides),
                                     layer.builder.getDenseI64ArrayAttr(pads));
  return layer.activate(options.text("activation"), dst);
}

LayerSpec conv2dLayer() {
  return {"conv2d",
          "2D convolution over [height, width, channels].",
          addKernelOptions({{"filters", OptionKind::Integer, std::nullopt, "number of output channels", 1, {}, 1, 65536},
           {"kernel_size", OptionKind::Integers, std::nullopt, "height and width of the kernel", 2, {}, 1, 4096},
           {"strides", OptionKind::Integers, "1", "steps down and to the right", 2, {}, 1, 4096},
           {"padding", OptionKind::Choice, "valid", "valid: none; same: as many outputs as inputs at stride 1",
            1, {"valid", "same"}},
           {"activation", OptionKind::Activation, "", "applied to the result"}}),
          1,
          1,
          buildConv2D};
}

} // namespace nncc::nn
