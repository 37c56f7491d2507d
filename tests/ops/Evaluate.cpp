#include "Evaluate.h"

#include <algorithm>
#include <stdexcept>

#include "reference/Op.h"

namespace nncc::ops {

Evaluation evaluate(const schedule::KernelSpec &spec, const Tensors &arguments, int64_t extent,
                    const Tensors &previous) {
  if (arguments.size() != spec.arguments.size())
    throw std::invalid_argument("the kernel has another number of arguments");
  for (size_t a = 0; a < arguments.size(); a++)
    if (arguments[a].shape != Tensor(spec.arguments[a], extent).shape)
      throw std::invalid_argument("argument " + std::to_string(a) + " is " +
                                  textOf(arguments[a].shape));

  Evaluation evaluation;
  auto valueOf = [&](schedule::ValueRef ref) -> const Tensor & {
    return ref.argument ? arguments.at(ref.node) : evaluation.values.at(ref.node).at(ref.result);
  };
  for (size_t index = 0; index < spec.nodes.size(); index++) {
    const schedule::Node &node = spec.nodes[index];
    Tensors operands, results;
    for (schedule::ValueRef operand : node.operands)
      operands.push_back(valueOf(operand));
    for (const TensorType &type : node.results)
      results.emplace_back(type, extent);
    try {
      opNamed(node.op).run(node.attributes, operands, results);
    } catch (const std::exception &error) {
      throw std::invalid_argument("node " + std::to_string(index) + " (" + node.op +
                                  "): " + error.what());
    }
    evaluation.values.push_back(std::move(results));
  }
  for (size_t r = 0; r < spec.results.size(); r++) {
    Tensor result = valueOf(spec.results[r].value);
    if (spec.results[r].accumulate && !previous.empty())
      for (int64_t e = 0; e < result.size(); e++)
        result.numbers[e] += previous[r].numbers[e];
    evaluation.results.push_back(std::move(result));
  }
  return evaluation;
}

static Tensor spread(const Tensor &tensor, int64_t radius) {
  Tensor result = tensor;
  if (tensor.shape.size() != 4)
    return result;
  const int64_t height = tensor.shape[1], width = tensor.shape[2];
  for (int64_t n = 0; n < tensor.shape[0]; n++)
    for (int64_t y = 0; y < height; y++)
      for (int64_t x = 0; x < width; x++)
        for (int64_t c = 0; c < tensor.shape[3]; c++)
          for (int64_t v = std::max<int64_t>(0, y - radius); v <= std::min(height - 1, y + radius); v++)
            for (int64_t u = std::max<int64_t>(0, x - radius); u <= std::min(width - 1, x + radius); u++)
              result(n, y, x, c).magnitude =
                  std::max(result(n, y, x, c).magnitude, tensor(n, v, u, c).magnitude);
  return result;
}

Evaluation withMagnitudesOfTiles(Evaluation evaluation, int64_t radius) {
  for (Tensors &results : evaluation.values)
    for (Tensor &tensor : results)
      tensor = spread(tensor, radius);
  for (Tensor &tensor : evaluation.results)
    tensor = spread(tensor, radius);
  return evaluation;
}

}  // namespace nncc::ops
