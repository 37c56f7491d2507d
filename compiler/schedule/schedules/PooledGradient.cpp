#include "schedule/schedules/PooledGradient.h"

#include <algorithm>

#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::Expr;

PooledGradient::Point PooledGradient::pointOf(const Expr &c, const Expr &x, const Expr &y, const Expr &n) const {
  Expr position = Halide::cast<int>(workspace.stored(c, x, y, n));
  // The workspace is what the pool of this very program wrote.
  return {x * poolWidth + Halide::unsafe_promise_clamped(position % poolWidth, 0, poolWidth - 1),
          y * poolHeight + Halide::unsafe_promise_clamped(position / poolWidth, 0, poolHeight - 1)};
}

std::optional<PooledGradient> pooledGradient(Graph &graph, ValueRef operand, std::string &refusal) {
  if (operand.argument || graph.spec.nodes[operand.node].op != "max_pool2d_bwd") {
    refusal = "the gradient does not come through a max-pool";
    return std::nullopt;
  }
  const Node &pool = graph.spec.nodes[operand.node];
  std::vector<int> size = integers(pool, "pool_size", 2), strides = integers(pool, "strides", 2),
                   pads = integers(pool, "pads", 4);
  if (size != strides || std::any_of(pads.begin(), pads.end(), [](int pad) { return pad != 0; })) {
    refusal = "the max-pool's windows overlap or are padded";
    return std::nullopt;
  }
  std::vector<Value> operands = graph.operandsOf(pool);
  if (!operands[0].stored.defined() || !operands[1].stored.defined()) {
    refusal = "the pooled gradient is computed where it is read";
    return std::nullopt;
  }
  return PooledGradient{operands[0], operands[1], size[1], size[0],
                        static_cast<int>(operands[0].type.shape[2]),
                        static_cast<int>(operands[0].type.shape[1])};
}

}  // namespace nncc::schedule
