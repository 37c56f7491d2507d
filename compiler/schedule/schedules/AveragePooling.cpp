// avg_pool2d and its gradient where a window is too large to be written out: blocks of channels,
// whose sums stay in registers over all points of a window.
#include <algorithm>

#include "schedule/schedules/Candidate.h"

namespace nncc::schedule {

using Halide::Func;
using Halide::TailStrategy;
using Halide::Var;

// Vectors of sums at a time: enough that additions do not wait for each other, few enough that
// they stay in registers, twice, beside what is added.
constexpr int kVectors = 4;

static void applyBlocks(Graph &graph, int index) {
  const TensorType &type = graph.spec.nodes[index].results[0];
  int channels = static_cast<int>(type.shape[3]);
  int lanes = std::min(channels, graph.vectorLanes(type.element));
  int block = lanes * std::min(kVectors, channels / lanes);
  Output &output = graph.outputs().at(0);
  Func out = output.func;
  Var c = output.vars[0], x = output.vars[1], y = output.vars[2], n = output.vars[3];
  Var channel("channel"), vector("vector"), lane("lane");
  out.split(c, channel, vector, block, TailStrategy::ShiftInwards)
      .split(vector, vector, lane, lanes)
      .reorder(lane, vector, channel, x, y, n)
      .vectorize(lane)
      .unroll(vector);
  Func rows = graph.reductions().at(0).func, sum = graph.reductions().at(1).func;
  auto inBlocks = [&](Halide::Stage stage, const Var &dimension) {
    stage.vectorize(dimension, lanes).unroll(dimension);
  };
  std::vector<Var> s = sum.args(), r = rows.args();
  sum.compute_at(out, channel).store_in(kStackMemory);
  inBlocks(sum, s[0]);
  Halide::RVar j = sum.rvars(0)[0], i = rows.rvars(0)[0];
  inBlocks(sum.update().reorder(s[0], j), s[0]);
  rows.compute_at(sum, j).store_in(kStackMemory);
  inBlocks(rows, r[0]);
  inBlocks(rows.update().reorder(r[0], i), r[0]);
}

void addAveragePoolCandidates(const KernelSpec &spec, const Target &,
                              std::vector<Candidate> &list) {
  int index = -1;
  for (size_t i = 0; i < spec.nodes.size(); ++i)
    if (spec.nodes[i].op == "avg_pool2d" || spec.nodes[i].op == "avg_pool2d_bwd")
      index = static_cast<int>(i);
  Candidate blocks;
  blocks.name = "blocks";
  bool only = index >= 0 && spec.results.size() == 1 && !spec.results[0].value.argument &&
              spec.results[0].value.node == index && !spec.results[0].accumulate &&
              spec.results[0].inPlace < 0;
  Graph graph(spec, Target());
  if (!only)
    blocks.refusal = "the mean is not the only result";
  else if (graph.value({false, index, 0}), graph.reductions().size() != 2)
    blocks.refusal = "the window is small enough to be written out";
  blocks.apply = [index](Graph &graph) { applyBlocks(graph, index); };
  list.push_back(blocks);
}

}  // namespace nncc::schedule
