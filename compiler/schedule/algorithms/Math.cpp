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

// x = k ln 2 + r with |r| <= ln(2)/2; e^x = 2^k e^r. ln 2 is split into a part whose product with
// k is exact and the rest.
Expr exponential(Expr x) {
  Halide::Type type = x.type();
  bool single = type == Halide::Float(32);
  if (!single && type != Halide::Float(64))
    throw std::logic_error("exponential of a type that is neither f32 nor f64");
  Expr least = make_const(type, single ? -87.3 : -708.3);
  Expr greatest = make_const(type, single ? 88.3 : 709.4);
  Expr bounded = Halide::clamp(x, least, greatest);
  Expr k = Halide::floor(bounded * make_const(type, 1.4426950408889634) + make_const(type, 0.5));
  Expr r = bounded - k * make_const(type, single ? 0.693359375 : 0.693147180369123816490);
  r = r - k * make_const(type, single ? -2.12194440054690583e-4 : 1.90821492927058770002e-10);
  Expr power = polynomial(r, exponentialSeries(single ? 7 : 13));
  Expr result;
  if (single) {
    Expr bits = (cast<int32_t>(k) + 127) << 23;
    result = power * Halide::reinterpret(type, bits);
  } else {
    Expr bits = (cast<int64_t>(k) + Expr(int64_t(1023))) << Expr(int64_t(52));
    result = power * Halide::reinterpret(type, bits);
  }
  return Halide::select(x < least, make_const(type, 0), result);
}

// f32 by Halide's own expression, f64 by libm, once a row.
Expr logarithm(Expr x) {
  return x.type() == Halide::Float(32) ? Halide::Internal::halide_log(x) : Halide::log(x);
}

}  // namespace nncc::schedule
