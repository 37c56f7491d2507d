// Matrix products as Funcs. Dimensions innermost first: rows of a batch are (i, n),
// weights (o, i).
#ifndef NNCC_SCHEDULE_ALGORITHMS_DENSE_H
#define NNCC_SCHEDULE_ALGORITHMS_DENSE_H

#include "schedule/algorithms/Graph.h"

namespace nncc::schedule {

// dense or dense_bwd_data: sum(o, n) starts at the bias, one update over `terms`. In dense_bwd_weights_whole,
// n counts inputs, the terms are samples and the gradient stands for the weights.
struct Product {
  int outputs, depth, samples;
  Halide::Func sum;
  Halide::RDom terms;
  Halide::Func source;  // (depth, n); (n, depth) in dense_bwd_weights_whole
  bool staged;          // the source costs more than a load
  Halide::Func weights; // (o, depth)
  TensorType sumType;
};

Product makeProduct(Graph &graph, const Node &node);

// dense_bwd_weights: sums over samples of gradient(o, n) * source(i, n).
struct ProductGradient {
  int inputs, outputs, samples;
  Halide::Func source, gradient;
};

ProductGradient makeProductGradient(Graph &graph, const Node &node);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_DENSE_H
