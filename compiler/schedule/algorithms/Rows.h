// Row statistics and what the criteria of a row share. A row is the innermost dimension.
// Statistics are Funcs shared by all nodes of a kernel that need them.
#ifndef NNCC_SCHEDULE_ALGORITHMS_ROWS_H
#define NNCC_SCHEDULE_ALGORITHMS_ROWS_H

#include <functional>
#include <string>
#include <vector>

#include "schedule/algorithms/Graph.h"

namespace nncc::schedule {

// The statistics of the rows of one value.
struct Rows {
  Value source;
  int length;
  Halide::Func maximum;       // per row
  Halide::Func exponentials;  // e^(element - maximum), per element
  Halide::Func sum;           // of the exponentials, per row
};
Rows rowsOf(Graph &graph, const Node &node);

// The type of one element a row.
TensorType rowType(const TensorType &type, ElementType element);

// A name for what is made of an operand, the same in all nodes.
std::string keyOf(const char *what, ValueRef ref);

// The sum along rows of `length`, as a Func of the row that a schedule places. `element` gives
// the element at coordinates that end in the column.
Halide::Func rowSum(Graph &graph, const std::string &name, const TensorType &type, int length,
                    const std::function<Halide::Expr(const Coordinates &)> &element);

// The place of the first maximum of each row of `values`, i32.
Halide::Func rowArgmax(Graph &graph, ValueRef ref, const Value &values);

// One of `weights` by number; adjacent equal ones cost one comparison.
Halide::Expr pick(const std::vector<double> &weights, const Halide::Expr &number, Halide::Type type);

// What the gradient of a loss is multiplied by in a row: one number for all rows, or one for each.
Halide::Expr diffLossAt(const Value &diffLoss, const Coordinates &row);

// Optional attributes: `otherwise` or nothing where they are absent.
double numberOr(const Node &node, const std::string &name, double otherwise);
std::vector<double> numbersOf(const Node &node, const std::string &name);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_ROWS_H
