#include "train/Bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include "report/Text.h"
#include "train/BatchFile.h"
#include "train/LearningRate.h"
#include "train/Memory.h"
#include "train/Model.h"
#include "train/Program.h"
#include "train/RandomInputs.h"

namespace nncc::train {

namespace {

// Enough different batches that their samples aren't in the innermost caches already.
constexpr int kBatches = 8;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

void bench(const NnccProgram &program, const BenchOptions &options) {
  NnccEntryKind kind = options.evaluate ? NNCC_EVALUATE : NNCC_TRAIN_STEP;
  const NnccEntry &entry = requireEntry(program, kind, options.evaluate ? "evaluate" : "train");
  const bool ofTraining = !options.evaluate || !options.batches.empty();
  int32_t samples = ofTraining ? std::min(program.train.batch_size, entry.batch) : entry.batch;
  // Any rate is as fast as another; with a schedule it is that of the first step.
  double learningRate = options.evaluate ? 0 : LearningRate(program, 1).at(0);

  Model model(program, options.threads, {kind});
  model.initialize(options.seed);
  Outputs outputs(entry, entry.batch);
  std::vector<std::vector<Block>> batches;
  if (!options.batches.empty()) batches = readBatches(program, entry, options.batches);
  for (uint64_t i = 0; options.batches.empty() && i < kBatches; ++i)
    batches.push_back(randomInputs(program, entry, samples, options.seed + i));

  std::vector<uint32_t> sampleIds(static_cast<size_t>(samples));
  std::iota(sampleIds.begin(), sampleIds.end(), 0u);

  using Clock = std::chrono::steady_clock;
  std::vector<double> microseconds;
  std::vector<std::vector<double>> ticks(static_cast<size_t>(program.kernels));
  Sums first(program, entry);
  Clock::time_point began = Clock::now();
  const uint64_t beganTicks = __builtin_ia32_rdtsc();
  for (int64_t step = 0; step < options.warmup + options.steps; ++step) {
    std::vector<const void *> inputs = pointersTo(batches[static_cast<size_t>(step) % batches.size()]);
    Clock::time_point started = Clock::now();
    model.run(entry, samples, inputs, outputs.pointers(), {learningRate, step + 1, options.seed, sampleIds.data()});
    std::chrono::duration<double, std::micro> taken = Clock::now() - started;
    if (step == 0) first.add(inputs, outputs, samples);
    std::vector<uint64_t> counted = model.takeTicks();
    if (step < options.warmup) continue;
    microseconds.push_back(taken.count() / samples);
    for (size_t kernel = 0; kernel < ticks.size(); ++kernel)
      ticks[kernel].push_back(static_cast<double>(counted[kernel]));
  }
  std::chrono::duration<double, std::micro> all = Clock::now() - began;
  const double perTick = all.count() / static_cast<double>(__builtin_ia32_rdtsc() - beganTicks);

  auto number = [](double value) { return report::jsonNumber(value); };
  std::string line =
      "{\"model\":" + report::jsonString(program.name) + ",\"entry\":\"" +
      (options.evaluate ? "evaluate" : "train") + "\",\"batch\":" + std::to_string(samples) +
      ",\"threads\":" + std::to_string(model.threads()) +
      ",\"steps\":" + std::to_string(options.steps) + ",\"us_per_sample\":{\"median\":" +
      number(median(microseconds)) + ",\"mean\":" +
      number(std::accumulate(microseconds.begin(), microseconds.end(), 0.0) /
             static_cast<double>(microseconds.size())) +
      ",\"min\":" + number(*std::min_element(microseconds.begin(), microseconds.end())) +
      ",\"max\":" + number(*std::max_element(microseconds.begin(), microseconds.end())) +
      "},\"loss\":" + number(first.means().at(0)) +
      ",\"peak_rss_bytes\":" + std::to_string(peakResidentBytes());
  if (!ticks.empty()) {
    line += ",\"kernels_us_per_sample\":[";
    for (size_t kernel = 0; kernel < ticks.size(); ++kernel)
      line += (kernel ? "," : "") + number(median(ticks[kernel]) * perTick / samples);
    line += "]";
  }
  line += "}";
  std::puts(line.c_str());
}

}  // namespace nncc::train
