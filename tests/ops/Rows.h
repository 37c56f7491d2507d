// The table of kernels under test: adding an op adds a row. A row says what is computed
// on which shapes and how near the result must be; which schedules, CPU levels, element
// types and slice extents it is tried with is the business of KernelTest.cpp.
#ifndef NNCC_TESTS_OPS_ROWS_H
#define NNCC_TESTS_OPS_ROWS_H

#include <functional>

#include "Build.h"
#include "Fill.h"

namespace nncc::ops {

enum class Size {
  Small,  // every candidate at every level, in f32 and f64
  Large,  // shapes of real networks: the schedule chosen at each level, in f32
};

struct Row {
  std::string op;       // the op whose row this is, "fused" for combinations
  std::string variant;  // what is special about it
  std::function<void(Builder &)> build;
  // In units of epsilon(T) * magnitude (see Number.h). With integers all arithmetic of a
  // sum is exact and the bound is 0, but for schedules that transform their operands.
  double tolerance = 4;
  Numbers numbers = Numbers::Real;
  Size size = Size::Small;
  int64_t slice = 0;      // the largest slice that is run; 0: all that there is
  bool constant = false;  // the results do not depend on the numbers: no gradient to check

  std::string name() const { return op + "_" + variant; }
  uint64_t seed() const;  // a hash of the name
  KernelSpec spec(ElementType real) const;
};

const std::vector<Row> &rows();

// Families with a file of their own, Rows<Family>.cpp.
std::vector<Row> convolutionRows();
void criteriaRows(std::vector<Row> &table);
void metricRows(std::vector<Row> &table);
void embeddingRows(std::vector<Row> &table);
void normalizationRows(std::vector<Row> &table);

// The kernels that fusion makes for models/cifar10.yaml, exactly as it makes them: also
// rows of the table, and the ones whose choice of schedule is asserted.
std::vector<Row> cifar10Rows();

// More families with a file of their own: RowsActivations.cpp, RowsOptimizers.cpp, RowsParts.cpp,
// RowsRecurrent.cpp, RowsSequence.cpp.
void activationRows(std::vector<Row> &table);
void addOptimizerRows(std::vector<Row> &table);
void partRows(std::vector<Row> &table);
void recurrentRows(std::vector<Row> &table);
void sequenceRows(std::vector<Row> &table);

// Adds rows for specifications in files of JSON, as the compiler's kernel worker reads
// them: any kernel of any model can be checked, in its own element types (with
// --element f32 once and not twice). Before the first use of rows().
void addRowsFrom(const std::vector<std::string> &paths);

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_ROWS_H
