// Pools over windows of [N, H, W, C]. Padding never wins a maximum; `workspace` is the
// position of the maximum in its window, row-major, the first of equals. Means do not count it.
#include "reference/Window.h"

namespace nncc::ops {

static void maxPool2d(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  Tensor &dst = results[0], &workspace = results[1];
  const Window window(attributes);
  const int64_t kh = listOf(attributes, "pool_size").at(0);
  const int64_t kw = listOf(attributes, "pool_size").at(1);
  window.check(src, dst, kh, kw);
  require(src.shape[3] == dst.shape[3] && workspace.shape == dst.shape, "shapes differ");

  for (int64_t n = 0; n < dst.shape[0]; n++)
    for (int64_t y = 0; y < dst.shape[1]; y++)
      for (int64_t x = 0; x < dst.shape[2]; x++)
        for (int64_t c = 0; c < dst.shape[3]; c++) {
          int64_t best = -1;
          Number highest;
          for (int64_t i = 0; i < kh; i++)
            for (int64_t j = 0; j < kw; j++) {
              if (!Window::inside(src, window.row(y, i), window.column(x, j)))
                continue;
              Number candidate = src(n, window.row(y, i), window.column(x, j), c);
              const bool wins = best < 0 || candidate.value > highest.value;
              highest = best < 0 ? candidate : maximum(highest, candidate);
              if (wins)
                best = i * kw + j;
            }
          require(best >= 0, "a window lies wholly in the padding");
          dst(n, y, x, c) = highest;
          workspace(n, y, x, c) = Number(best);
        }
}

static void maxPool2dBwd(const Attributes &attributes, const Tensors &operands,
                         Tensors &results) {
  const Tensor &diffDst = operands[0], &workspace = operands[1];
  Tensor &diffSrc = results[0];
  const Window window(attributes);
  const int64_t kh = listOf(attributes, "pool_size").at(0);
  const int64_t kw = listOf(attributes, "pool_size").at(1);
  window.check(diffSrc, diffDst, kh, kw);
  require(diffSrc.shape[3] == diffDst.shape[3] && workspace.shape == diffDst.shape,
          "shapes differ");

  for (int64_t n = 0; n < diffDst.shape[0]; n++)
    for (int64_t y = 0; y < diffDst.shape[1]; y++)
      for (int64_t x = 0; x < diffDst.shape[2]; x++)
        for (int64_t c = 0; c < diffDst.shape[3]; c++) {
          const int64_t position = workspace(n, y, x, c).value;
          const int64_t row = window.row(y, position / kw);
          const int64_t column = window.column(x, position % kw);
          require(position < kh * kw && Window::inside(diffSrc, row, column),
                  "workspace points outside the source");
          diffSrc(n, row, column, c) += diffDst(n, y, x, c);
        }
}

// The elements of the source under window (y, x).
static double seenBy(const Window &window, const Tensor &src, int64_t y, int64_t x, int64_t kh, int64_t kw) {
  int64_t seen = 0;
  for (int64_t i = 0; i < kh; i++)
    for (int64_t j = 0; j < kw; j++)
      seen += Window::inside(src, window.row(y, i), window.column(x, j));
  require(seen > 0, "a window lies wholly in the padding");
  return seen;
}

static void avgPool2d(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  Tensor &dst = results[0];
  const Window window(attributes);
  const int64_t kh = listOf(attributes, "pool_size").at(0);
  const int64_t kw = listOf(attributes, "pool_size").at(1);
  window.check(src, dst, kh, kw);
  require(src.shape[3] == dst.shape[3], "shapes differ");

  for (int64_t n = 0; n < dst.shape[0]; n++)
    for (int64_t y = 0; y < dst.shape[1]; y++)
      for (int64_t x = 0; x < dst.shape[2]; x++)
        for (int64_t c = 0; c < dst.shape[3]; c++) {
          Number sum;
          for (int64_t i = 0; i < kh; i++)
            for (int64_t j = 0; j < kw; j++)
              if (Window::inside(src, window.row(y, i), window.column(x, j)))
                sum += src(n, window.row(y, i), window.column(x, j), c);
          dst(n, y, x, c) = sum / Number(seenBy(window, src, y, x, kh, kw));
        }
}

static void avgPool2dBwd(const Attributes &attributes, const Tensors &operands,
                         Tensors &results) {
  const Tensor &diffDst = operands[0];
  Tensor &diffSrc = results[0];
  const Window window(attributes);
  const int64_t kh = listOf(attributes, "pool_size").at(0);
  const int64_t kw = listOf(attributes, "pool_size").at(1);
  window.check(diffSrc, diffDst, kh, kw);
  require(diffSrc.shape[3] == diffDst.shape[3], "shapes differ");

  for (int64_t n = 0; n < diffDst.shape[0]; n++)
    for (int64_t y = 0; y < diffDst.shape[1]; y++)
      for (int64_t x = 0; x < diffDst.shape[2]; x++)
        for (int64_t c = 0; c < diffDst.shape[3]; c++) {
          const Number part = diffDst(n, y, x, c) / Number(seenBy(window, diffSrc, y, x, kh, kw));
          for (int64_t i = 0; i < kh; i++)
            for (int64_t j = 0; j < kw; j++)
              if (Window::inside(diffSrc, window.row(y, i), window.column(x, j)))
                diffSrc(n, window.row(y, i), window.column(x, j), c) += part;
        }
}

std::vector<Op> poolingOps() {
  return {{"max_pool2d", {"src"}, {"dst", "workspace"}, maxPool2d, true},
          {"max_pool2d_bwd", {"diff_dst", "workspace"}, {"diff_src"}, maxPool2dBwd, true},
          {"avg_pool2d", {"src"}, {"dst"}, avgPool2d},
          {"avg_pool2d_bwd", {"diff_dst"}, {"diff_src"}, avgPool2dBwd}};
}

}  // namespace nncc::ops
