// embedding_bwd_weights: rows of a gradient, added to the rows of a table.
//
// The positions are walked once, in order; at each a row is loaded, added to and stored in
// vectors of its columns. All other rows of the table are left alone, but for the first slice of a
// lane, which sets them to zero: the cost follows the indices, not the size of the table.
#include <algorithm>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Embedding.h"
#include "schedule/schedules/Candidate.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::Var;

void addTableGradientCandidates(const KernelSpec &spec, const Target &, std::vector<Candidate> &list) {
  Candidate scatter;
  scatter.name = "scatter";
  if (spec.results.size() != 1 || spec.results[0].value.argument || spec.results[0].value.node != spec.anchor)
    scatter.refusal = "something follows the sums";
  scatter.apply = [](Graph &graph) {
    const Node &anchor = graph.spec.nodes[graph.spec.anchor];
    TableGradient gradient = makeTableGradient(graph, anchor);
    Halide::Type type = halideType(anchor.results[0].element);
    Var column("column"), row("row");
    Func out("diff_weights");
    out(column, row) = Halide::undef(type);
    Expr kept = graph.spec.results[0].accumulate ? graph.accumulateFlag() != 0 : Halide::Internal::const_false();
    RDom cleared(0, select(kept, 0, gradient.rows), "cleared");
    out(column, cleared) = Halide::Internal::make_zero(type);
    out(column, gradient.row) += gradient.at(column);
    graph.defineOutput(0, out, {column, row}, /*update=*/true);
    graph.outputs();

    int lanes = std::min(graph.vectorLanes(anchor.results[0].element), gradient.columns);
    std::vector<Halide::VarOrRVar> order = {column};
    for (int i = 0; i < gradient.positions.dimensions(); ++i)
      order.push_back(gradient.positions[i]);
    out.update(0).reorder(column, cleared).vectorize(column, lanes, Halide::TailStrategy::GuardWithIf);
    out.update(1).reorder(order).vectorize(column, lanes, Halide::TailStrategy::GuardWithIf);
    graph.placeReductions();
  };
  list.push_back(scatter);
}

}  // namespace nncc::schedule
