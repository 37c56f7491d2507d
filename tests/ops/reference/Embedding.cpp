// Rows of a table, picked by index, and the gradient of the table.
#include <cmath>

#include "reference/Op.h"

namespace nncc::ops {

namespace {

// The row that an index numbers: cut to an integer and held to the table.
int64_t rowOf(Number index, int64_t rows) {
  if (!(index.value > 0))
    return 0;
  return index.value >= rows ? rows - 1 : int64_t(std::floor(index.value));
}

void embedding(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &weights = operands[1];
  Tensor &dst = results[0];
  const int64_t rows = weights.shape.at(0), columns = weights.shape.at(1);
  require(dst.size() == src.size() * columns && dst.shape.back() == columns, "a row for each index expected");
  for (int64_t i = 0; i < src.size(); i++)
    for (int64_t c = 0; c < columns; c++)
      dst.numbers[i * columns + c] = weights(rowOf(src.numbers[i], rows), c);
}

void embeddingBwdWeights(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0], &diffDst = operands[1];
  Tensor &diffWeights = results[0];
  const int64_t rows = numberOf(attributes, "rows"), columns = diffDst.shape.back();
  require(diffWeights.shape == Shape{rows, columns}, "diff_weights must be [rows, columns]");
  require(diffDst.size() == src.size() * columns, "a row for each index expected");
  for (int64_t i = 0; i < src.size(); i++)
    for (int64_t c = 0; c < columns; c++) {
      Number &sum = diffWeights(rowOf(src.numbers[i], rows), c);
      sum += diffDst.numbers[i * columns + c];
    }
}

}  // namespace

std::vector<Op> embeddingOps() {
  return {{"embedding", {"indices", "weights"}, {"dst"}, embedding, true},
          {"embedding_bwd_weights", {"indices", "diff_dst"}, {"diff_weights"}, embeddingBwdWeights, true}};
}

}  // namespace nncc::ops
