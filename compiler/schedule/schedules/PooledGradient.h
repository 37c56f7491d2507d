// A gradient that comes back through a max-pool: one point of each window has any.
#ifndef NNCC_SCHEDULE_SCHEDULES_POOLEDGRADIENT_H
#define NNCC_SCHEDULE_SCHEDULES_POOLEDGRADIENT_H

#include <optional>
#include <string>

#include "schedule/algorithms/Graph.h"

namespace nncc::schedule {

// The max-pool that a gradient comes through.
struct PooledGradient {
  Value gradient, workspace;
  int poolWidth, poolHeight;  // of one window
  int width, height;          // of the pooled plane

  // Where in the plane before the pool the gradient of pooled point (x, y) belongs.
  struct Point {
    Halide::Expr x, y;
  };
  Point pointOf(const Halide::Expr &c, const Halide::Expr &x, const Halide::Expr &y, const Halide::Expr &n) const;
  // Its value.
  Halide::Expr at(const Halide::Expr &c, const Halide::Expr &x, const Halide::Expr &y, const Halide::Expr &n) const {
    return gradient.stored(c, x, y, n);
  }
};

// The pool in front of a convolution gradient's operand, if its windows do not overlap and both its
// operands can be read; else `refusal` says why not.
std::optional<PooledGradient> pooledGradient(Graph &graph, ValueRef operand, std::string &refusal);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_POOLEDGRADIENT_H
