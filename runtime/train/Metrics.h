// Metrics that are no mean over samples, computed from all outputs and targets in the order of
// the samples and in double: the same bits however they come in batches.
#ifndef NNCC_TRAIN_METRICS_H
#define NNCC_TRAIN_METRICS_H

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi.h"

namespace nncc::train {

// One sample: its output's values and its target, which is as many values or a class number.
struct JudgedSample {
  std::span<const double> output, target;
  int64_t label = -1;  // of a target that is the number of a class
  std::vector<std::span<const double>> inputs = {};  // of the model, for metrics that look at them
};

// Samples by class (rows) and predicted class (columns).
struct ConfusionMatrix {
  int64_t classes = 0;
  std::vector<int64_t> counts;  // row by row

  int64_t at(int64_t actual, int64_t predicted) const {
    return counts[static_cast<size_t>(actual * classes + predicted)];
  }
};

// Numbers of an output and of its target, sample after sample: those of the first place, and of the last.
struct Forecast {
  int64_t places = 0;
  struct Curve {
    std::vector<double> forecast, truth;
  } first, last;
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
  // Of one that is a picture.
  virtual const Forecast *forecast() const { return nullptr; }
  // Of a metric that decides by a distance: the largest distance at which it says yes, which it chose
  // for the samples that it saw unless one is given. Of others nothing.
  virtual std::optional<double> distanceLimit() const { return {}; }
  virtual void setDistanceLimit(double) {}
};

// `kind` is the YAML's word, `options` what stands behind it; `outputs` the size of an output,
// `threshold` where it decides between two classes. Throws UserError for a metric that this runtime does
// not know.
std::unique_ptr<OverallMetric> makeOverallMetric(const std::string &kind, int64_t outputs,
                                                 double threshold, const NnccComponent &options = {});

// Does the metric decide by a limit that has to be found on other samples than those it judges?
bool wantsLimit(const NnccOverallMetric &metric);

// Throws UserError where a metric can't be computed of samples with these class numbers.
void requireSuitable(const NnccOverallMetric &metric, std::span<const int32_t> labels, const std::string &source);

// Or is it a table or a picture?
bool isNumber(const NnccOverallMetric &metric);

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
  struct NamedForecast {
    std::string name;
    Forecast forecast;
  };
  std::vector<NamedForecast> forecasts() const;

  // The limits of metrics that decide by a distance, by their names.
  struct Limit {
    std::string name;
    double distance;
  };
  std::vector<Limit> limits() const;
  // For metrics that take one: those that were found on other samples.
  void setLimits(const std::vector<Limit> &limits);

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
