#include "schedule/schedules/WinogradPanels.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::TailStrategy;
using Halide::Var;

static Func transformedWeights(const Convolution &conv, const WinogradTransform &transform,
                               bool turned, int panel) {
  Var c("c"), k("k"), b("b"), i("i"), j("j");
  Func rows("weights_rows"), both("transformed_weights");
  Expr o = b * panel + c;
  auto weight = [&](int x, Expr y) {
    return turned ? conv.weights(o, k, 2 - x, 2 - y) : conv.weights(o, k, x, y);
  };
  std::vector<Expr> values;
  for (int a = 0; a < transform.size(); ++a)
    values.push_back(combineAlternating(transform.taps[a], [&](int x) { return weight(x, j); }));
  rows(c, k, b, i, j) = Halide::mux(i, values);
  values.clear();
  for (int a = 0; a < transform.size(); ++a)
    values.push_back(combineAlternating(transform.taps[a], [&](int y) { return rows(c, k, b, i, y); }));
  both(c, k, b, i, j) = Halide::mux(j, values);
  return both;
}

WinogradPanels keepWinogradPanels(Graph &graph, const Convolution &conv, const WinogradTransform &transform,
                                  bool turned, const RegisterTile &tile) {
  const ConvolutionShape &shape = conv.shape;
  const int size = transform.size();
  // Tiles of channels that overlap belong to no panel.
  const int panel = shape.channels % tile.channels() ? shape.channels : tile.channels();
  Graph::Kept kept = graph.keep(transformedWeights(conv, transform, turned, panel),
                                {conv.sumType.element, {size, size, shape.channels / panel, shape.depth, panel}, -1});
  std::vector<Var> w = kept.func.args();
  kept.func.update()
      .reorder({w[4], w[3], w[0], w[1], w[2], kept.once})
      .vectorize(w[0], tile.lanes, TailStrategy::GuardWithIf)
      .unroll(w[3])
      .unroll(w[4]);
  return {kept.func, panel};
}

}  // namespace nncc::schedule
