#include "schedule/algorithms/Dense.h"

#include <algorithm>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::Var;

// sum(o, n) over `terms` of operand 1 at (o, term) times operand 0 at (term, n) or, `turned`, at (n, term); it starts at
// `bias` where there is one.
static Product productOf(Graph &graph, const Node &node, const std::vector<Value> &operands, const RDom &terms,
                         const Value *bias, bool turned) {
  const TensorType &source = operands[0].type, &weights = operands[1].type;
  Product product;
  product.outputs = static_cast<int>(weights.shape[1]);
  product.depth = static_cast<int>(weights.shape[0]);
  product.samples = static_cast<int>(source.shape[turned ? 1 : 0]);
  product.source = funcOf(operands[0], "source");
  product.staged = !operands[0].stored.defined();
  product.weights = funcOf(operands[1], "weights");
  product.sumType = node.results[0];
  product.terms = terms;

  Var o("o"), n("n");
  product.sum = Func(node.op);
  product.sum(o, n) = bias ? bias->at({o}) : Halide::cast(halideType(product.sumType.element), 0);
  product.sum(o, n) += product.weights(o, terms) * (turned ? product.source(n, terms) : product.source(terms, n));
  graph.addReduction(product.sum, product.sumType);
  return product;
}

// The sum over the samples that are there, of a batch of which `rows` rows belong to each.
static Product makeWholeGradient(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  const TensorType &source = operands[0].type, &gradient = operands[1].type;
  const TensorType &result = node.results[0];
  if (source.shape.size() != 2 || gradient.shape.size() != 2 || result.shape.size() != 2 ||
      source.shape[0] != gradient.shape[0] || result.shape[0] != source.shape[1] ||
      result.shape[1] != gradient.shape[1])
    throw std::runtime_error(node.op + ": expected [N, in], [N, out], a scalar and [in, out]");
  Expr present = Halide::cast<int>(operands[2].at({})) * static_cast<int>(number(node, "rows"));
  return productOf(graph, node, operands, RDom(0, present, "k"), nullptr, /*turned=*/true);
}

Product makeProduct(Graph &graph, const Node &node) {
  if (node.op == "dense_bwd_weights_whole")
    return makeWholeGradient(graph, node);
  bool forward = node.op == "dense";
  expectCounts(node, 2, forward ? 3 : 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  const TensorType &source = operands[0].type, &weights = operands[1].type;
  const TensorType &result = node.results[0];
  if (source.shape.size() != 2 || weights.shape.size() != 2 || result.shape.size() != 2 ||
      source.shape[0] != result.shape[0] || source.shape[1] != weights.shape[0] ||
      weights.shape[1] != result.shape[1])
    throw std::runtime_error(node.op + ": expected [N, depth], [depth, out] and [N, out]");
  return productOf(graph, node, operands, RDom(0, static_cast<int>(weights.shape[0]), "k"),
                   operands.size() == 3 ? &operands[2] : nullptr, /*turned=*/false);
}

static std::vector<Value> buildProduct(Graph &graph, const Node &node) {
  Product product = makeProduct(graph, node);
  return {valueOf(product.sum, product.sumType)};
}

std::vector<Value> buildDense(Graph &graph, const Node &node) { return buildProduct(graph, node); }

std::vector<Value> buildDenseBwdData(Graph &graph, const Node &node) {
  return buildProduct(graph, node);
}

std::vector<Value> buildDenseBwdWeightsWhole(Graph &graph, const Node &node) {
  return buildProduct(graph, node);
}

ProductGradient makeProductGradient(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 2);
  std::vector<Value> operands = graph.operandsOf(node);
  const TensorType &source = operands[0].type, &gradient = operands[1].type;
  const TensorType &weights = node.results[0];
  if (source.shape.size() != 2 || gradient.shape.size() != 2 || weights.shape.size() != 2 ||
      source.shape[0] != gradient.shape[0] || weights.shape[0] != source.shape[1] ||
      weights.shape[1] != gradient.shape[1] || node.results[1].shape.size() != 1 ||
      node.results[1].shape[0] != gradient.shape[1])
    throw std::runtime_error(node.op + ": expected [N, in], [N, out], [in, out] and [out]");
  ProductGradient parts;
  parts.inputs = static_cast<int>(weights.shape[0]);
  parts.outputs = static_cast<int>(weights.shape[1]);
  parts.samples = static_cast<int>(source.shape[0]);
  parts.source = funcOf(operands[0], "source");
  parts.gradient = funcOf(operands[1], "gradient");
  return parts;
}

std::vector<Value> buildDenseBwdWeights(Graph &graph, const Node &node) {
  ProductGradient parts = makeProductGradient(graph, node);
  Var o("o"), i("i");
  Expr zero = Halide::cast(halideType(node.results[0].element), 0);
  Func weights("diff_weights");
  RDom r(0, graph.sliceExtent(), "r");
  weights(o, i) = zero;
  weights(o, i) += parts.gradient(o, r) * parts.source(i, r);
  graph.addReduction(weights, node.results[0]);
  Func bias("diff_bias");
  RDom b(0, graph.sliceExtent(), "b");
  bias(o) = zero;
  bias(o) += parts.gradient(o, b);
  graph.addReduction(bias, node.results[1]);
  return {valueOf(weights, node.results[0]), valueOf(bias, node.results[1])};
}

double flopsOfDense(const KernelSpec &spec, const Node &node) {
  const TensorType &weights = spec.typeOf(node.operands.at(1));
  return 2.0 * node.results.at(0).elements() * weights.shape.at(0);
}

double flopsOfDenseBwdWeights(const KernelSpec &spec, const Node &node) {
  // The bias's alone, where another kernel sums up the weights'.
  bool weights = std::any_of(spec.results.begin(), spec.results.end(), [&](const Result &result) {
    return !result.value.argument && &spec.nodes[result.value.node] == &node && result.value.result == 0;
  });
  if (!weights)
    return static_cast<double>(spec.typeOf(node.operands.at(1)).elements());
  return 2.0 * spec.typeOf(node.operands.at(1)).elements() * node.results.at(0).shape.at(0);
}

}  // namespace nncc::schedule
