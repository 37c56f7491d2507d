// Ops that move elements, and the sum over lanes.
#include "reference/Op.h"

namespace nncc::ops {

static void reshape(const Attributes &, const Tensors &operands, Tensors &results) {
  require(operands[0].size() == results[0].size(), "element counts differ");
  results[0].numbers = operands[0].numbers;
}

// dst dimension i is src dimension perm[i].
static void permute(const Attributes &attributes, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  Tensor &dst = results[0];
  const std::vector<double> &perm = listOf(attributes, "perm");
  const size_t rank = src.shape.size();
  require(perm.size() == rank && dst.shape.size() == rank, "perm has another rank");
  for (size_t i = 0; i < rank; i++)
    require(dst.shape[i] == src.shape.at(perm[i]), "permuted shapes differ");

  for (int64_t e = 0; e < dst.size(); e++) {
    Shape index(rank);  // of the element in src
    int64_t rest = e;
    for (size_t i = rank; i-- > 0;) {
      index[perm[i]] = rest % dst.shape[i];
      rest /= dst.shape[i];
    }
    int64_t position = 0;
    for (size_t d = 0; d < rank; d++)
      position = position * src.shape[d] + index[d];
    dst.numbers[e] = src.numbers[position];
  }
}

// src [L, E...] -> [E...]. The order of the sum does not matter in double.
static void sumLanes(const Attributes &, const Tensors &operands, Tensors &results) {
  const Tensor &src = operands[0];
  Tensor &dst = results[0];
  require(!src.shape.empty() && Shape(src.shape.begin() + 1, src.shape.end()) == dst.shape,
          "result must be a lane's shape");
  for (int64_t lane = 0; lane < src.shape[0]; lane++)
    for (int64_t e = 0; e < dst.size(); e++)
      dst.numbers[e] += src.numbers[lane * dst.size() + e];
}

std::vector<Op> layoutOps() {
  return {{"reshape", {"src"}, {"dst"}, reshape, true},
          {"permute", {"src"}, {"dst"}, permute, true},
          {"sum_lanes", {"src"}, {"dst"}, sumLanes, true}};
}

}  // namespace nncc::ops
