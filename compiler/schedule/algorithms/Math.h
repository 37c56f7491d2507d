// Elementary functions as Halide expressions, so that kernels need no libm for them and a
// number comes out the same from scalar and vector code.
#ifndef NNCC_SCHEDULE_ALGORITHMS_MATH_H
#define NNCC_SCHEDULE_ALGORITHMS_MATH_H

#include <Halide.h>

namespace nncc::schedule {

// e to the x for f32 and f64, to about 1 ulp. Results below the normal numbers are 0.
Halide::Expr exponential(Halide::Expr x);

// The natural logarithm of x > 0, normal.
Halide::Expr logarithm(Halide::Expr x);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_MATH_H
