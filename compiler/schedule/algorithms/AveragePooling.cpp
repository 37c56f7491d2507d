// avg_pool2d and its gradient: sums over the points of a window, or over the windows of a point.
#include <functional>
#include <stdexcept>

#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Pooling.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::clamp;
using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::Var;

namespace {

// The i-th term of a sum along one dimension: where it is read, and whether it is there.
struct Term {
  Expr at, inside;
};

struct Terms {
  int count;
  int extent;  // of the dimension that they are read from
  std::function<Term(const Expr &point, const Expr &i)> term;
};

// A window along one dimension.
struct Along {
  int size, stride, before, whole, pooled;
  bool padded;

  // How many elements window `at` sees.
  Expr seen(const Expr &at, Halide::Type type) const {
    if (!padded)
      return Halide::Internal::make_const(type, size);
    Expr first = at * stride - before;
    return Halide::cast(type, Halide::min(first + size, whole) - Halide::max(first, 0));
  }

  Terms points() const {
    return {size, whole, [a = *this](const Expr &window, const Expr &i) -> Term {
              Expr at = window * a.stride + i - a.before;
              if (!a.padded)
                return {at, Halide::Internal::const_true()};
              return {clamp(at, 0, a.whole - 1), at >= 0 && at < a.whole};
            }};
  }

  Terms windows() const {
    return {(size + stride - 1) / stride, pooled, [a = *this](const Expr &point, const Expr &i) -> Term {
              Expr shifted = point + a.before;
              Expr window = shifted / a.stride - i, offset = shifted % a.stride + i * a.stride;
              // Windows that step exactly by their size and fill the extent hold every point once.
              if (a.size == a.stride && a.before == 0 && a.pooled * a.stride >= a.whole)
                return {window, Halide::Internal::const_true()};
              return {clamp(window, 0, a.pooled - 1),
                      window >= 0 && window < a.pooled && offset < a.size};
            }};
  }
};

}  // namespace

static std::pair<Along, Along> dimensionsOf(const PoolWindow &window, const TensorType &whole,
                                            const TensorType &pooled) {
  auto extent = [](const TensorType &type, int i) { return static_cast<int>(type.shape[i]); };
  return {{window.height, window.strideY, window.padTop, extent(whole, 1), extent(pooled, 1),
           window.padTop > 0 || window.padBottom > 0},
          {window.width, window.strideX, window.padLeft, extent(whole, 2), extent(pooled, 2),
           window.padLeft > 0 || window.padRight > 0}};
}

static Expr orZero(const Expr &inside, const Expr &element) {
  if (Halide::Internal::is_const_one(inside))
    return element;
  return Halide::select(inside, element, Halide::Internal::make_zero(element.type()));
}

// The line that the nn dialect draws for the roles of these ops.
static constexpr int kMostTermsWrittenOut = 16;

// The sum of `element` over the terms of both dimensions. Many are summed row by row, in Funcs of
// their own: that loses fewer digits than one long sum and shares the rows of overlapping windows.
static Value sumOf(Graph &graph, const Node &node, const Terms &y, const Terms &x,
                   const std::function<Expr(const Coordinates &)> &element) {
  Value sum;
  sum.type = node.results[0];
  if (y.count * x.count <= kMostTermsWrittenOut) {
    sum.at = [=](const Coordinates &at) {
      Expr all;
      for (int j = 0; j < y.count; ++j)
        for (int i = 0; i < x.count; ++i) {
          Term row = y.term(at[1], j), column = x.term(at[2], i);
          Expr part = orZero(row.inside && column.inside, element({at[0], row.at, column.at, at[3]}));
          all = all.defined() ? all + part : part;
        }
      return all;
    };
    return sum;
  }
  TensorType rowType = node.results[0];
  rowType.shape[1] = y.extent;
  Func rows(node.op + "_rows"), total(node.op + "_sum");
  std::vector<Var> vars = dimensionVars(4, "");
  Coordinates at = coordinatesOf(vars);
  Expr zero = Halide::Internal::make_zero(element({at[0], 0, 0, at[3]}).type());
  RDom i(0, x.count, "i"), j(0, y.count, "j");
  Term column = x.term(at[2], i);
  rows(vars) = zero;
  rows(vars) += orZero(column.inside, element({at[0], at[1], column.at, at[3]}));
  Term row = y.term(at[1], j);
  total(vars) = zero;
  total(vars) += orZero(row.inside, rows(vars[0], vars[1], row.at, vars[3]));
  graph.addReduction(rows, rowType);
  graph.addReduction(total, node.results[0]);
  return valueOf(total, node.results[0]);
}

std::vector<Value> buildAvgPool2d(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  PoolWindow window = poolWindowOf(node);
  Value source = graph.operandsOf(node)[0];
  expectPooled(node, window, source.type, node.results[0]);
  auto [y, x] = dimensionsOf(window, source.type, node.results[0]);
  Value sum = sumOf(graph, node, y.points(), x.points(), source.at);
  Value result;
  result.type = node.results[0];
  result.at = [=, y = y, x = x](const Coordinates &at) {
    Expr all = sum.at(at);
    return all / (y.seen(at[1], all.type()) * x.seen(at[2], all.type()));
  };
  return {result};
}

std::vector<Value> buildAvgPool2dBwd(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  PoolWindow window = poolWindowOf(node);
  Value gradient = graph.operandsOf(node)[0];
  expectPooled(node, window, node.results[0], gradient.type);
  auto [y, x] = dimensionsOf(window, node.results[0], gradient.type);
  return {sumOf(graph, node, y.windows(), x.windows(), [=, y = y, x = x](const Coordinates &at) {
    Expr part = gradient.at(at);
    return part / (y.seen(at[1], part.type()) * x.seen(at[2], part.type()));
  })};
}

double flopsOfAvgPool2d(const KernelSpec &, const Node &node) {
  PoolWindow window = poolWindowOf(node);
  return double(window.height) * window.width * node.results.at(0).elements();
}

double flopsOfAvgPool2dBwd(const KernelSpec &spec, const Node &node) {
  PoolWindow window = poolWindowOf(node);
  return double(window.height) * window.width * spec.typeOf(node.operands.at(0)).elements();
}

}  // namespace nncc::schedule
