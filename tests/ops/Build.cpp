#include "Build.h"

namespace nncc::ops {

int64_t windows(int64_t extent, int64_t window, int64_t stride, int64_t before, int64_t after,
                int64_t dilation) {
  return (extent + before + after - (window - 1) * dilation - 1) / stride + 1;
}

static Attributes attributesOf(const Stride &stride) {
  return {{"strides", {stride.strides.begin(), stride.strides.end()}},
          {"pads", {stride.pads.begin(), stride.pads.end()}}};
}

static Attributes ofConvolution(const Stride &stride) {
  Attributes attributes = attributesOf(stride);
  attributes["dilations"] = {stride.dilations.begin(), stride.dilations.end()};
  attributes["groups"] = {double(stride.groups)};
  return attributes;
}

static Attributes attributesOf(const Stride &stride, std::array<int64_t, 2> size) {
  Attributes attributes = attributesOf(stride);
  attributes["pool_size"] = {size.begin(), size.end()};
  return attributes;
}

Value Builder::argument(TensorType type) {
  spec.arguments.push_back(type);
  return {{true, static_cast<int>(spec.arguments.size()) - 1, 0}, type};
}

std::vector<Value> Builder::node(const std::string &op, std::vector<Value> operands,
                                 Attributes attributes, std::vector<TensorType> results) {
  schedule::Node node;
  node.op = op;
  for (const Value &operand : operands)
    node.operands.push_back(operand.ref);
  node.attributes = std::move(attributes);
  node.results = results;
  spec.nodes.push_back(node);
  std::vector<Value> values;
  for (size_t r = 0; r < results.size(); r++)
    values.push_back({{false, static_cast<int>(spec.nodes.size()) - 1, static_cast<int>(r)},
                      results[r]});
  return values;
}

Value Builder::conv2d(Value src, Value weights, std::optional<Value> bias, Stride stride) {
  const Shape &from = src.type.shape, &kernel = weights.type.shape;
  const auto &[top, left, bottom, right] = stride.pads;
  std::vector<Value> operands = {src, weights};
  if (bias)
    operands.push_back(*bias);
  TensorType dst{real,
                 {from[0],
                  windows(from[1], kernel[0], stride.strides[0], top, bottom, stride.dilations[0]),
                  windows(from[2], kernel[1], stride.strides[1], left, right, stride.dilations[1]),
                  kernel[3]},
                 src.type.sliced};
  Value result = node("conv2d", operands, ofConvolution(stride), {dst})[0];
  anchor();
  return result;
}

Value Builder::conv2dBwdData(Value diffDst, Value weights, int64_t H, int64_t W,
                             Stride stride, std::optional<Value> bias) {
  TensorType diffSrc{real, {diffDst.type.shape[0], H, W, weights.type.shape[3]},
                     diffDst.type.sliced};
  Attributes attributes = ofConvolution(stride);
  attributes["src_size"] = {double(H), double(W)};
  std::vector<Value> operands = {diffDst, weights};
  if (bias)
    operands.push_back(*bias);
  Value result = node("conv2d_bwd_data", operands, attributes, {diffSrc})[0];
  anchor();
  return result;
}

Value Builder::biasBwd(Value diffDst) {
  Value result = node("bias_bwd", {diffDst}, {}, {{real, {diffDst.type.shape[3]}, -1}})[0];
  anchor();
  return result;
}

std::vector<Value> Builder::conv2dBwdWeights(Value src, Value diffDst, int64_t kh, int64_t kw,
                                             Stride stride) {
  const int64_t ic = src.type.shape[3] / stride.groups, oc = diffDst.type.shape[3];
  Attributes attributes = ofConvolution(stride);
  attributes["kernel_size"] = {double(kh), double(kw)};
  auto results = node("conv2d_bwd_weights", {src, diffDst}, attributes,
                      {{real, {kh, kw, ic, oc}, -1}, {real, {oc}, -1}});
  anchor();
  return results;
}

Value Builder::dense(Value src, Value weights, std::optional<Value> bias) {
  std::vector<Value> operands = {src, weights};
  if (bias)
    operands.push_back(*bias);
  Value result = node("dense", operands, {},
                      {{real, {src.type.shape[0], weights.type.shape[1]}, src.type.sliced}})[0];
  anchor();
  return result;
}

Value Builder::denseBwdData(Value diffDst, Value weights) {
  Value result =
      node("dense_bwd_data", {diffDst, weights}, {},
           {{real, {diffDst.type.shape[0], weights.type.shape[1]}, diffDst.type.sliced}})[0];
  anchor();
  return result;
}

std::vector<Value> Builder::denseBwdWeights(Value src, Value diffDst) {
  const int64_t in = src.type.shape[1], out = diffDst.type.shape[1];
  auto results = node("dense_bwd_weights", {src, diffDst}, {},
                      {{real, {in, out}, -1}, {real, {out}, -1}});
  anchor();
  return results;
}

Value Builder::denseBwdWeightsWhole(Value src, Value diffDst, Value samples, int64_t rows) {
  Value result = node("dense_bwd_weights_whole", {src, diffDst, samples}, {{"rows", {double(rows)}}},
                      {{real, {src.type.shape[1], diffDst.type.shape[1]}, 0}})[0];
  anchor();
  return result;
}

Value Builder::rescale(Value src, double scale, double offset) {
  TensorType dst = src.type;
  dst.element = real;
  return node("rescale", {src}, {{"scale", {scale}}, {"offset", {offset}}}, {dst})[0];
}

Value Builder::relu(Value src) { return node("relu", {src}, {}, {src.type})[0]; }

Value Builder::reluBwd(Value dst, Value diffDst) {
  return node("relu_bwd", {dst, diffDst}, {}, {diffDst.type})[0];
}

std::vector<Value> Builder::maxPool2d(Value src, std::array<int64_t, 2> size, Stride stride) {
  const Shape &from = src.type.shape;
  const auto &[top, left, bottom, right] = stride.pads;
  TensorType dst{real,
                 {from[0], windows(from[1], size[0], stride.strides[0], top, bottom),
                  windows(from[2], size[1], stride.strides[1], left, right), from[3]},
                 src.type.sliced};
  TensorType workspace = dst;
  workspace.element = ElementType::U8;
  return node("max_pool2d", {src}, attributesOf(stride, size), {dst, workspace});
}

Value Builder::maxPool2dBwd(Value diffDst, Value workspace, int64_t H, int64_t W,
                            std::array<int64_t, 2> size, Stride stride) {
  TensorType diffSrc{real, {diffDst.type.shape[0], H, W, diffDst.type.shape[3]},
                     diffDst.type.sliced};
  Attributes attributes = attributesOf(stride, size);
  attributes["src_size"] = {double(H), double(W)};
  return node("max_pool2d_bwd", {diffDst, workspace}, attributes, {diffSrc})[0];
}

Value Builder::reshape(Value src, Shape shape) {
  return node("reshape", {src}, {}, {{src.type.element, std::move(shape), src.type.sliced}})[0];
}

Value Builder::permute(Value src, std::vector<double> perm) {
  TensorType dst{src.type.element, {}, -1};
  for (size_t i = 0; i < perm.size(); i++) {
    dst.shape.push_back(src.type.shape[perm[i]]);
    if (src.type.sliced == perm[i])
      dst.sliced = i;
  }
  return node("permute", {src}, {{"perm", perm}}, {dst})[0];
}

}  // namespace nncc::ops
