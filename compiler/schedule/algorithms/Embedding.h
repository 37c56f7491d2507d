// The gradient of an embedding: every row of a gradient is added to the row of the table that its
// index numbers.
#ifndef NNCC_SCHEDULE_ALGORITHMS_EMBEDDING_H
#define NNCC_SCHEDULE_ALGORITHMS_EMBEDDING_H

#include <functional>

#include "schedule/algorithms/Graph.h"

namespace nncc::schedule {

struct TableGradient {
  int rows, columns;
  // The indices of the slice: [N,...], innermost first.
  Halide::RDom positions;
  Halide::Expr row;                                       // that the index at a position numbers
  std::function<Halide::Expr(const Halide::Expr &)> at;   // the gradient there, by column
};

// For an embedding_bwd_weights node. Throws where shapes do not fit.
TableGradient makeTableGradient(Graph &graph, const Node &node);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_EMBEDDING_H
