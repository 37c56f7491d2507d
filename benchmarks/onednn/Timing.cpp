#include "Timing.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace onednn {

Operands::Operands(const dnnl::primitive_desc_base &description) {
  auto layout = [&](int argument) {
    return description.query_md(dnnl::query::exec_arg_md, argument);
  };
  for (int argument :
       {DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DIFF_SRC,
        DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_BIAS, DNNL_ARG_MEAN,
        DNNL_ARG_VARIANCE, DNNL_ARG_SCALE, DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SHIFT,
        DNNL_ARG_WORKSPACE, DNNL_ARG_SCRATCHPAD})
    add(argument, layout(argument));
  if (backwardTakesShift || !arguments.contains(DNNL_ARG_DIFF_DST))
    add(DNNL_ARG_SHIFT, layout(DNNL_ARG_SHIFT));
}

void Operands::add(int argument, const memory::desc &description) {
  size_t bytes = description.get_size();
  if (!bytes)
    return;
  memory operand(description, engine());
  // A workspace of zeros is one that a forward may have left: it names a window's first place.
  std::memset(operand.get_data_handle(), 0, bytes);
  if (argument != DNNL_ARG_WORKSPACE && argument != DNNL_ARG_SCRATCHPAD)
    fill(static_cast<float *>(operand.get_data_handle()), bytes / sizeof(float));
  arguments.emplace(argument, operand);
}

void Operands::fill(float *values, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    values[i] = static_cast<float>(state >> 8) * 0x1p-23f - 1;
  }
}

static double secondsOf(int64_t repetitions, const std::function<void()> &work) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  for (int64_t i = 0; i < repetitions; ++i)
    work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<double> sortedSeconds(int rounds, double roundSeconds,
                                  const std::function<void()> &work) {
  work();
  int64_t repetitions = 1;
  while (secondsOf(repetitions, work) < roundSeconds)
    repetitions *= 2;
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i)
    times.push_back(secondsOf(repetitions, work) / static_cast<double>(repetitions));
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace onednn
