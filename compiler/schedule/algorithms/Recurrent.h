// One step of a recurrence over time: lstm, gru, simple_rnn and their gradients.
#ifndef NNCC_SCHEDULE_ALGORITHMS_RECURRENT_H
#define NNCC_SCHEDULE_ALGORITHMS_RECURRENT_H

#include <string>
#include <vector>

#include "schedule/algorithms/Graph.h"

namespace nncc::schedule {

// A matrix product and what is computed of its sums, element by element. Dimensions innermost
// first: sums are (unit, gate, n), all else is (unit, n).
struct RecurrentStep {
  int units, gates, depth, samples;
  Halide::Func sum;     // starts at what is added to the products, one update over `terms`
  Halide::RDom terms;   // none where there is no state yet, or no sample has this step
  TensorType sumType;   // [n, gates, units]
  std::vector<Halide::Func> stages;  // what several results share, operands before users
  std::vector<Halide::Func> rows;    // the same of samples: (n)
  std::vector<Value> results;
};

bool isRecurrentStep(const std::string &op);

// Announces as reductions what has to be there before: `sum` last.
RecurrentStep makeRecurrentStep(Graph &graph, const Node &node);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_RECURRENT_H
