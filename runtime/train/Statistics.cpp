#include "train/Statistics.h"

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "error.h"
#include "train/Block.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

bool isAdapted(const NnccParameter &parameter) {
  return parameter.initializer.kind && std::string_view(parameter.initializer.kind) == "adapt";
}

double valueAt(const std::byte *sample, int32_t type, int64_t index) {
  switch (type) {
    case NNCC_U8: return static_cast<double>(reinterpret_cast<const uint8_t *>(sample)[index]);
    case NNCC_I32: return reinterpret_cast<const int32_t *>(sample)[index];
    case NNCC_F64: return reinterpret_cast<const double *>(sample)[index];
    default: return reinterpret_cast<const float *>(sample)[index];
  }
}

struct Statistics {
  std::vector<double> mean, variance;
};

// Of the values that count: of sequences those of the steps that there are, by the column of lengths behind them.
// Two passes, in double: a column of large numbers with a small spread keeps its digits.
Statistics statisticsOf(const data::Dataset &dataset, const NnccEntry &entry, int column, int64_t channels) {
  const NnccTensor &tensor = entry.inputs[column];
  bool hasLengths = tensor.rank > 1 && column + 1 < entry.num_inputs && data::isLengths(entry.inputs[column + 1]);
  auto countOf = [&](int64_t s) {
    if (!hasLengths) return elements(tensor);
    return dataset.integer(column + 1, s) * (elements(tensor) / tensor.shape[0]);
  };
  auto sums = [&](auto term) {
    std::vector<double> sums(channels, 0.0);
    int64_t counted = 0;
    for (int64_t s = 0; s < dataset.size(); ++s) {
      const std::byte *sample = dataset.sample(column, s);
      int64_t count = countOf(s);
      for (int64_t i = 0; i < count; ++i)
        sums[i % channels] += term(valueAt(sample, tensor.type, i), i % channels);
      counted += count;
    }
    for (double &sum : sums) sum /= static_cast<double>(counted / channels);
    return sums;
  };
  Statistics statistics;
  statistics.mean = sums([](double value, int64_t) { return value; });
  for (int64_t c = 0; c < channels; ++c)
    if (!std::isfinite(statistics.mean[c]))
      throw UserError("data set '" + dataset.source() + "': column '" + tensor.name +
                      "' has values that are no finite numbers (feature " + std::to_string(c) +
                      " counted from 0), so it has no mean to normalize by; mend or drop them");
  statistics.variance = sums([&](double value, int64_t c) {
    double offset = value - statistics.mean[c];
    return offset * offset;
  });
  return statistics;
}

}  // namespace

bool wantsStatistics(const NnccProgram &program) {
  for (const NnccParameter &parameter : parameters(program))
    if (isAdapted(parameter)) return true;
  return false;
}

void adaptStatistics(const NnccProgram &program, const NnccEntry &entry, const data::Dataset &dataset,
                     void *block) {
  int known = -1;
  Statistics statistics;
  for (const NnccParameter &parameter : parameters(program)) {
    if (!isAdapted(parameter)) continue;
    int column = static_cast<int>(numberOption(parameter.initializer, "column", 0));
    int64_t channels = elements(parameter.tensor);
    if (column >= entry.num_inputs || elements(entry.inputs[column]) % channels)
      throw UserError("parameter '" + std::string(parameter.tensor.name) + "' wants the statistics of " +
                      std::to_string(channels) + " channels of a column that the data does not have; "
                      "compile the model again");
    // Mean and variance of a column stand beside each other.
    if (column != known) statistics = statisticsOf(dataset, entry, column, channels);
    known = column;
    double scale = numberOption(parameter.initializer, "scale", 1);
    double offset = numberOption(parameter.initializer, "offset", 0);
    bool variance = numberOption(parameter.initializer, "variance", 0) != 0;
    std::byte *values = static_cast<std::byte *>(block) + parameter.offset;
    for (int64_t c = 0; c < channels; ++c) {
      double value = variance ? statistics.variance[c] * scale * scale
                              : statistics.mean[c] * scale + offset;
      if (parameter.tensor.type == NNCC_F64)
        reinterpret_cast<double *>(values)[c] = value;
      else
        reinterpret_cast<float *>(values)[c] = static_cast<float>(value);
    }
  }
}

}  // namespace nncc::train
