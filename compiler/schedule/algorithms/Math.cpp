#include "schedule/algorithms/Math.h"

#include <stdexcept>
#include <vector>

namespace nncc::schedule {

using Halide::cast;
using Halide::Expr;
using Halide::Internal::make_const;

static Expr polynomial(const Expr &x, const std::vector<double> &highestFirst) {
  Expr sum = make_const(x.type(), highestFirst[0]);
  for (size_t i = 1; i < highestFirst.size(); ++i)
    sum = sum * x + make_const(x.type(), highestFirst[i]);
  return sum;
}

// 1/0!, 1/1!, ... 1/degree!, the highest first. On |r| <= ln(2)/2 degree 7 is below an ulp of
// f32, degree 13 of f64.
static std::vector<double> exponentialSeries(int degree) {
  std::vector<double> list;
  double factorial = 1;
  for (int i = 0; i <= degree; ++i) {
    list.insert(list.begin(), 1 / factorial);
    factorial *= i + 1;
  }
  return list;
}

static bool isSingle(const Expr &x) {
  if (x.type() != Halide::Float(32) && x.type() != Halide::Float(64))
    throw std::logic_error("an elementary function of a type that is neither f32 nor f64");
  return x.type() == Halide::Float(32);
}

static Expr constant(const Expr &like, double value) { return make_const(like.type(), value); }

namespace {

// e^x = 2^k e^r
struct Reduced {
  Expr power2;  // 2^k
  Expr r;
  Expr inRange;  // not below the normal numbers
};

}  // namespace

// x = k ln 2 + r with |r| <= ln(2)/2. ln 2 is split into a part whose product with k is exact and
// the rest, in that order: the differences may not be regrouped. `rest` is what x lacks of the
// number that is meant.
static Reduced reduce(const Expr &x, const Expr &rest = Expr()) {
  Halide::Type type = x.type();
  bool single = isSingle(x);
  Expr least = make_const(type, single ? -87.3 : -708.3);
  Expr greatest = make_const(type, single ? 88.3 : 709.4);
  Expr bounded = Halide::clamp(x, least, greatest);
  Expr k = Halide::floor(bounded * make_const(type, 1.4426950408889634) + make_const(type, 0.5));
  Expr r = bounded - k * make_const(type, single ? 0.693359375 : 0.693147180369123816490);
  r = r - k * make_const(type, single ? -2.12194440054690583e-4 : 1.90821492927058770002e-10);
  if (rest.defined())
    r = r + rest;
  Expr bits = single ? (cast<int32_t>(k) + 127) << 23
                     : (cast<int64_t>(k) + Expr(int64_t(1023))) << Expr(int64_t(52));
  return {Halide::reinterpret(type, bits), Halide::strict_float(r), x >= least};
}

static Expr exponentialOf(const Reduced &reduced) {
  Expr power = polynomial(reduced.r, exponentialSeries(isSingle(reduced.r) ? 7 : 13));
  return Halide::select(reduced.inRange, power * reduced.power2, constant(reduced.r, 0));
}

Expr exponential(Expr x) { return exponentialOf(reduce(x)); }

// e^x - 1 = 2^k (e^r - 1) + (2^k - 1): what is subtracted is exact, and where k is 0 nothing is.
Expr exponentialMinus1(Expr x) {
  Reduced reduced = reduce(x);
  std::vector<double> series = exponentialSeries(isSingle(x) ? 8 : 14);
  series.pop_back();
  Expr power = polynomial(reduced.r, series) * reduced.r;
  return Halide::strict_float(power * reduced.power2 + (reduced.power2 - constant(x, 1)));
}

// 2 artanh(s) with s = x / (2 + x), at most 1/3: odd powers of s.
Expr logarithmOf1Plus(Expr x) {
  std::vector<double> series;
  for (int i = isSingle(x) ? 7 : 16; i >= 0; --i)
    series.push_back(2.0 / (2 * i + 1));
  Expr s = x / (x + constant(x, 2));
  return s * polynomial(s * s, series);
}

Expr sigmoid(Expr x) {
  Expr e = exponential(-Halide::abs(x)), one = constant(x, 1);
  return Halide::select(x >= 0, one, e) / (one + e);
}

// (e^2x - 1) / (e^2x + 1) by e^2x - 1, which does not cancel near 0; 1 to the last digit from 20 on.
Expr hyperbolicTangent(Expr x) {
  Expr grown = exponentialMinus1(Halide::min(Halide::abs(x), constant(x, 20)) * constant(x, 2));
  Expr result = grown / (grown + constant(x, 2));
  return Halide::select(x < 0, -result, result);
}

// The tail beyond z sqrt(2) is e^(-z^2) erfcx(z) / 2, and erfcx(z) (z + c) is a polynomial of
// 1 - 2c / (z + c), which runs from -1 to 1. Coefficients: Chebyshev interpolation at 50 digits,
// relative errors 9e-9 and 8e-18.
Normal normalAt(Expr x) {
  bool single = isSingle(x);
  static const std::vector<double> ofSingle = {
      -7.292145627e-5, 2.686559161e-5, 0.0006662207953, -0.0004136037997,
      -0.004803455108, 0.008382888215, 0.02835886711,   -0.1712494186,
      0.4539142497,    -0.8046519341,  1.05403182};
  static const std::vector<double> ofDouble = {
      5.50211085624597384e-11, 4.39775366111740526e-10, -5.60090785756976554e-10,
      -5.36482779512328516e-9, 3.64171776592320748e-9,  4.01978912472380765e-8,
      -2.72302874413008192e-8, -2.63360741937913296e-7, 2.79907735716449096e-7,
      1.65557215733193361e-6,  -3.28936094803531379e-6, -8.90361926699811627e-6,
      0.0000374716435735059751, 0.0000105938638546877848, -0.000348646833065918189,
      0.000794823128953517777, 0.000986338076384576806, -0.0125358800450847269,
      0.0491187786155213387,   -0.131955401178234482,   0.279062049033775524,
      -0.490470291207688598,   0.736318925221751746,    -0.958741576652909466,
      1.09192290956278904};
  double c = single ? 2.5 : 3.75;
  // x^2 / 2 with the digits that the product loses: far out they would be the result's first.
  // Half of x's digits and the rest have exact products.
  Expr half = single ? Halide::reinterpret(x.type(), Halide::reinterpret<uint32_t>(x) &
                                                         Halide::Internal::make_const(Halide::UInt(32), 0xfffff000u))
                     : Halide::reinterpret(x.type(), Halide::reinterpret<uint64_t>(x) &
                                                         ~((Expr(uint64_t(1)) << Expr(uint64_t(27))) - Expr(uint64_t(1))));
  Expr rest = x - half, minusHalf = constant(x, -0.5);
  Expr square = x * x;
  Expr lost = Halide::strict_float(((half * half - square) + half * rest * constant(x, 2)) + rest * rest);
  Expr falling = exponentialOf(reduce(square * minusHalf, lost * minusHalf));
  Expr z = Halide::abs(x) * constant(x, 0.70710678118654752440);
  Expr inverse = constant(x, 1) / (z + constant(x, c));
  Expr t = constant(x, 1) - inverse * constant(x, 2 * c);
  Expr tail = falling * inverse * polynomial(t, single ? ofSingle : ofDouble) * constant(x, 0.5);
  return {Halide::select(x < 0, tail, constant(x, 1) - tail),
          falling * constant(x, 0.39894228040143267794)};
}

// f32 by Halide's own expression, f64 by libm, once a row.
Expr logarithm(Expr x) {
  return x.type() == Halide::Float(32) ? Halide::Internal::halide_log(x) : Halide::log(x);
}

}  // namespace nncc::schedule
