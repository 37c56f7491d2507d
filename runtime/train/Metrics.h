// Metrics that are no mean over samples, computed from all outputs and targets in the order of
// the samples and in double: the same bits however they come in batches.
#ifndef NNCC_TRAIN_METRICS_H
#define NNCC_TRAIN_METRICS_H

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "abi.h"

namespace nncc::train {

// One sample: its output's values and its target, which is as many values or a class number.
struct JudgedSample {
  std::span<const double> output, target;
  int64_t label = -1;  // of a target that is the number of a class
};

// Samples by class (rows) and predicted class (columns).
struct ConfusionMatrix {
  int64_t classes = 0;
  std::vector<int64_t> counts;  // row by row

  int64_t at(int64_t actual, int64_t predicted) const {
    return counts[static_cast<size_t>(actual * classes + predicted)];
  }
};

class OverallMetric {
 public:
  virtual ~OverallMetric() = default;
  virtual void add(const JudgedSample &sample) = 0;
  // NaN where it is not defined: the precision of a model that never says yes is 0, as in Keras,
  // but there is no area under a curve of one class.
  virtual double value() const { return 0; }
  // Of a metric that is a table and no number.
  virtual const ConfusionMatrix *table() const { return nullptr; }
};

// `kind` is the YAML's word; `outputs` the size of an output, `threshold` where it decides between two
// classes. Throws UserError for a metric that this runtime does not know.
std::unique_ptr<OverallMetric> makeOverallMetric(const std::string &kind, int64_t outputs,
                                                 double threshold);

// Is it a table and no number?
bool isTable(const NnccOverallMetric &metric);

// All metrics of a program over one data set.
class OverallMetrics {
 public:
  explicit OverallMetrics(const NnccProgram &program);

  // `inputs` and `outputs` are those of a call of EVALUATE.
  void add(std::span<const void *const> inputs, std::span<void *const> outputs, int32_t samples);

  std::vector<double> values() const;  // of those that are numbers, in the program's order
  struct Table {
    std::string name;
    ConfusionMatrix matrix;
  };
  std::vector<Table> tables() const;

  // What the metrics keep of so many samples.
  static int64_t bytes(const NnccProgram &program, int64_t samples);

 private:
  struct Judge {
    const NnccOverallMetric *description;
    std::unique_ptr<OverallMetric> metric;
  };
  const NnccProgram &program;
  const NnccEntry *entry;  // EVALUATE; null where there are no metrics
  std::vector<Judge> judges;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_METRICS_H
