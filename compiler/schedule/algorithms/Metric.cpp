#include "schedule/algorithms/Metric.h"

#include <cmath>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Rows.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::clamp;
using Halide::Expr;
using Halide::Func;
using Halide::max;
using Halide::min;
using Halide::RDom;
using Halide::select;
using Halide::sqrt;
using Halide::Var;
using Halide::Internal::make_const;

namespace {

// What `metric` says, in the order of nn's DistanceMetric.
enum class Metric { Euclidean, Squared, Manhattan, Cosine };
// And of its Mining.
enum class Mining { All, Hard, SemiHard };

// Lengths below this count as this in cosines (PyTorch's cosine_similarity).
constexpr double kLeastLength = 1e-8;

}  // namespace

template <typename Choice> static Choice choiceOf(const Node &node, const char *name, int count) {
  int choice = integers(node, name, 1)[0];
  if (choice < 0 || choice >= count)
    throw std::runtime_error(node.op + ": attribute '" + name + "' is out of range");
  return static_cast<Choice>(choice);
}

// By their names, which algorithms of this file give and Halide ends with a number.
constexpr const char *kAcross = "across_";
bool runsAcross(const Func &func) { return func.name().rfind(kAcross, 0) == 0; }
static Func across(const std::string &name) { return Func(kAcross + name); }

static Coordinates rowOf(const Coordinates &at) { return {at.begin(), at.end() - 1}; }

//===--- vectors ---===//

static void expectRows(const Node &node, const Value &src) {
  if (src.type.shape.size() < 2 || src.type.sliced + 1 == static_cast<int>(src.type.shape.size()))
    throw std::runtime_error(node.op + ": expected rows: rank 2 or more, the last dimension whole");
}

// The sum along the rows of a value.
static Func sumAlong(Graph &graph, const char *name, const Value &like,
                     const std::function<Expr(const Coordinates &)> &element) {
  return rowSum(graph, name, rowType(like.type, like.type.element),
                static_cast<int>(like.type.shape.back()), element);
}

static Func squareAlong(Graph &graph, ValueRef ref, const Value &src) {
  return graph.shared(keyOf("row_square", ref), [&] {
    return sumAlong(graph, "row_square", src,
                    [&](const Coordinates &at) { return src.at(at) * src.at(at); });
  });
}

std::vector<Value> buildL2Normalize(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value src = graph.operandsOf(node)[0];
  expectSameShape(node, src);
  expectRows(node, src);
  Func square = squareAlong(graph, node.operands[0], src);
  Expr least = make_const(halideType(src.type.element), number(node, "epsilon"));
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) mutable {
    return src.at(at) / max(sqrt(square(reversed(rowOf(at)))), least);
  };
  return {result};
}

std::vector<Value> buildL2NormalizeBwd(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value src = operands[0], diffDst = operands[1];
  expectSameShape(node, src);
  expectSameShape(node, diffDst);
  expectRows(node, src);
  Func square = squareAlong(graph, node.operands[0], src);
  Func product = sumAlong(graph, "row_product", src,
                          [&](const Coordinates &at) { return src.at(at) * diffDst.at(at); });
  Halide::Type type = halideType(src.type.element);
  Expr least = make_const(type, number(node, "epsilon")), zero = make_const(type, 0);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) mutable {
    std::vector<Expr> row = reversed(rowOf(at));
    Expr length = sqrt(square(row)), divisor = max(length, least);
    Expr along = src.at(at) / divisor * (product(row) / divisor);
    return select(length > least, (diffDst.at(at) - along) / divisor, zero);
  };
  return {result};
}

namespace {

// What distance and its gradient compute from.
struct Pair {
  Metric metric;
  Value lhs, rhs;
  Func sum;                               // of squares, or of magnitudes
  Func product, leftSquare, rightSquare;  // of a cosine

  Expr zero() const { return make_const(halideType(lhs.type.element), 0); }
  Expr difference(const Coordinates &at) const { return lhs.at(at) - rhs.at(at); }
};

}  // namespace

static Pair pairOf(Graph &graph, const Node &node) {
  std::vector<Value> operands = graph.operandsOf(node);
  Pair pair{choiceOf<Metric>(node, "metric", 4), operands[0], operands[1], {}, {}, {}, {}};
  if (pair.lhs.type.shape.size() != 2 || pair.lhs.type.shape != pair.rhs.type.shape)
    throw std::runtime_error(node.op + ": expected two operands of one shape [samples, values]");
  expectRows(node, pair.lhs);
  if (pair.metric == Metric::Cosine) {
    pair.product = sumAlong(graph, "pair_product", pair.lhs,
                            [&](const Coordinates &at) { return pair.lhs.at(at) * pair.rhs.at(at); });
    pair.leftSquare = squareAlong(graph, node.operands[0], pair.lhs);
    pair.rightSquare = squareAlong(graph, node.operands[1], pair.rhs);
  } else {
    pair.sum = sumAlong(graph, "pair_sum", pair.lhs, [&](const Coordinates &at) -> Expr {
      Expr d = pair.difference(at);
      return pair.metric == Metric::Manhattan ? Halide::abs(d) : d * d;
    });
  }
  return pair;
}

double flopsOfDistance(const KernelSpec &spec, const Node &node) {
  return 3.0 * spec.typeOf(node.operands.at(0)).elements();
}

std::vector<Value> buildDistance(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  Pair pair = pairOf(graph, node);
  Halide::Type type = halideType(pair.lhs.type.element);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &row) mutable -> Expr {
    std::vector<Expr> at = reversed(row);
    if (pair.metric == Metric::Euclidean)
      return sqrt(pair.sum(at));
    if (pair.metric != Metric::Cosine)
      return pair.sum(at);
    Expr least = make_const(type, kLeastLength);
    return make_const(type, 1) - pair.product(at) / (max(sqrt(pair.leftSquare(at)), least) *
                                                     max(sqrt(pair.rightSquare(at)), least));
  };
  return {result};
}

std::vector<Value> buildDistanceBwd(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 2);
  Pair pair = pairOf(graph, node);
  Value diffDst = graph.operandsOf(node)[2];
  Halide::Type type = halideType(pair.lhs.type.element);
  Expr zero = make_const(type, 0), one = make_const(type, 1), two = make_const(type, 2);
  // The gradient for one of the vectors, `sign` that of lhs.
  auto of = [=](const Value &own, const Value &other, const Func &ownSquare, const Func &otherSquare, int sign) {
    return [=](const Coordinates &at) mutable -> Expr {
      std::vector<Expr> row = reversed(rowOf(at));
      Expr diff = diffDst.at(rowOf(at)), d = sign > 0 ? pair.difference(at) : -pair.difference(at);
      switch (pair.metric) {
      case Metric::Squared: return two * d * diff;
      case Metric::Manhattan: return select(d > zero, diff, select(d < zero, -diff, zero));
      case Metric::Euclidean: {
        Expr sum = pair.sum(row);
        return select(sum > zero, d / sqrt(select(sum > zero, sum, one)) * diff, zero);
      }
      case Metric::Cosine: break;
      }
      Expr least = make_const(type, kLeastLength);
      Expr length = sqrt(ownSquare(row)), divisor = max(length, least);
      Expr otherLength = max(sqrt(otherSquare(row)), least);
      Expr cosine = pair.product(row) / (divisor * otherLength);
      Expr slope = (own.at(at) / divisor * cosine - other.at(at) / otherLength) / divisor;
      return select(length > least, slope * diff, zero);
    };
  };
  Value left, right;
  left.type = node.results[0];
  right.type = node.results[1];
  left.at = of(pair.lhs, pair.rhs, pair.leftSquare, pair.rightSquare, 1);
  right.at = of(pair.rhs, pair.lhs, pair.rightSquare, pair.leftSquare, -1);
  return {left, right};
}

//===--- triplets ---===//

namespace {

// Some samples and the batch that they are compared with, of which the first `samples` are there.
struct Batch {
  Value src, all;
  int size, values;
  Expr samples, position;

  // Never beyond what is there: a buffer may end behind the last sample.
  Expr present(const Expr &k) const { return clamp(min(k, samples - 1), 0, size - 1); }
};

}  // namespace

static Batch batchOf(const Node &node, const Value &src, const Value &all, const Value &samples,
                     const Value &position) {
  bool good = src.type.shape.size() == 2 && all.type.shape.size() == 2 && all.type.sliced < 0 &&
              src.type.shape[1] == all.type.shape[1] && samples.type.shape.empty() && position.type.shape.empty();
  if (!good)
    throw std::runtime_error(node.op + ": expected [samples, values], those of the batch, and two scalars");
  return {src,          all, static_cast<int>(all.type.shape[0]), static_cast<int>(all.type.shape[1]),
          samples.at({}), position.at({})};
}

static TensorType pairType(const Batch &batch, ElementType element) {
  return {element, {batch.src.type.shape[0], batch.size}, batch.src.type.sliced};
}

double flopsOfTripletMining(const KernelSpec &spec, const Node &node) {
  return 3.0 * spec.typeOf(node.operands.at(0)).elements() * spec.typeOf(node.operands.at(1)).shape.at(0);
}

namespace {

// Anchors i against the batch k. All Funcs have the place in the batch innermost, where it can be
// computed in vectors.
class Triplets {
public:
  Triplets(Graph &graph, const Node &node)
      : graph(graph), operands(graph.operandsOf(node)),
        batch(batchOf(node, operands[0], operands[1], operands[4], operands[5])),
        euclidean(choiceOf<Metric>(node, "metric", 2) == Metric::Euclidean),
        element(batch.src.type.element), type(halideType(element)),
        margin(make_const(type, number(node, "margin"))), zero(make_const(type, 0)), one(make_const(type, 1)),
        anchors(rowType(pairType(batch, element), element)) {
    measure();
    classOf(k) = operands[3].at({batch.present(k)});
    graph.addReduction(classOf, {ElementType::I32, {batch.size}, -1});
    switch (choiceOf<Mining>(node, "mining", 3)) {
    case Mining::All: mineAll(); break;
    case Mining::Hard: mineHard(); break;
    case Mining::SemiHard: mineSemiHard(); break;
    }
    auto pull = [*this](const Coordinates &at) mutable {
      Expr d = distance(at[1], at[0]), s = slope(at[1], at[0]);
      return euclidean ? select(d > zero, s / select(d > zero, d, one), zero) : make_const(type, 2) * s;
    };
    results = {valueOf(sums, node.results[0]), valueOf(counts, node.results[1]), {node.results[2], pull, {}}};
  }

  std::vector<Value> results;

private:
  // Distances, through a transposed batch so that neighbours in the batch lie side by side.
  void measure() {
    Func columns = across("columns"), squares = across("squares");
    Var c("c");
    columns(k, c) = batch.all.at({batch.present(k), c});
    graph.addReduction(columns, {element, {batch.values, batch.size}, -1});
    RDom r(0, batch.values, "c");
    Expr difference = batch.src.at({i, r}) - columns(k, r);
    squares(k, i) = zero;
    squares(k, i) += difference * difference;
    graph.addReduction(squares, pairType(batch, element));
    distance = squares;
    if (!euclidean)
      return;
    distance = across("distance");
    distance(k, i) = sqrt(squares(k, i));
    graph.addReduction(distance, pairType(batch, element));
  }

  Expr positive(const Expr &place) {
    return place < batch.samples && place != batch.position + i && classOf(place) == operands[2].at({i});
  }
  Expr negative(const Expr &place) { return place < batch.samples && classOf(place) != operands[2].at({i}); }
  Expr known(const Expr &place) { return clamp(place, 0, batch.size - 1); }
  // What the triplet loses where it is above 0.
  Expr violation(const Expr &p, const Expr &n) { return margin + distance(p, i) - distance(n, i); }

  // The first place with the largest or smallest distance of those that `counts`, -1 where none does.
  template <typename Counts> Func extreme(const char *name, bool largest, Counts counts) {
    Func place(name);
    RDom r(0, batch.size, "k");
    place(i) = -1;
    Expr best = distance(known(place(i)), i);
    Expr better = largest ? distance(r, i) > best : distance(r, i) < best;
    place(i) = select(counts(r.x) && (place(i) < 0 || better), r.x, place(i));
    TensorType places = anchors;
    places.element = ElementType::I32;
    graph.addReduction(place, places);
    return place;
  }

  // The sum over the batch, of each anchor.
  template <typename Term> Func total(const char *name, Term term) {
    Func sum(name);
    RDom r(0, batch.size, "k");
    sum(i) = zero;
    sum(i) += term(r.x);
    graph.addReduction(sum, anchors);
    return sum;
  }

  Expr unit(const Expr &condition) { return select(condition, one, zero); }

  void mineHard() {
    Func far = extreme("farthest", true, [&](const Expr &p) { return positive(p); });
    Func near = extreme("nearest", false, [&](const Expr &n) { return negative(n); });
    Expr valid = far(i) >= 0 && near(i) >= 0, loss = violation(known(far(i)), known(near(i)));
    sums(i) = select(valid, max(loss, zero), zero);
    counts(i) = unit(valid);
    Func active("active");
    active(i) = unit(valid && loss > zero);
    for (Func func : {sums, counts, active})
      graph.addReduction(func, anchors);
    slope = across("slope");
    slope(k, i) = active(i) * (unit(k == far(i)) - unit(k == near(i)));
    graph.addReduction(slope, pairType(batch, element));
  }

  void mineSemiHard() {
    Func farthest = extreme("farthest", true, [&](const Expr &n) { return negative(n); });
    // Of each positive the nearest negative that is farther than it, -1 where there is none.
    Func outside("outside");
    RDom r(0, batch.size, 0, batch.size, "np");
    r.where(positive(r.y));
    outside(k, i) = -1;
    Expr before = outside(r.y, i);
    Expr better = before < 0 || distance(r.x, i) < distance(known(before), i);
    outside(r.y, i) = select(negative(r.x) && distance(r.x, i) > distance(r.y, i) && better, r.x, before);
    TensorType places = pairType(batch, ElementType::I32);
    graph.addReduction(outside, places);
    auto chosen = [&](const Expr &p) { return known(select(outside(p, i) >= 0, outside(p, i), farthest(i))); };
    auto counted = [&](const Expr &p) { return positive(p) && farthest(i) >= 0; };
    sums = total("sums", [&](const Expr &p) {
      return select(counted(p), max(violation(p, chosen(p)), zero), zero);
    });
    counts = total("counts", [&](const Expr &p) { return unit(counted(p)); });
    RDom p(0, batch.size, "p");
    p.where(positive(p.x));
    Expr active = unit(counted(p.x) && violation(p.x, chosen(p.x)) > zero);
    slope(k, i) = zero;
    slope(p.x, i) += active;
    slope(chosen(p.x), i) -= active;
    graph.addReduction(slope, pairType(batch, element));
  }

  void mineAll() {
    // By negative, over all positives.
    RDom p(0, batch.size, "p");
    p.where(positive(p.x));
    Func costs = across("costs"), hits = across("hits");
    costs(k, i) = zero;
    costs(k, i) += select(negative(k), max(violation(p.x, k), zero), zero);
    hits(k, i) = zero;
    hits(k, i) += unit(negative(k) && violation(p.x, k) > zero);
    graph.addReduction(costs, pairType(batch, element));
    graph.addReduction(hits, pairType(batch, element));
    sums = total("sums", [&](const Expr &n) { return costs(n, i); });
    counts = total("counts", [&](const Expr &n) { return hits(n, i); });
    RDom r(0, batch.size, 0, batch.size, "np");
    r.where(positive(r.y));
    slope(k, i) = -hits(k, i);
    slope(r.y, i) += unit(negative(r.x) && violation(r.y, r.x) > zero);
    graph.addReduction(slope, pairType(batch, element));
  }

  Graph &graph;
  std::vector<Value> operands;
  Batch batch;
  bool euclidean;
  ElementType element;
  Halide::Type type;
  Expr margin, zero, one;
  TensorType anchors;
  Var k{"k"}, i{"i"};
  Func distance, classOf = across("class");
  // What an anchor's triplets lose, their number, and what the loss changes with each distance.
  Func sums{"sums"}, counts{"counts"}, slope{"slope"};
};

}  // namespace

std::vector<Value> buildTripletMining(Graph &graph, const Node &node) {
  expectCounts(node, 6, 6, 3);
  return Triplets(graph, node).results;
}

std::vector<Value> buildTripletMiningBwd(Graph &graph, const Node &node) {
  expectCounts(node, 7, 7, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Batch batch = batchOf(node, operands[0], operands[1], operands[5], operands[6]);
  Value pulls = operands[2], batchPulls = operands[3], diffSums = operands[4];
  ElementType element = batch.src.type.element;
  Expr zero = make_const(halideType(element), 0);
  Var k("k"), i("i"), c("c");
  Func weights("pair_weights"), diff = across("diff_src");
  Expr both = pulls.at({i, k}) + batchPulls.at({batch.present(k), clamp(batch.position + i, 0, batch.size - 1)});
  weights(k, i) = select(k < batch.samples, both, zero);
  graph.addReduction(weights, pairType(batch, element));
  // Most pairs of mined triplets do not pull at all.
  RDom r(0, batch.size, "k");
  r.where(weights(r.x, i) != zero);
  diff(c, i) = zero;
  diff(c, i) += weights(r.x, i) * (batch.src.at({i, c}) - batch.all.at({batch.present(r.x), c}));
  graph.addReduction(diff, node.results[0]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) mutable { return diff(at[1], at[0]) * diffSums.at({}); };
  return {result};
}

//===--- the mean over a batch ---===//

// samples / max(1, the sum of the counts of the samples that are there).
static Func shareOf(Graph &graph, const Node &node, ValueRef ref, const Value &counts, const Value &samples) {
  if (counts.type.shape.size() != 1 || counts.type.sliced >= 0 || !samples.type.shape.empty())
    throw std::runtime_error(node.op + ": expected the counts of a whole batch and a scalar");
  return graph.shared(keyOf("batch_share", ref), [&] {
    Halide::Type type = halideType(counts.type.element);
    TensorType scalar{counts.type.element, {}, -1};
    int size = static_cast<int>(counts.type.shape[0]);
    Func total("batch_total"), share("batch_share");
    RDom k(0, size, "k");
    k.where(k.x < samples.at({}));
    total() = make_const(type, 0);
    total() += counts.at({k.x});
    share() = cast(type, samples.at({})) / max(make_const(type, 1), total());
    graph.addReduction(total, scalar);
    graph.addReduction(share, scalar);
    return share;
  });
}

std::vector<Value> buildBatchMean(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value sums = operands[0];
  expectSameShape(node, sums);
  Func share = shareOf(graph, node, node.operands[1], operands[1], operands[2]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) mutable -> Expr { return sums.at(at) * share(); };
  return {result};
}

std::vector<Value> buildBatchMeanBwd(Graph &graph, const Node &node) {
  expectCounts(node, 3, 3, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value diffLoss = operands[2];
  Func share = shareOf(graph, node, node.operands[0], operands[0], operands[1]);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &) mutable -> Expr { return diffLoss.at({}) * share(); };
  return {result};
}

}  // namespace nncc::schedule
