#include "schedule/algorithms/Pooling.h"

#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::clamp;
using Halide::Expr;
using Halide::select;

PoolWindow poolWindowOf(const Node &node) {
  std::vector<int> size = integers(node, "pool_size", 2), strides = integers(node, "strides", 2),
                   pads = integers(node, "pads", 4);
  PoolWindow window = {size[0], size[1], strides[0], strides[1], pads[0], pads[1], pads[2], pads[3]};
  if (size[0] < 1 || size[1] < 1 || strides[0] < 1 || strides[1] < 1)
    throw std::runtime_error(node.op + ": expected a window and strides of at least 1");
  return window;
}

// The window of a maximum, whose position is kept in a byte.
static PoolWindow maxWindowOf(const Node &node) {
  PoolWindow window = poolWindowOf(node);
  if (int64_t(window.height) * window.width > 256)
    throw std::runtime_error(node.op + ": a window of " + std::to_string(window.height) + "x" +
                             std::to_string(window.width) + "; at most 256 positions are supported");
  return window;
}

void expectPooled(const Node &node, const PoolWindow &window, const TensorType &whole,
                         const TensorType &pooled) {
  auto extent = [](int64_t size, int before, int after, int window, int stride) {
    return (size + before + after - window) / stride + 1;
  };
  if (whole.shape.size() != 4 || pooled.shape.size() != 4 || whole.shape[0] != pooled.shape[0] ||
      whole.shape[3] != pooled.shape[3] ||
      pooled.shape[1] !=
          extent(whole.shape[1], window.padTop, window.padBottom, window.height, window.strideY) ||
      pooled.shape[2] !=
          extent(whole.shape[2], window.padLeft, window.padRight, window.width, window.strideX))
    throw std::runtime_error(node.op + ": the shapes do not fit the window");
}

std::vector<Value> buildMaxPool2d(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 2);
  PoolWindow window = maxWindowOf(node);
  Value source = graph.operandsOf(node)[0];
  expectPooled(node, window, source.type, node.results[0]);
  int height = static_cast<int>(source.type.shape[1]), width = static_cast<int>(source.type.shape[2]);
  bool padded = window.padTop || window.padLeft || window.padBottom || window.padRight;

  auto elementAt = [=](const Coordinates &at, int position) -> Expr {
    Expr y = at[1] * window.strideY + position / window.width - window.padTop;
    Expr x = at[2] * window.strideX + position % window.width - window.padLeft;
    if (!padded)
      return source.at({at[0], y, x, at[3]});
    Expr element = source.at({at[0], clamp(y, 0, height - 1), clamp(x, 0, width - 1), at[3]});
    // The least finite number: infinities are not to be relied on in kernels.
    return select(y >= 0 && y < height && x >= 0 && x < width, element, element.type().min());
  };
  int positions = window.height * window.width;
  Value result, workspace;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr best = elementAt(at, 0);
    for (int position = 1; position < positions; ++position)
      best = Halide::max(best, elementAt(at, position));
    return best;
  };
  workspace.type = node.results[1];
  workspace.at = [=](const Coordinates &at) {
    Expr best = elementAt(at, 0), where = cast<uint8_t>(0);
    for (int position = 1; position < positions; ++position) {
      Expr element = elementAt(at, position);
      where = select(element > best, cast<uint8_t>(position), where);
      best = Halide::max(best, element);
    }
    return where;
  };
  return {result, workspace};
}

// Every window that a position lies in passes its gradient on if the position won.
std::vector<Value> buildMaxPool2dBwd(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  PoolWindow window = maxWindowOf(node);
  std::vector<Value> operands = graph.operandsOf(node);
  Value gradient = operands[0], workspace = operands[1];
  expectPooled(node, window, node.results[0], gradient.type);
  int height = static_cast<int>(node.results[0].shape[1]);
  int width = static_cast<int>(node.results[0].shape[2]);
  int pooledHeight = static_cast<int>(gradient.type.shape[1]);
  int pooledWidth = static_cast<int>(gradient.type.shape[2]);

  // The windows over one coordinate: window `pooled` holds it at position `offset`.
  struct Cover {
    Expr pooled, offset, inside;
  };
  auto covers = [](Expr at, int size, int stride, int pad, int pooledExtent, int extent) {
    std::vector<Cover> list;
    int most = (size + stride - 1) / stride;
    Expr shifted = at + pad;
    // Windows that step exactly by their size and fill the extent hold every point once.
    bool exact = size == stride && pad == 0 && pooledExtent * stride >= extent;
    for (int i = 0; i < most; ++i) {
      Expr pooled = shifted / stride - i, offset = shifted % stride + i * stride;
      Expr inside = exact ? Halide::Internal::const_true()
                          : pooled >= 0 && pooled < pooledExtent && offset < size;
      list.push_back({exact ? pooled : clamp(pooled, 0, pooledExtent - 1), offset, inside});
    }
    return list;
  };
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Expr sum;
    Expr zero = Halide::Internal::make_zero(halideType(node.results[0].element));
    for (const Cover &y :
         covers(at[1], window.height, window.strideY, window.padTop, pooledHeight, height))
      for (const Cover &x :
           covers(at[2], window.width, window.strideX, window.padLeft, pooledWidth, width)) {
        Expr position = cast<uint8_t>(y.offset * window.width + x.offset);
        Expr won = workspace.at({at[0], y.pooled, x.pooled, at[3]}) == position && y.inside &&
                   x.inside;
        Expr part = select(won, gradient.at({at[0], y.pooled, x.pooled, at[3]}), zero);
        sum = sum.defined() ? sum + part : part;
      }
    return sum;
  };
  return {result};
}

}  // namespace nncc::schedule
