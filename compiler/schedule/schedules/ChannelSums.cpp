// batch_norm_statistics, channel_affine_bwd_weights: sums over all points of each channel.
//
// Channels are walked in blocks of a few vectors, whose sums stay in registers; within a block
// the points come row by row. The work is one load an operand, so all that matters is that
// several additions are under way: two sums for each vector of the block.
#include <algorithm>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/ChannelSums.h"
#include "schedule/schedules/Candidate.h"
#include "schedule/schedules/Tiles.h"

namespace nncc::schedule {

using Halide::Func;
using Halide::Var;

void addChannelSumCandidates(const KernelSpec &spec, const Target &target, std::vector<Candidate> &list) {
  const Node &anchor = spec.nodes[spec.anchor];
  int channels = static_cast<int>(anchor.results[0].shape.back());
  int lanes = largestDivisor(channels, lanesFor(target, anchor.results[0].element, channels));
  int vectors = largestDivisor(channels / lanes, 4);
  Candidate blocks;
  blocks.name = "blocks(" + std::to_string(vectors) + "x" + std::to_string(lanes) + ")";
  blocks.apply = [=](Graph &graph) {
    const Node &anchor = graph.spec.nodes[graph.spec.anchor];
    ChannelSums sums = makeChannelSums(graph, anchor);
    // A block of sums goes to the results as soon as it is complete.
    Func whole(anchor.op + "_sums");
    Var c("c"), block("block"), inner("inner"), lane("lane");
    whole(c) = Halide::Tuple(sums.total(c)[0], sums.total(c)[1]);
    graph.define(graph.spec.anchor, {valueOf(whole, anchor.results[0], 0), valueOf(whole, anchor.results[1], 1)});
    for (Output &output : graph.outputs())
      vectorizeOutput(graph, output);
    graph.materialize(whole, anchor.results[0]);
    whole.split(c, block, inner, lanes * vectors).split(inner, inner, lane, lanes).vectorize(lane).unroll(inner);
    auto inRegisters = [&](Func func, Halide::Stage stage) {
      stage.vectorize(func.args()[0], lanes).unroll(func.args()[0]);
    };
    sums.total.compute_at(whole, block).store_in(kStackMemory);
    inRegisters(sums.total, sums.total);
    std::vector<Halide::VarOrRVar> order = {sums.total.args()[0]};
    for (const Halide::Internal::ReductionVariable &variable :
         sums.total.function().updates()[0].schedule().rvars())
      order.push_back(Halide::RVar(variable.var));
    sums.total.update().reorder(order);
    inRegisters(sums.total, sums.total.update());
    if (sums.row.defined()) {
      sums.row.compute_at(sums.total, sums.rows).store_in(kStackMemory);
      inRegisters(sums.row, sums.row);
      sums.row.update().reorder({Halide::VarOrRVar(sums.row.args()[0]), Halide::VarOrRVar(sums.column)});
      inRegisters(sums.row, sums.row.update());
    }
    graph.placeReductions({sums.total, sums.row.defined() ? sums.row : sums.total});
  };
  list.push_back(blocks);
}

}  // namespace nncc::schedule
