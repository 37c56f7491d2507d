// Two-dimensional convolution. Images are [N, H, W, C], weights [kh, kw, ic, oc]; the input
// gradient takes the weights transposed, [kh, kw, oc, ic]. With groups, channel o of the result
// sees the ic channels of its group alone.
#include "reference/Window.h"

namespace nncc::ops {

static int64_t groupsOf(const Attributes &attributes) {
  return attributes.count("groups") ? int64_t(numberOf(attributes, "groups")) : 1;
}

static void conv2d(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &weights = operands[1];
  Tensor &dst = results[0];
  const Window window(attributes);
  const int64_t kh = weights.shape[0], kw = weights.shape[1];
  const int64_t ic = weights.shape[2], oc = weights.shape[3];
  const int64_t groups = groupsOf(attributes);
  window.check(src, dst, kh, kw);
  require(src.shape[3] == ic * groups && dst.shape[3] == oc && oc % groups == 0,
          "channels differ");

  for (int64_t n = 0; n < dst.shape[0]; n++)
    for (int64_t y = 0; y < dst.shape[1]; y++)
      for (int64_t x = 0; x < dst.shape[2]; x++)
        for (int64_t o = 0; o < oc; o++) {
          Number sum = operands.size() > 2 ? operands[2](o) : Number(0);
          for (int64_t i = 0; i < kh; i++)
            for (int64_t j = 0; j < kw; j++)
              if (Window::inside(src, window.row(y, i), window.column(x, j)))
                for (int64_t c = 0; c < ic; c++)
                  sum += src(n, window.row(y, i), window.column(x, j), o / (oc / groups) * ic + c) *
                         weights(i, j, c, o);
          dst(n, y, x, o) = sum;
        }
}

static void conv2dBwdData(const Attributes &attributes, const Tensors &operands,
                          Tensors &results) {
  const Tensor &diffDst = operands[0], &weights = operands[1];
  Tensor &diffSrc = results[0];
  const Window window(attributes);
  const int64_t kh = weights.shape[0], kw = weights.shape[1];
  const int64_t oc = weights.shape[2], ic = weights.shape[3];
  const int64_t groups = groupsOf(attributes);
  window.check(diffSrc, diffDst, kh, kw);
  require(diffSrc.shape[3] == ic && diffDst.shape[3] == oc * groups && ic % groups == 0,
          "channels differ");

  if (operands.size() > 2)
    for (int64_t n = 0; n < diffSrc.shape[0]; n++)
      for (int64_t y = 0; y < diffSrc.shape[1]; y++)
        for (int64_t x = 0; x < diffSrc.shape[2]; x++)
          for (int64_t c = 0; c < ic; c++)
            diffSrc(n, y, x, c) = operands[2](c);
  for (int64_t n = 0; n < diffDst.shape[0]; n++)
    for (int64_t y = 0; y < diffDst.shape[1]; y++)
      for (int64_t x = 0; x < diffDst.shape[2]; x++)
        for (int64_t i = 0; i < kh; i++)
          for (int64_t j = 0; j < kw; j++)
            if (Window::inside(diffSrc, window.row(y, i), window.column(x, j)))
              for (int64_t o = 0; o < oc; o++)
                for (int64_t c = 0; c < ic; c++)
                  diffSrc(n, window.row(y, i), window.column(x, j), c) +=
                      diffDst(n, y, x, c / (ic / groups) * oc + o) * weights(i, j, o, c);
}

static void conv2dBwdWeights(const Attributes &attributes, const Tensors &operands,
                             Tensors &results) {
  const Tensor &src = operands[0], &diffDst = operands[1];
  Tensor &diffWeights = results[0], &diffBias = results[1];
  const Window window(attributes);
  const int64_t kh = diffWeights.shape[0], kw = diffWeights.shape[1];
  const int64_t ic = diffWeights.shape[2], oc = diffWeights.shape[3];
  const int64_t groups = groupsOf(attributes);
  window.check(src, diffDst, kh, kw);
  require(src.shape[3] == ic * groups && oc % groups == 0 && diffDst.shape[3] == oc && diffBias.shape == Shape{oc},
          "channels differ");

  for (int64_t n = 0; n < diffDst.shape[0]; n++)
    for (int64_t y = 0; y < diffDst.shape[1]; y++)
      for (int64_t x = 0; x < diffDst.shape[2]; x++)
        for (int64_t o = 0; o < oc; o++) {
          diffBias(o) += diffDst(n, y, x, o);
          for (int64_t i = 0; i < kh; i++)
            for (int64_t j = 0; j < kw; j++)
              if (Window::inside(src, window.row(y, i), window.column(x, j)))
                for (int64_t c = 0; c < ic; c++)
                  diffWeights(i, j, c, o) += src(n, window.row(y, i), window.column(x, j),
                                                 o / (oc / groups) * ic + c) *
                                             diffDst(n, y, x, o);
        }
}

static void biasBwd(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &diffDst = operands[0];
  Tensor &diffBias = results[0];
  require(diffDst.shape.size() == 4 && diffBias.shape == Shape{diffDst.shape[3]},
          "four dimensions and a number for each channel expected");
  for (int64_t n = 0; n < diffDst.shape[0]; n++)
    for (int64_t y = 0; y < diffDst.shape[1]; y++)
      for (int64_t x = 0; x < diffDst.shape[2]; x++)
        for (int64_t c = 0; c < diffDst.shape[3]; c++)
          diffBias(c) += diffDst(n, y, x, c);
}

std::vector<Op> convolutionOps() {
  return {{"conv2d", {"src", "weights", "bias"}, {"dst"}, conv2d, true},
          {"conv2d_bwd_data", {"diff_dst", "weights", "bias"}, {"diff_src"}, conv2dBwdData, true},
          {"conv2d_bwd_weights",
           {"src", "diff_dst"},
           {"diff_weights", "diff_bias"},
           conv2dBwdWeights, true},
          {"bias_bwd", {"diff_dst"}, {"diff_bias"}, biasBwd, true}};
}

}  // namespace nncc::ops
