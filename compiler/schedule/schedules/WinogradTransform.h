// The constants of Winograd's minimal filtering F(m x m, 3 x 3): m x m sums of a 3x3 window
// from (m + 2) x (m + 2) products. With Y = A^T [ (G g G^T) * (B^T d B) ] A, as in Lavin and
// Gray, "Fast Algorithms for Convolutional Neural Networks" (2015). Points are 0, 1, -1, 2, -2, 1/2, -1/2
// and infinity, as many of them as there are positions.
#ifndef NNCC_SCHEDULE_SCHEDULES_WINOGRADTRANSFORM_H
#define NNCC_SCHEDULE_SCHEDULES_WINOGRADTRANSFORM_H

#include <Halide.h>

#include <functional>
#include <vector>

namespace nncc::schedule {

using Matrix = std::vector<std::vector<double>>;

struct WinogradTransform {
  int outputs;        // m: sums of a tile in each direction
  Matrix data;        // B^T, size x size
  Matrix taps;        // G, size x (size + 1 - m): of weights or, for the weights' gradient, of a gradient tile
  Matrix sums;        // A^T, m x size
  double errorBound;  // as in KernelInfo; half of it was seen on random numbers

  int size() const { return static_cast<int>(data.size()); }
};

// What a cycle that the cost models of Winograd's kernels expect is worth beside one of direct sums: they
// are further from their model, and pay only where the gain is more than that.
constexpr double kWinogradModelError = 1.25;

// F(m x m, 3 x 3) for m = 2, 4 or 6.
const WinogradTransform &winogradTransform(int outputs);
// F(3 x 3, r x r) for r = 2, 4 or 6, over the same points: 3x3 sums of windows of r x r.
const WinogradTransform &winogradWeightsTransform(int taps);

// The sum of row[i] * element(i), without the terms that are zero. The rows of opposite points differ
// in the signs of some terms only, and sums are written so that these rows share parts, which the code
// generator then computes once.
// Rows of data and weights: every other term changes its sign, E + O and E - O.
Halide::Expr combineAlternating(const std::vector<double> &row,
                                const std::function<Halide::Expr(int)> &element);
// Rows of sums: the products of opposite points, which stand side by side behind the first, have the
// same factor but for its sign: all rows need their sum or their difference.
Halide::Expr combinePairs(const std::vector<double> &row,
                          const std::function<Halide::Expr(int)> &element);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_SCHEDULES_WINOGRADTRANSFORM_H
