// concatenate: its parts are copied one after the other, each in vectors of its own. As one
// expression every element would have to ask which part it is from.
#include "schedule/algorithms/Layout.h"
#include "schedule/algorithms/Registry.h"
#include "schedule/schedules/Candidate.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::RVar;
using Halide::TailStrategy;
using Halide::Var;

static void applyParts(Graph &graph, int index) {
  const Node &node = graph.spec.nodes[index];
  std::vector<Value> sources = graph.operandsOf(node);
  std::vector<int> extents = concatenatedExtents(graph.spec, node);
  const TensorType &type = node.results[0];
  size_t rank = type.shape.size();
  int axis = integers(node, "axis", 1)[0];
  size_t along = rank - 1 - axis;  // innermost first
  int lanes = graph.vectorLanes(type.element);

  Func out("concatenated");
  std::vector<Var> vars = dimensionVars(rank, "");
  out(vars) = Halide::undef(sources[0].at(coordinatesOf(vars)).type());
  int begin = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    RDom part(0, extents[i], "part" + std::to_string(i));
    std::vector<Expr> to(vars.begin(), vars.end());
    Coordinates from = coordinatesOf(vars);
    to[along] = part + begin;
    from[axis] = part;
    out(to) = sources[i].at(from);
    Halide::Stage stage = out.update(static_cast<int>(i));
    std::vector<Halide::VarOrRVar> order(vars.begin(), vars.end());
    order[along] = RVar(part.x);
    stage.reorder(order);
    int64_t inner = along == 0 ? extents[i] : type.shape.back();
    // A part may not be written beyond its end: what is left of it is written alone.
    if (inner > 1)
      stage.vectorize(order[0], static_cast<int>(std::min<int64_t>(lanes, inner)), TailStrategy::GuardWithIf);
    begin += extents[i];
  }
  graph.defineOutput(0, out, vars, true);
  graph.outputs();
  for (const Graph::Reduction &reduction : graph.reductions())
    graph.materialize(reduction.func, reduction.type);
}

void addConcatenateCandidates(const KernelSpec &spec, const Target &,
                              std::vector<Candidate> &list) {
  Candidate parts;
  parts.name = "parts";
  int index = spec.results.size() == 1 && !spec.results[0].value.argument ? spec.results[0].value.node : -1;
  if (index < 0 || spec.nodes[index].op != "concatenate")
    parts.refusal = "something follows the concatenation";
  else if (spec.results[0].accumulate || spec.results[0].inPlace >= 0)
    parts.refusal = "the result is added to what its buffer holds";
  parts.apply = [index](Graph &graph) { applyParts(graph, index); };
  list.push_back(parts);
}

}  // namespace nncc::schedule
