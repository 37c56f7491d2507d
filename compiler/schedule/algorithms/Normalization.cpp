// Batch and layer normalization. Channels are the innermost dimension.
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/ChannelSums.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::cast;
using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::Tuple;
using Halide::Var;

static void expectChannels(const Node &node, const TensorType &src, const Value &channels) {
  if (src.shape.empty() || channels.type.shape != std::vector<int64_t>{src.shape.back()})
    throw std::runtime_error(node.op + ": expected one value for each channel");
}

static void expectShape(const Node &node, const Value &value, const TensorType &type) {
  if (value.type.shape != type.shape)
    throw std::runtime_error(node.op + ": expected operands of one shape");
}

static Expr constant(const Node &node, double value) {
  return Halide::Internal::make_const(halideType(node.results[0].element), value);
}

//===--- by channel ---===//

std::vector<Value> buildChannelAffine(Graph &graph, const Node &node) {
  expectCounts(node, 3, 4, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  expectShape(node, operands[0], node.results[0]);
  for (size_t i = 1; i < operands.size(); ++i)
    expectChannels(node, node.results[0], operands[i]);
  Value result;
  result.type = node.results[0];
  result.at = [operands](const Coordinates &at) {
    Coordinates c = {at.back()};
    Expr element = operands[0].at(at);
    if (operands.size() > 3)
      element = element - operands[3].at(c);
    return element * operands[1].at(c) + operands[2].at(c);
  };
  return {result};
}

std::vector<Value> buildChannelScale(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  expectShape(node, operands[0], node.results[0]);
  expectChannels(node, node.results[0], operands[1]);
  Value result;
  result.type = node.results[0];
  result.at = [operands](const Coordinates &at) {
    return operands[0].at(at) * operands[1].at({at.back()});
  };
  return {result};
}

std::vector<Value> buildBatchNormStatisticsBwd(Graph &graph, const Node &node) {
  expectCounts(node, 4, 4, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  expectShape(node, operands[0], node.results[0]);
  for (int i : {1, 2, 3})
    expectChannels(node, node.results[0], operands[i]);
  Expr two = constant(node, 2);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    Coordinates c = {at.back()};
    return operands[2].at(c) + (operands[0].at(at) - operands[1].at(c)) * (operands[3].at(c) * two);
  };
  return {result};
}

//===--- sums over the batch ---===//

ChannelSums makeChannelSums(Graph &graph, const Node &node) {
  bool statistics = node.op == "batch_norm_statistics";
  expectCounts(node, 2, statistics ? 2 : 3, 2);
  std::vector<Value> operands = graph.operandsOf(node);
  const TensorType &src = operands[0].type;
  if (src.shape.size() < 2 || src.sliced > 0)
    throw std::runtime_error(node.op + ": expected src [N,...,C], cut over samples");
  size_t centerIndex = statistics ? 1 : 2;
  bool centered = operands.size() > centerIndex;
  if (centered)
    expectChannels(node, src, operands[centerIndex]);
  if (!statistics)
    expectShape(node, operands[1], src);
  for (const TensorType &result : node.results)
    if (result.shape != std::vector<int64_t>{src.shape.back()})
      throw std::runtime_error(node.op + ": expected sums of one value for each channel");

  // The two terms at a point.
  auto terms = [=](const Coordinates &at) {
    Expr element = operands[0].at(at);
    if (centered)
      element = element - operands[centerIndex].at({at.back()});
    if (statistics)
      return Tuple(element, element * element);
    Expr gradient = operands[1].at(at);
    return Tuple(gradient * element, gradient);
  };
  Expr zero = Halide::cast(halideType(node.results[0].element), 0);
  ChannelSums sums;
  sums.channels = static_cast<int>(src.shape.back());
  sums.total = Func(node.op);
  Var c("c");
  sums.total(c) = Tuple(zero, zero);
  size_t rank = src.shape.size();
  // Samples, then the dimensions between them and the row; innermost first for Halide.
  std::vector<Halide::Range> ranges;
  for (size_t dim = rank == 2 ? 1 : rank - 2; dim-- > 0;)
    ranges.push_back({0, dim == 0 && src.sliced == 0 ? graph.sliceExtent()
                                                     : Expr(static_cast<int>(src.shape[dim]))});
  RDom r(ranges, "r");
  sums.rows = r[0];
  auto outer = [&](size_t count) {  // outermost first
    Coordinates at;
    for (size_t i = count; i-- > 0;)
      at.push_back(r[static_cast<int>(i)]);
    return at;
  };
  auto add = [](Func func, const std::vector<Expr> &at, const Tuple &terms) {
    return Tuple(func(at)[0] + terms[0], func(at)[1] + terms[1]);
  };
  if (rank == 2) {
    Coordinates at = outer(1);
    at.push_back(c);
    sums.total(c) = add(sums.total, {c}, terms(at));
  } else {
    // Row by row: long sums lose fewer digits.
    std::vector<Var> vars = {c};
    for (size_t i = 0; i < ranges.size(); ++i)
      vars.push_back(Var(std::string("p").append(std::to_string(i))));
    sums.row = Func(node.op + "_row");
    sums.row(vars) = Tuple(zero, zero);
    RDom x(0, static_cast<int>(src.shape[rank - 2]), "x");
    sums.column = x.x;
    Coordinates at;
    for (size_t i = vars.size(); i-- > 1;)
      at.push_back(vars[i]);
    at.push_back(x.x);
    at.push_back(c);
    std::vector<Expr> own(vars.begin(), vars.end());
    sums.row(vars) = add(sums.row, own, terms(at));
    std::vector<Expr> here = {c};
    for (size_t i = 0; i < ranges.size(); ++i)
      here.push_back(r[static_cast<int>(i)]);
    sums.total(c) = add(sums.total, {c}, Tuple(sums.row(here)[0], sums.row(here)[1]));
  }
  return sums;
}

static std::vector<Value> buildChannelSums(Graph &graph, const Node &node) {
  ChannelSums sums = makeChannelSums(graph, node);
  if (sums.row.defined()) {
    TensorType row = graph.spec.typeOf(node.operands[0]);
    row.shape.erase(row.shape.end() - 2);
    graph.addReduction(sums.row, row);
  }
  graph.addReduction(sums.total, node.results[0]);
  return {valueOf(sums.total, node.results[0], 0), valueOf(sums.total, node.results[1], 1)};
}

std::vector<Value> buildBatchNormStatistics(Graph &graph, const Node &node) {
  return buildChannelSums(graph, node);
}

std::vector<Value> buildChannelAffineBwdWeights(Graph &graph, const Node &node) {
  return buildChannelSums(graph, node);
}

double flopsOfChannelSums(const KernelSpec &spec, const Node &node) {
  return 4.0 * spec.typeOf(node.operands.at(0)).elements();
}

//===--- coefficients ---===//

// 1 / M for M = samples * positions.
static Expr inverseCount(const Node &node, const Value &samples) {
  Halide::Type type = halideType(node.results[0].element);
  return constant(node, 1) / (cast(type, samples.at({})) * constant(node, number(node, "positions")));
}

namespace {

// Statistics of a channel from its sums.
struct Statistics {
  Expr offset;  // of the mean from the pivot
  Expr variance;
};

}  // namespace

static Statistics statisticsAt(const Node &node, const Value &sum, const Value &squares,
                               const Value &samples, const Coordinates &at) {
  Expr inverse = inverseCount(node, samples), offset = sum.at(at) * inverse;
  return {offset, Halide::max(squares.at(at) * inverse - offset * offset, constant(node, 0))};
}

std::vector<Value> buildBatchNormCoefficients(Graph &graph, const Node &node) {
  expectCounts(node, 4, 6, 4);
  std::vector<Value> operands = graph.operandsOf(node);
  bool hasScale = number(node, "has_scale") != 0, hasShift = number(node, "has_shift") != 0;
  Expr epsilon = constant(node, number(node, "epsilon"));
  for (size_t i = 0; i < operands.size(); ++i)
    if (i != 3)
      expectShape(node, operands[i], node.results[0]);
  Value gamma = hasScale ? operands.at(4) : Value(), beta = hasShift ? operands.back() : Value();
  auto statistics = [=](const Coordinates &at) {
    return statisticsAt(node, operands[0], operands[1], operands[3], at);
  };
  std::vector<Value> results(4);
  for (int i = 0; i < 4; ++i)
    results[i].type = node.results[i];
  results[0].at = [=](const Coordinates &at) { return operands[2].at(at) + statistics(at).offset; };
  results[1].at = [=](const Coordinates &at) {
    Expr scale = constant(node, 1) / Halide::sqrt(statistics(at).variance + epsilon);
    return hasScale ? gamma.at(at) * scale : scale;
  };
  results[2].at = [=](const Coordinates &at) { return hasShift ? beta.at(at) : constant(node, 0); };
  results[3].at = [=](const Coordinates &at) { return statistics(at).variance; };
  return results;
}

std::vector<Value> buildBatchNormCoefficientsBwd(Graph &graph, const Node &node) {
  expectCounts(node, 5, 6, 3);
  std::vector<Value> operands = graph.operandsOf(node);
  Expr epsilon = constant(node, number(node, "epsilon"));
  for (size_t i = 0; i < operands.size(); ++i)
    if (i != 4)
      expectShape(node, operands[i], node.results[0]);
  Value diffMean = operands[2], diffScale = operands[3], samples = operands[4];
  bool hasGamma = operands.size() > 5;
  Value gamma = hasGamma ? operands[5] : Value();
  auto statistics = [=](const Coordinates &at) {
    return statisticsAt(node, operands[0], operands[1], samples, at);
  };
  auto inverseDeviation = [=](const Coordinates &at) {
    return constant(node, 1) / Halide::sqrt(statistics(at).variance + epsilon);
  };
  // Divided by M.
  auto diffVariance = [=](const Coordinates &at) {
    Expr inverse = inverseDeviation(at);
    Expr diff = diffScale.at(at) * constant(node, -0.5) * inverse * inverse * inverse *
                inverseCount(node, samples);
    return hasGamma ? diff * gamma.at(at) : diff;
  };
  std::vector<Value> results(3);
  for (int i = 0; i < 3; ++i)
    results[i].type = node.results[i];
  results[0].at = [=](const Coordinates &at) {
    return diffMean.at(at) * inverseCount(node, samples) -
           constant(node, 2) * statistics(at).offset * diffVariance(at);
  };
  results[1].at = diffVariance;
  results[2].at = [=](const Coordinates &at) { return diffScale.at(at) * inverseDeviation(at); };
  return results;
}

std::vector<Value> buildStoredCoefficients(Graph &graph, const Node &node) {
  expectCounts(node, 2, 4, 3);
  std::vector<Value> operands = graph.operandsOf(node);
  for (const Value &operand : operands)
    expectShape(node, operand, node.results[0]);
  bool hasScale = number(node, "has_scale") != 0, hasShift = number(node, "has_shift") != 0;
  bool invert = number(node, "invert") != 0;
  Expr epsilon = constant(node, number(node, "epsilon")), least = constant(node, number(node, "least"));
  Value mean = operands[0], variance = operands[1];
  Value gamma = hasScale ? operands.at(2) : Value(), beta = hasShift ? operands.back() : Value();
  auto deviation = [=](const Coordinates &at) {
    return Halide::max(Halide::sqrt(variance.at(at) + epsilon), least);
  };
  std::vector<Value> results(3);
  for (int i = 0; i < 3; ++i)
    results[i].type = node.results[i];
  results[0].at = [=](const Coordinates &at) { return invert ? constant(node, 0) : mean.at(at); };
  results[1].at = [=](const Coordinates &at) {
    if (invert)
      return deviation(at);
    return (hasScale ? gamma.at(at) : constant(node, 1)) / deviation(at);
  };
  results[2].at = [=](const Coordinates &at) {
    if (invert)
      return mean.at(at);
    return hasShift ? beta.at(at) : constant(node, 0);
  };
  return results;
}

std::vector<Value> buildMovingAverage(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  for (const Value &operand : operands)
    expectShape(node, operand, node.results[0]);
  double momentum = number(node, "momentum");
  Expr keep = constant(node, momentum), take = constant(node, 1 - momentum);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    return operands[0].at(at) * keep + operands[1].at(at) * take;
  };
  return {result};
}

//===--- rows ---===//

namespace {

struct RowStatistics {
  Func mean, inverseDeviation;  // per row
};

}  // namespace

// A sum of `term(column)` over the rows of a tensor of type `type`, times `scale`.
static Func rowMean(Graph &graph, const std::string &name, const TensorType &type,
                    const std::function<Expr(const Coordinates &)> &term) {
  TensorType row = type;
  row.shape.pop_back();
  std::vector<Var> vars = dimensionVars(row.shape.size(), "row");
  int length = static_cast<int>(type.shape.back());
  RDom k(0, length, "k");
  Coordinates at = coordinatesOf(vars);
  at.push_back(k.x);
  Func sum(name);
  Halide::Type element = halideType(type.element);
  sum(vars) = Halide::Internal::make_zero(element);
  sum(vars) += term(at) * Halide::Internal::make_const(element, 1.0 / length);
  graph.addReduction(sum, row);
  return sum;
}

static Expr atRow(Func func, const Coordinates &at) {
  Coordinates row(at.begin(), at.end() - 1);
  return func(reversed(row));
}

static RowStatistics rowStatistics(Graph &graph, const Node &node, const Value &src) {
  if (src.type.shape.size() < 2 || src.type.sliced + 1 == static_cast<int>(src.type.shape.size()))
    throw std::runtime_error(node.op + ": expected rows: rank 2 or more, the last dimension whole");
  RowStatistics rows;
  rows.mean = rowMean(graph, "row_mean", src.type, src.at);
  Func variance = rowMean(graph, "row_variance", src.type, [=, mean = rows.mean](const Coordinates &at) {
    Expr offset = src.at(at) - atRow(mean, at);
    return offset * offset;
  });
  rows.inverseDeviation = Func("row_inverse_deviation");
  TensorType row = src.type;
  row.shape.pop_back();
  std::vector<Var> vars = dimensionVars(row.shape.size(), "row");
  rows.inverseDeviation(vars) =
      constant(node, 1) / Halide::sqrt(variance(vars) + constant(node, number(node, "epsilon")));
  graph.addReduction(rows.inverseDeviation, row);
  return rows;
}

std::vector<Value> buildRowNormalize(Graph &graph, const Node &node) {
  expectCounts(node, 1, 1, 1);
  Value src = graph.operandsOf(node)[0];
  expectShape(node, src, node.results[0]);
  RowStatistics rows = rowStatistics(graph, node, src);
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    return (src.at(at) - atRow(rows.mean, at)) * atRow(rows.inverseDeviation, at);
  };
  return {result};
}

std::vector<Value> buildRowNormalizeBwd(Graph &graph, const Node &node) {
  expectCounts(node, 2, 2, 1);
  std::vector<Value> operands = graph.operandsOf(node);
  Value src = operands[0], diffDst = operands[1];
  expectShape(node, src, node.results[0]);
  expectShape(node, diffDst, node.results[0]);
  RowStatistics rows = rowStatistics(graph, node, src);
  auto dst = [=](const Coordinates &at) {
    return (src.at(at) - atRow(rows.mean, at)) * atRow(rows.inverseDeviation, at);
  };
  Func mean = rowMean(graph, "row_mean_diff", src.type, diffDst.at);
  Func product = rowMean(graph, "row_mean_product", src.type,
                         [=](const Coordinates &at) { return diffDst.at(at) * dst(at); });
  Value result;
  result.type = node.results[0];
  result.at = [=](const Coordinates &at) {
    return (diffDst.at(at) - atRow(mean, at) - dst(at) * atRow(product, at)) *
           atRow(rows.inverseDeviation, at);
  };
  return {result};
}

}  // namespace nncc::schedule
