// Times the steps of an entry function on batches in memory: the kernels and the
// threads, without reading, logging or the optimizer's convergence in the way.
#ifndef NNCC_TRAIN_BENCH_H
#define NNCC_TRAIN_BENCH_H

#include <cstdint>
#include <filesystem>

#include "abi.h"

namespace nncc::train {

struct BenchOptions {
  int64_t steps = 100;
  int64_t warmup = 10;  // steps before those that count
  bool evaluate = false;  // instead of the training step
  int threads = 1;
  uint64_t seed = 1;
  std::filesystem::path batches = {};  // a file of batches (BatchFile.h) instead of made-up ones
};

// Prints one line of JSON: {"model", "entry", "batch", "threads", "steps",
// "us_per_sample": {"median", "mean", "min", "max"}, "loss", "peak_rss_bytes"}; "loss" is the mean of
// the first step. A program that counts (NnccProgram.kernels) adds "kernels_us_per_sample": for each
// kernel the median over the steps of what all threads together spent in it.
void bench(const NnccProgram &program, const BenchOptions &options);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_BENCH_H
