//===- TuneReport.cpp - how the cost model did beside the measurements -----===//
#include "driver/TuneReport.h"
#include "llvm/Support/Format.h"
#include <algorithm>
#include <numeric>

namespace nncc::driver {

using codegen::MeasuredCandidate;

// Ranks from 0, equal values share the mean of theirs.
static std::vector<double> ranksOf(const std::vector<double> &values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = (begin + end - 1) / 2.0;
    begin = end;
  }
  return ranks;
}

// Spearman's: the correlation of ranks. 0 where either is constant.
static double rankCorrelation(const std::vector<double> &a, const std::vector<double> &b) {
  std::vector<double> x = ranksOf(a), y = ranksOf(b);
  double middle = (x.size() - 1) / 2.0, xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - middle) * (y[i] - middle);
    xx += (x[i] - middle) * (x[i] - middle);
    yy += (y[i] - middle) * (y[i] - middle);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

void reportTuning(const codegen::TunedTarget &target, llvm::raw_ostream &out) {
  out << "| kernel | the cost model's choice | the fastest | its time to the choice's | rank correlation |\n"
         "|---|---|---|--:|--:|\n";
  double lost = 0, correlation = 0;
  size_t kernels = 0;
  for (const codegen::TunedKernel &kernel : target.kernels) {
    std::vector<MeasuredCandidate> measured = kernel.candidates;
    llvm::erase_if(measured, [](const MeasuredCandidate &candidate) { return candidate.ratio <= 0; });
    if (measured.size() < 2) continue;
    std::vector<double> cycles, ratios;
    for (const MeasuredCandidate &candidate : measured) {
      cycles.push_back(candidate.cycles);
      ratios.push_back(candidate.ratio);
    }
    const MeasuredCandidate &best = measured[std::min_element(ratios.begin(), ratios.end()) - ratios.begin()];
    double rank = rankCorrelation(cycles, ratios);
    out << "| " << kernel.kernel << " | " << measured.front().schedule << " | "
        << (&best == &measured.front() ? "the same" : best.schedule) << llvm::format(" | %.2f | %.2f |\n", best.ratio, rank);
    lost += 1 / best.ratio - 1;
    correlation += rank;
    ++kernels;
  }
  if (kernels)
    out << llvm::format("\nMean of %zu kernels: the cost model's choice takes %.0f%% longer than the fastest; rank "
                        "correlation %.2f.\n", kernels, 100 * lost / kernels, correlation / kernels);
}

} // namespace nncc::driver
