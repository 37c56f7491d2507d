#include "schedule/algorithms/Convolution.h"

#include <algorithm>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::clamp;
using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::select;
using Halide::Var;

static void expectShape(const Node &node, const char *what, const TensorType &type,
                        const std::vector<int64_t> &expected) {
  if (type.shape == expected)
    return;
  auto text = [](const std::vector<int64_t> &shape) {
    std::string list;
    for (int64_t extent : shape) {
      if (!list.empty())
        list += "x";
      list += std::to_string(extent);
    }
    return "[" + list + "]";
  };
  throw std::runtime_error(node.op + ": " + what + " is " + text(type.shape) + "; expected " +
                           text(expected));
}

// Channels of the source as convolutions read them: each `copies` times in a row.
static Value copiedChannels(Value source, int copies) {
  if (copies == 1)
    return source;
  Value copied = source;
  copied.type.shape.back() *= copies;
  copied.stored = Func();
  copied.at = [source, copies](const Coordinates &at) {
    return source.at({at[0], at[1], at[2], at[3] / copies});
  };
  return copied;
}

// The source of a convolution as it is read: `dilation` zeros-between-elements in x and y
// (the forward strides, for an input gradient), zeros outside.
static Func paddedSource(const Value &source, int dilationX, int dilationY, bool canLeave,
                         bool &staged) {
  int height = static_cast<int>(source.type.shape[1]), width = static_cast<int>(source.type.shape[2]);
  if (!canLeave && dilationX == 1 && dilationY == 1) {
    staged = !source.stored.defined();
    return funcOf(source, "source");
  }
  staged = true;
  Var c("c"), x("x"), y("y"), n("n");
  Func padded("padded");
  Expr inside = x >= 0 && x <= (width - 1) * dilationX && y >= 0 && y <= (height - 1) * dilationY;
  if (dilationX > 1)
    inside = inside && x % dilationX == 0;
  if (dilationY > 1)
    inside = inside && y % dilationY == 0;
  Expr element = source.at({n, clamp(dilationY > 1 ? y / dilationY : Expr(y), 0, height - 1),
                            clamp(dilationX > 1 ? x / dilationX : Expr(x), 0, width - 1), c});
  padded(c, x, y, n) = select(inside, element, Halide::cast(element.type(), 0));
  return padded;
}

// Does an element depend on nothing but the element of an argument at its place? Then a channel beyond the
// last one is a channel of the next point, as it lies in memory.
static bool readsItsOwn(const KernelSpec &spec, ValueRef ref) {
  while (!ref.argument && spec.nodes[ref.node].op == "rescale")
    ref = spec.nodes[ref.node].operands.at(0);
  return ref.argument && spec.arguments[ref.node].shape.size() == 4;
}

// Undefined where the source's channels fill a vector, or cannot be read so. `room`: there may be zeros behind
// what windows see, for vectors that reach further.
static SourceRows rowsOf(const Graph &graph, ValueRef ref, const Value &source, bool room, int left, int top) {
  const std::vector<int64_t> &shape = source.type.shape;
  int height = static_cast<int>(shape[1]), channels = static_cast<int>(shape[3]);
  int length = static_cast<int>(shape[2]) * channels, lanes = graph.vectorLanes(source.type.element);
  SourceRows rows;
  if (channels >= lanes || length < lanes || !readsItsOwn(graph.spec, ref))
    return rows;
  Var f("f"), y("y"), n("n");
  rows.func = Func("source_rows");
  if (!room) {
    rows.func(f, y, n) = source.at({n, y, 0, f});
    return rows;
  }
  rows.written = left * channels + length;
  RDom g(0, length, "g");
  Expr element = source.at({n, clamp(y - top, 0, height - 1), 0, g}), zero = Halide::cast(element.type(), 0);
  rows.func(f, y, n) = zero;
  rows.func(left * channels + g, y, n) = select(y >= top && y < height + top, element, zero);
  return rows;
}

void SourceRows::schedule(int lanes) {
  func.vectorize(func.args()[0], lanes, Halide::TailStrategy::ShiftInwards);
  if (!func.has_update_definition())
    return;
  Halide::RVar part("part"), lane("lane");
  func.update().split(Halide::RVar(func.rvars().at(0)), part, lane, lanes, Halide::TailStrategy::GuardWithIf).vectorize(lane);
}

static int groupsOf(const Node &node) {
  int groups = integers(node, "groups", {1})[0];
  if (groups < 1)
    throw std::runtime_error(node.op + ": attribute 'groups' is " + std::to_string(groups) +
                             "; expected a positive number");
  return groups;
}

// Positions of a dilated window along one dimension.
static int64_t windowsOf(int64_t size, int before, int after, int64_t kernel, int dilation, int stride) {
  return (size + before + after - (kernel - 1) * dilation - 1) / stride + 1;
}

Expr Convolution::start(Expr c) const {
  return bias.at ? bias.at({c}) : Halide::cast(halideType(sumType.element), 0);
}

Expr Convolution::sourceChannel(Expr c, Expr k) const {
  if (shape.groups == 1)
    return k;
  if (shape.channelwise && shape.sourceChannels == shape.channels)
    return c;
  return c / shape.channelsPerGroup() * shape.depth + k;
}

Convolution makeConvolution(Graph &graph, const Node &node, Strided strided, Staged staged) {
  bool forward = node.op == "conv2d";
  expectCounts(node, 2, 3, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  std::vector<int> strides = integers(node, "strides", 2), pads = integers(node, "pads", 4);
  std::vector<int> dilations = integers(node, "dilations", {1, 1});
  const TensorType &weights = operands[1].type, &result = node.results[0];
  const TensorType &source = operands[0].type;
  if (source.shape.size() != 4 || weights.shape.size() != 4 || result.shape.size() != 4)
    throw std::runtime_error(node.op + ": expected operands and result of rank 4");

  Convolution conv;
  ConvolutionShape &shape = conv.shape;
  shape.kernelHeight = static_cast<int>(weights.shape[0]);
  shape.kernelWidth = static_cast<int>(weights.shape[1]);
  shape.depth = static_cast<int>(weights.shape[2]);
  shape.channels = static_cast<int>(weights.shape[3]);
  shape.samples = static_cast<int>(result.shape[0]);
  shape.height = static_cast<int>(result.shape[1]);
  shape.width = static_cast<int>(result.shape[2]);
  shape.strideY = strides[0];
  shape.strideX = strides[1];
  shape.dilationY = dilations[0];
  shape.dilationX = dilations[1];
  shape.padTop = pads[0], shape.padLeft = pads[1], shape.padBottom = pads[2], shape.padRight = pads[3];
  shape.groups = groupsOf(node);
  conv.sumType = result;
  if (operands.size() == 3)
    conv.bias = operands[2];

  // The layer's input and result, whichever way the node goes.
  const TensorType &in = forward ? source : result, &out = forward ? result : source;
  int64_t depth = int64_t(shape.depth) * shape.groups;
  expectShape(node, "the layer's result", out,
              {in.shape[0],
               windowsOf(in.shape[1], pads[0], pads[2], shape.kernelHeight, dilations[0], strides[0]),
               windowsOf(in.shape[2], pads[1], pads[3], shape.kernelWidth, dilations[1], strides[1]),
               forward ? weights.shape[3] : depth});
  expectShape(node, "the layer's source", in,
              {in.shape[0], in.shape[1], in.shape[2], forward ? depth : weights.shape[3]});
  if (shape.channels % shape.groups)
    throw std::runtime_error(node.op + ": " + std::to_string(shape.groups) + " groups do not divide " +
                             std::to_string(shape.channels) + " channels");
  // A channel of the layer's input for itself: forward it may have several results, backward it
  // sums over them.
  shape.channelwise = shape.groups > 1 && in.shape[3] == shape.groups;
  int copies = shape.channelwise && forward ? shape.channelsPerGroup() : 1;
  shape.sourceChannels = static_cast<int>(depth) * copies;
  Value read = copiedChannels(operands[0], copies);

  conv.weights = funcOf(operands[1], "weights");
  bool padded = pads[0] || pads[1] || pads[2] || pads[3];
  bool zeros = !forward && strided == Strided::Zeros;
  conv.endless = padded || !forward;
  conv.source = paddedSource(read, zeros ? shape.strideX : 1, zeros ? shape.strideY : 1,
                             conv.endless, conv.staged);
  if (strided == Strided::Phases)
    return conv;
  if (forward && staged == Staged::AsRows && conv.staged && shape.groups == 1)
    conv.rows = rowsOf(graph, node.operands[0], operands[0], padded, shape.padLeft, shape.padTop);
  if (conv.rows.func.defined()) {
    Var c("c"), x("x"), y("y"), n("n");
    conv.source = Func("source");
    conv.source(c, x, y, n) = conv.rows.func((x + shape.padLeft) * shape.depth + c, y + shape.padTop, n);
  }

  Var c("c"), x("x"), y("y"), n("n");
  conv.sum = Func(forward ? "conv2d" : "conv2d_bwd_data");
  conv.terms = RDom(0, shape.depth, 0, shape.kernelWidth, 0, shape.kernelHeight, "k");
  Halide::RVar k = conv.terms[0], kx = conv.terms[1], ky = conv.terms[2];
  Expr wx = kx * shape.dilationX, wy = ky * shape.dilationY;
  Expr sourceX = forward ? x * shape.strideX + wx - shape.padLeft : x + shape.padLeft - wx;
  Expr sourceY = forward ? y * shape.strideY + wy - shape.padTop : y + shape.padTop - wy;
  conv.sum(c, x, y, n) = conv.start(c);
  conv.sum(c, x, y, n) +=
      conv.weights(c, k, kx, ky) * conv.source(conv.sourceChannel(c, k), sourceX, sourceY, n);
  graph.addReduction(conv.sum, conv.sumType);
  return conv;
}

static std::vector<Value> buildConvolution(Graph &graph, const Node &node) {
  Convolution conv = makeConvolution(graph, node);
  return {valueOf(conv.sum, conv.sumType)};
}

std::vector<Value> buildConv2d(Graph &graph, const Node &node) {
  return buildConvolution(graph, node);
}

std::vector<Value> buildConv2dBwdData(Graph &graph, const Node &node) {
  return buildConvolution(graph, node);
}

WeightsGradient makeWeightsGradient(Graph &graph, const Node &node, Staged staged) {
  expectCounts(node, 2, 2, 2);
  std::vector<Value> operands = graph.operandsOf(node);
  std::vector<int> strides = integers(node, "strides", 2), pads = integers(node, "pads", 4);
  std::vector<int> dilations = integers(node, "dilations", {1, 1});
  const TensorType &source = operands[0].type, &gradient = operands[1].type;
  const TensorType &weights = node.results[0];
  if (source.shape.size() != 4 || gradient.shape.size() != 4 || weights.shape.size() != 4)
    throw std::runtime_error(node.op + ": expected operands and gradient of rank 4");
  WeightsGradient parts;
  WeightsGradientShape &shape = parts.shape;
  shape.kernelHeight = static_cast<int>(weights.shape[0]);
  shape.kernelWidth = static_cast<int>(weights.shape[1]);
  shape.inputs = static_cast<int>(weights.shape[2]);
  shape.outputs = static_cast<int>(weights.shape[3]);
  shape.samples = static_cast<int>(gradient.shape[0]);
  shape.height = static_cast<int>(gradient.shape[1]);
  shape.width = static_cast<int>(gradient.shape[2]);
  shape.strideY = strides[0];
  shape.strideX = strides[1];
  shape.dilationY = dilations[0];
  shape.dilationX = dilations[1];
  shape.groups = groupsOf(node);
  expectShape(node, "diff_dst", gradient,
              {source.shape[0],
               windowsOf(source.shape[1], pads[0], pads[2], shape.kernelHeight, dilations[0], strides[0]),
               windowsOf(source.shape[2], pads[1], pads[3], shape.kernelWidth, dilations[1], strides[1]),
               weights.shape[3]});
  expectShape(node, "diff_bias", node.results[1], {weights.shape[3]});
  expectShape(node, "src", source,
              {source.shape[0], source.shape[1], source.shape[2], weights.shape[2] * shape.groups});
  if (shape.outputs % shape.groups)
    throw std::runtime_error(node.op + ": " + std::to_string(shape.groups) + " groups do not divide " +
                             std::to_string(shape.outputs) + " channels");
  shape.channelwise = shape.groups > 1 && shape.inputs == 1;
  int copies = shape.channelwise ? shape.outputs / shape.groups : 1;
  shape.sourceChannels = shape.inputs * shape.groups * copies;

  bool padded = pads[0] || pads[1] || pads[2] || pads[3];
  Func read = paddedSource(copiedChannels(operands[0], copies), 1, 1, padded, parts.sourceStaged);
  if (padded) {
    // Shifted, so that the window of the first result starts at 0.
    Var c("c"), x("x"), y("y"), n("n");
    Func shifted("shifted");
    shifted(c, x, y, n) = read(c, x - pads[1], y - pads[0], n);
    read = shifted;
  }
  if (staged == Staged::AsRows && parts.sourceStaged && shape.groups == 1)
    parts.rows = rowsOf(graph, node.operands[0], operands[0], /*room=*/true, pads[1], pads[0]);
  if (parts.rows.func.defined()) {
    Var c("c"), x("x"), y("y"), n("n");
    read = Func("source");
    read(c, x, y, n) = parts.rows.func(x * shape.inputs + c, y, n);
  }
  parts.source = read;
  parts.gradient = funcOf(operands[1], "gradient");
  parts.gradientStaged = !operands[1].stored.defined();
  return parts;
}

int64_t WeightsGradient::rowLength() const {
  return std::max<int64_t>(rows.written, ((shape.width - 1) * shape.strideX + shape.windowWidth()) * shape.inputs);
}

Expr WeightsGradient::sourceAt(Expr oc, Expr ic, Expr x, Expr y, Expr kx, Expr ky, Expr n) const {
  Expr channel = ic;
  if (shape.channelwise)
    channel = oc;
  else if (shape.groups > 1)
    channel = oc / (shape.outputs / shape.groups) * shape.inputs + ic;
  return source(channel, x * shape.strideX + kx * shape.dilationX,
                y * shape.strideY + ky * shape.dilationY, n);
}

std::vector<Value> buildConv2dBwdWeights(Graph &graph, const Node &node) {
  WeightsGradient parts = makeWeightsGradient(graph, node);
  const WeightsGradientShape &shape = parts.shape;
  Var oc("oc"), ic("ic"), kx("kx"), ky("ky");
  Expr zero = Halide::cast(halideType(node.results[0].element), 0);

  Func weights("diff_weights");
  RDom r(0, shape.width, 0, shape.height, 0, graph.sliceExtent(), "r");
  weights(oc, ic, kx, ky) = zero;
  weights(oc, ic, kx, ky) += parts.gradient(oc, r[0], r[1], r[2]) *
                             parts.sourceAt(oc, ic, r[0], r[1], kx, ky, r[2]);
  graph.addReduction(weights, node.results[0]);

  Func bias("diff_bias");
  RDom b(0, shape.width, 0, shape.height, 0, graph.sliceExtent(), "b");
  bias(oc) = zero;
  bias(oc) += parts.gradient(oc, b[0], b[1], b[2]);
  graph.addReduction(bias, node.results[1]);
  return {valueOf(weights, node.results[0]), valueOf(bias, node.results[1])};
}

std::vector<Value> buildBiasBwd(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value gradient = graph.operandsOf(node)[0];
  if (gradient.type.shape.size() != 4)
    throw std::runtime_error(node.op + ": expected an operand of rank 4");
  expectShape(node, "diff_bias", node.results[0], {gradient.type.shape[3]});
  Var c("c");
  Func bias("diff_bias");
  RDom r(0, static_cast<int>(gradient.type.shape[2]), 0, static_cast<int>(gradient.type.shape[1]), 0,
         graph.sliceExtent(), "r");
  bias(c) = Halide::cast(halideType(node.results[0].element), 0);
  bias(c) += gradient.at({r[2], r[1], r[0], c});
  graph.addReduction(bias, node.results[0]);
  return {valueOf(bias, node.results[0])};
}

double flopsOfBiasBwd(const KernelSpec &spec, const Node &node) {
  return spec.typeOf(node.operands.at(0)).elements();
}

double flopsOfConv2d(const KernelSpec &spec, const Node &node) {
  const TensorType &weights = spec.typeOf(node.operands.at(1));
  return 2.0 * node.results.at(0).elements() * weights.elements() / weights.shape.back();
}

// The gradients multiply as often as the forward convolution: once per element of diff_dst
// and weight of its channel.
double flopsOfConv2dBwdData(const KernelSpec &spec, const Node &node) {
  const TensorType &weights = spec.typeOf(node.operands.at(1));  // [kh, kw, oc of a group, ic]
  return 2.0 * spec.typeOf(node.operands.at(0)).elements() * weights.elements() /
         (weights.shape.at(2) * groupsOf(node));
}

double flopsOfConv2dBwdWeights(const KernelSpec &spec, const Node &node) {
  const TensorType &weights = node.results.at(0);
  return 2.0 * spec.typeOf(node.operands.at(1)).elements() * weights.elements() /
         weights.shape.back();
}

}  // namespace nncc::schedule
