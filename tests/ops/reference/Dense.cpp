// Fully connected layers: src [N, in], weights [in, out], dst [N, out]; the input gradient
// takes the weights transposed, [out, in].
#include "reference/Op.h"

namespace nncc::ops {

static void dense(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &weights = operands[1];
  Tensor &dst = results[0];
  const int64_t in = weights.shape[0], out = weights.shape[1];
  require(src.shape == Shape{dst.shape[0], in} && dst.shape[1] == out, "shapes differ");

  for (int64_t n = 0; n < dst.shape[0]; n++)
    for (int64_t o = 0; o < out; o++) {
      Number sum = operands.size() > 2 ? operands[2](o) : Number(0);
      for (int64_t i = 0; i < in; i++)
        sum += src(n, i) * weights(i, o);
      dst(n, o) = sum;
    }
}

static void denseBwdData(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &diffDst = operands[0], &weights = operands[1];
  Tensor &diffSrc = results[0];
  const int64_t out = weights.shape[0], in = weights.shape[1];
  require(diffDst.shape == Shape{diffSrc.shape[0], out} && diffSrc.shape[1] == in,
          "shapes differ");

  for (int64_t n = 0; n < diffSrc.shape[0]; n++)
    for (int64_t i = 0; i < in; i++)
      for (int64_t o = 0; o < out; o++)
        diffSrc(n, i) += diffDst(n, o) * weights(o, i);
}

static void denseBwdWeights(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &diffDst = operands[1];
  Tensor &diffWeights = results[0], &diffBias = results[1];
  const int64_t in = diffWeights.shape[0], out = diffWeights.shape[1];
  require(src.shape == Shape{diffDst.shape[0], in} && diffDst.shape[1] == out &&
              diffBias.shape == Shape{out},
          "shapes differ");

  for (int64_t n = 0; n < src.shape[0]; n++)
    for (int64_t o = 0; o < out; o++) {
      diffBias(o) += diffDst(n, o);
      for (int64_t i = 0; i < in; i++)
        diffWeights(i, o) += src(n, i) * diffDst(n, o);
    }
}

// Of so many samples of a batch as are present, each of `rows` rows.
static void denseBwdWeightsWhole(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &diffDst = operands[1];
  Tensor &diffWeights = results[0];
  const int64_t in = diffWeights.shape[0], out = diffWeights.shape[1];
  const int64_t rows = static_cast<int64_t>(operands[2]().value) * static_cast<int64_t>(numberOf(attributes, "rows"));
  require(src.shape == Shape{diffDst.shape[0], in} && diffDst.shape[1] == out && rows <= src.shape[0],
          "shapes differ");

  for (int64_t n = 0; n < rows; n++)
    for (int64_t o = 0; o < out; o++)
      for (int64_t i = 0; i < in; i++)
        diffWeights(i, o) += src(n, i) * diffDst(n, o);
}

std::vector<Op> denseOps() {
  return {{"dense", {"src", "weights", "bias"}, {"dst"}, dense, true},
          {"dense_bwd_data", {"diff_dst", "weights"}, {"diff_src"}, denseBwdData, true},
          {"dense_bwd_weights",
           {"src", "diff_dst"},
           {"diff_weights", "diff_bias"},
           denseBwdWeights, true},
          {"dense_bwd_weights_whole", {"src", "diff_dst", "present"}, {"diff_weights"}, denseBwdWeightsWhole, true}};
}

}  // namespace nncc::ops
