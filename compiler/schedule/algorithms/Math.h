// Elementary functions as Halide expressions, so that kernels need no libm for them and a
// number comes out the same from scalar and vector code.
#ifndef NNCC_SCHEDULE_ALGORITHMS_MATH_H
#define NNCC_SCHEDULE_ALGORITHMS_MATH_H

#include <Halide.h>

namespace nncc::schedule {

// e to the x for f32 and f64, to about 1 ulp. Results below the normal numbers are 0.
Halide::Expr exponential(Halide::Expr x);

// e to the x, less 1: good to a few ulp near 0 too.
Halide::Expr exponentialMinus1(Halide::Expr x);

// The natural logarithm of 1 + x for x from 0 to 1: good to a few ulp near 0 too.
Halide::Expr logarithmOf1Plus(Halide::Expr x);

// 1 / (1 + e to the -x), good to a few ulp on both sides.
Halide::Expr sigmoid(Halide::Expr x);

Halide::Expr hyperbolicTangent(Halide::Expr x);

// The normal distribution: probability that a standard normal number is at most x, and its
// density there. Few ulp far out on the left as well, where 1 + erf would cancel.
struct Normal {
  Halide::Expr probability, density;
};
Normal normalAt(Halide::Expr x);

// The natural logarithm of x > 0, normal.
Halide::Expr logarithm(Halide::Expr x);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_MATH_H
