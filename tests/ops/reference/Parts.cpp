// Parts of tensors: every element of the result is an element of a source, or 0.
#include "reference/Op.h"

namespace nncc::ops {

namespace {

// The indices of element `e`, and back.
Shape indicesOf(const Tensor &tensor, int64_t e) {
  Shape indices(tensor.shape.size());
  for (size_t d = indices.size(); d-- > 0; e /= tensor.shape[d])
    indices[d] = e % tensor.shape[d];
  return indices;
}

// -1 outside of the tensor.
int64_t positionOf(const Tensor &tensor, const Shape &indices) {
  int64_t position = 0;
  for (size_t d = 0; d < indices.size(); d++) {
    if (indices[d] < 0 || indices[d] >= tensor.shape[d])
      return -1;
    position = position * tensor.shape[d] + indices[d];
  }
  return position;
}

void slice(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  Tensor &dst = results[0];
  const std::vector<double> &begin = listOf(attributes, "begin");
  require(begin.size() == src.shape.size() && dst.shape.size() == src.shape.size(), "ranks differ");
  for (int64_t e = 0; e < dst.size(); e++) {
    Shape indices = indicesOf(dst, e);
    for (size_t d = 0; d < indices.size(); d++)
      indices[d] += begin[d];
    const int64_t from = positionOf(src, indices);
    require(from >= 0, "the slice sticks out of the source");
    dst.numbers[e] = src.numbers[from];
  }
}

void pad(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  Tensor &dst = results[0];
  const std::vector<double> &before = listOf(attributes, "before"), &after = listOf(attributes, "after");
  require(before.size() == src.shape.size() && after.size() == src.shape.size(), "ranks differ");
  for (size_t d = 1; d < before.size(); d++)
    require(dst.shape[d] == src.shape[d] + before[d] + after[d], "the border has another width");
  for (int64_t e = 0; e < dst.size(); e++) {
    Shape indices = indicesOf(dst, e);
    for (size_t d = 0; d < indices.size(); d++)
      indices[d] -= before[d];
    const int64_t from = positionOf(src, indices);
    dst.numbers[e] = from < 0 ? Number(0) : src.numbers[from];
  }
}

void concatenate(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  Tensor &dst = results[0];
  const size_t axis = numberOf(attributes, "axis");
  int64_t begin = 0;
  for (const Tensor &src : operands) {
    require(src.shape.size() == dst.shape.size(), "ranks differ");
    for (int64_t e = 0; e < src.size(); e++) {
      Shape indices = indicesOf(src, e);
      indices.at(axis) += begin;
      dst.numbers.at(positionOf(dst, indices)) = src.numbers[e];
    }
    begin += src.shape.at(axis);
  }
  require(begin == dst.shape.at(axis), "the parts do not fill the result");
}

void upsample(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  Tensor &dst = results[0];
  const std::vector<double> &size = listOf(attributes, "size");
  require(size.size() == 2 && src.shape.size() == 4, "images expected");
  require(dst.shape == Shape{src.shape[0], src.shape[1] * int64_t(size[0]),
                             src.shape[2] * int64_t(size[1]), src.shape[3]},
          "the result has another size");
  for (int64_t e = 0; e < dst.size(); e++) {
    Shape indices = indicesOf(dst, e);
    indices[1] /= int64_t(size[0]);
    indices[2] /= int64_t(size[1]);
    dst.numbers[e] = src.numbers[positionOf(src, indices)];
  }
}

}  // namespace

std::vector<Op> partOps() {
  return {{"slice", {"src"}, {"dst"}, slice, true},
          {"pad", {"src"}, {"dst"}, pad, true},
          {"concatenate", {"src", "src", "src", "src"}, {"dst"}, concatenate, true},
          {"upsample", {"src"}, {"dst"}, upsample, true}};
}

}  // namespace nncc::ops
