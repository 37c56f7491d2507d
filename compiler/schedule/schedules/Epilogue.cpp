#include "schedule/schedules/Epilogue.h"

#include <vector>

#include "schedule/algorithms/Pooling.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

// How a value comes from the anchor.
enum class Reach { Not, Plain, Windowed, Reshaped };

Epilogue epilogueOf(const KernelSpec &spec) {
  Epilogue epilogue;
  std::vector<Reach> reach(spec.nodes.size(), Reach::Not);
  reach[spec.anchor] = Reach::Plain;
  for (size_t i = spec.anchor + 1; i < spec.nodes.size(); ++i) {
    const Node &node = spec.nodes[i];
    Reach most = Reach::Not;
    for (const ValueRef &operand : node.operands)
      if (!operand.argument)
        most = std::max(most, reach[operand.node]);
    if (most == Reach::Not)
      continue;
    if (most == Reach::Reshaped) {
      epilogue.refusal = node.op + " follows a reshape of the sums";
      return epilogue;
    }
    switch (algorithmOf(node.op).kind) {
    case OpKind::Pointwise:
      reach[i] = most;
      break;
    case OpKind::Reshape:
      reach[i] = Reach::Reshaped;
      break;
    case OpKind::Window: {
      if (epilogue.window || !isPool(node)) {
        epilogue.refusal = "more than one window follows the sums";
        return epilogue;
      }
      PoolWindow window = poolWindowOf(node);
      epilogue.window = true;
      epilogue.strideX = window.strideX;
      epilogue.strideY = window.strideY;
      epilogue.sizeX = window.width;
      epilogue.sizeY = window.height;
      epilogue.padTop = window.padTop;
      epilogue.padLeft = window.padLeft;
      reach[i] = Reach::Windowed;
      break;
    }
    default:
      epilogue.refusal = node.op + " needs more of the sums than a tile";
      return epilogue;
    }
  }
  for (const Result &result : spec.results) {
    if (result.accumulate || result.inPlace >= 0)
      epilogue.refusal = "a result is added to what its buffer holds";
    bool reached = !result.value.argument && reach[result.value.node] != Reach::Not;
    if (!reached)
      epilogue.refusal = "a result does not depend on the sums";
    else if (epilogue.window && reach[result.value.node] == Reach::Plain)
      epilogue.refusal = "sums are both stored and pooled";
  }
  return epilogue;
}

}  // namespace nncc::schedule
