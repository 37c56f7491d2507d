#include "train/Metrics.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "error.h"
#include "train/Block.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr const char *kTable = "confusion_matrix";

// Calls `see(score, positive)` for each decision between two classes in a sample: one a value,
// or one where the output has two classes of which the target names one.
template <typename See>
void eachDecision(const JudgedSample &sample, double threshold, See see) {
  if (sample.label >= 0) {
    // Of scores the difference decides, of probabilities the second one.
    double score = threshold == 0 ? sample.output[1] - sample.output[0] : sample.output[1];
    see(score, sample.label == 1);
    return;
  }
  for (size_t i = 0; i < sample.output.size(); ++i) see(sample.output[i], sample.target[i] > 0.5);
}

// Right and wrong answers of two classes, and a figure made of them.
struct Decisions {
  int64_t truePositives = 0, falsePositives = 0, falseNegatives = 0;
};

class DecisionMetric : public OverallMetric {
 public:
  using Figure = double (*)(const Decisions &);
  DecisionMetric(double threshold, Figure figure) : threshold(threshold), figure(figure) {}

  void add(const JudgedSample &sample) override {
    eachDecision(sample, threshold, [&](double score, bool positive) {
      bool predicted = score > threshold;
      counts.truePositives += predicted && positive;
      counts.falsePositives += predicted && !positive;
      counts.falseNegatives += !predicted && positive;
    });
  }
  double value() const override { return figure(counts); }

 private:
  double threshold;
  Figure figure;
  Decisions counts;
};

// 0 of 0 is 0, as in Keras.
double share(double part, double whole) { return whole == 0 ? 0 : part / whole; }

double precision(const Decisions &d) {
  return share(static_cast<double>(d.truePositives),
               static_cast<double>(d.truePositives + d.falsePositives));
}

double recall(const Decisions &d) {
  return share(static_cast<double>(d.truePositives),
               static_cast<double>(d.truePositives + d.falseNegatives));
}

double f1Score(const Decisions &d) {
  return share(2 * static_cast<double>(d.truePositives),
               static_cast<double>(2 * d.truePositives + d.falsePositives + d.falseNegatives));
}

// The share of pairs of a positive and a negative sample in which the positive has the higher
// score, equal ones counting half: the area under the ROC curve by the trapezoid rule.
class AreaUnderCurve : public OverallMetric {
 public:
  explicit AreaUnderCurve(double threshold) : threshold(threshold) {}

  void add(const JudgedSample &sample) override {
    eachDecision(sample, threshold, [&](double score, bool positive) {
      undefined |= std::isnan(score);
      (positive ? positives : negatives).push_back(score);
    });
  }

  double value() const override {
    if (undefined || positives.empty() || negatives.empty()) return kUndefined;
    std::vector<double> above = positives, below = negatives;
    std::sort(above.begin(), above.end());
    std::sort(below.begin(), below.end());
    // Half pairs, as whole numbers: no rounding whatever their order.
    uint64_t halves = 0;
    size_t less = 0, notMore = 0;  // negatives below, and not above, the positive
    for (double score : above) {
      while (less < below.size() && below[less] < score) ++less;
      notMore = std::max(notMore, less);
      while (notMore < below.size() && below[notMore] == score) ++notMore;
      halves += less + notMore;
    }
    return static_cast<double>(halves) / 2 / static_cast<double>(above.size()) /
           static_cast<double>(below.size());
  }

 private:
  double threshold;
  bool undefined = false;
  std::vector<double> positives, negatives;
};

class RootMeanSquaredError : public OverallMetric {
 public:
  void add(const JudgedSample &sample) override {
    for (size_t i = 0; i < sample.output.size(); ++i) {
      double difference = sample.output[i] - sample.target[i];
      sum += difference * difference;
    }
    count += static_cast<int64_t>(sample.output.size());
  }
  double value() const override {
    return count ? std::sqrt(sum / static_cast<double>(count)) : kUndefined;
  }

 private:
  double sum = 0;
  int64_t count = 0;
};

// Of each value of the output, then the mean. The variance by Welford's updates: sums of squares
// would lose the digits that matter where targets are far from 0.
class R2Score : public OverallMetric {
 public:
  explicit R2Score(int64_t outputs) : columns(static_cast<size_t>(outputs)) {}

  void add(const JudgedSample &sample) override {
    ++count;
    for (size_t i = 0; i < columns.size(); ++i) {
      Column &column = columns[i];
      double target = sample.target[i], error = sample.output[i] - target;
      double before = target - column.mean;
      column.mean += before / static_cast<double>(count);
      column.deviations += before * (target - column.mean);
      column.errors += error * error;
    }
  }
  double value() const override {
    double sum = 0;
    for (const Column &column : columns)
      sum += column.deviations > 0 ? 1 - column.errors / column.deviations : kUndefined;
    return sum / static_cast<double>(columns.size());
  }

 private:
  struct Column {
    double mean = 0, deviations = 0, errors = 0;  // sums of squares
  };
  std::vector<Column> columns;
  int64_t count = 0;
};

class Confusion : public OverallMetric {
 public:
  Confusion(int64_t outputs, double threshold) : outputs(outputs), threshold(threshold) {
    matrix.classes = outputs == 1 ? 2 : outputs;
    matrix.counts.assign(static_cast<size_t>(matrix.classes * matrix.classes), 0);
  }

  void add(const JudgedSample &sample) override {
    int64_t actual = sample.label, predicted = largest(sample.output);
    if (outputs == 1) {
      actual = sample.target[0] > 0.5;
      predicted = sample.output[0] > threshold;
    } else if (actual < 0) {
      actual = largest(sample.target);
    }
    ++matrix.counts[static_cast<size_t>(actual * matrix.classes + predicted)];
  }
  const ConfusionMatrix *table() const override { return &matrix; }

 private:
  static int64_t largest(std::span<const double> values) {
    return std::max_element(values.begin(), values.end()) - values.begin();
  }

  int64_t outputs;
  double threshold;
  ConfusionMatrix matrix;
};

// One sample of a column as doubles.
void readSample(const NnccTensor &tensor, const void *column, int64_t sample,
                std::vector<double> &values) {
  int64_t count = elements(tensor), first = sample * count;
  values.resize(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    values[i] = tensor.type == NNCC_F64 ? static_cast<const double *>(column)[first + i]
                                        : static_cast<const float *>(column)[first + i];
}

}  // namespace

std::unique_ptr<OverallMetric> makeOverallMetric(const std::string &kind, int64_t outputs,
                                                 double threshold) {
  if (kind == "auc") return std::make_unique<AreaUnderCurve>(threshold);
  if (kind == kTable) return std::make_unique<Confusion>(outputs, threshold);
  if (kind == "f1_score") return std::make_unique<DecisionMetric>(threshold, f1Score);
  if (kind == "precision") return std::make_unique<DecisionMetric>(threshold, precision);
  if (kind == "r2_score") return std::make_unique<R2Score>(outputs);
  if (kind == "recall") return std::make_unique<DecisionMetric>(threshold, recall);
  if (kind == "root_mean_squared_error") return std::make_unique<RootMeanSquaredError>();
  throw UserError("unknown metric '" + kind + "'; compile the model again with one nncc");
}

bool isTable(const NnccOverallMetric &metric) { return std::strcmp(metric.metric.kind, kTable) == 0; }

OverallMetrics::OverallMetrics(const NnccProgram &program)
    : program(program), entry(findEntry(program, NNCC_EVALUATE)) {
  for (const NnccOverallMetric &metric : overallMetrics(program)) {
    const NnccJudged &output = judged(program)[metric.judged];
    judges.push_back({&metric, makeOverallMetric(metric.metric.kind, elements(output.output),
                                                 thresholdOf(output.loss))});
  }
}

void OverallMetrics::add(std::span<const void *const> inputs, std::span<void *const> outputs,
                         int32_t samples) {
  std::vector<double> output, target;
  for (Judge &judge : judges) {
    int32_t scores = judge.description->scores, number = judged(program)[judge.description->judged].target;
    const NnccTensor &targetTensor = entry->inputs[number];
    for (int32_t i = 0; i < samples; ++i) {
      JudgedSample sample;
      readSample(entry->outputs[scores], outputs[scores], i, output);
      sample.output = output;
      if (targetTensor.type == NNCC_I32) {
        sample.label = static_cast<const int32_t *>(inputs[number])[i];
      } else {
        readSample(targetTensor, inputs[number], i, target);
        sample.target = target;
      }
      judge.metric->add(sample);
    }
  }
}

std::vector<double> OverallMetrics::values() const {
  std::vector<double> values;
  for (const Judge &judge : judges)
    if (!judge.metric->table()) values.push_back(judge.metric->value());
  return values;
}

std::vector<OverallMetrics::Table> OverallMetrics::tables() const {
  std::vector<Table> tables;
  for (const Judge &judge : judges)
    if (const ConfusionMatrix *matrix = judge.metric->table())
      tables.push_back({judge.description->name, *matrix});
  return tables;
}

int64_t OverallMetrics::bytes(const NnccProgram &program, int64_t samples) {
  int64_t sum = 0;
  for (const NnccOverallMetric &metric : overallMetrics(program)) {
    int64_t values = elements(judged(program)[metric.judged].output);
    // Scores in vectors that have grown by doubling, and a sorted copy.
    if (std::strcmp(metric.metric.kind, "auc") == 0)
      sum += 3 * samples * values * static_cast<int64_t>(sizeof(double));
    int64_t classes = std::max<int64_t>(values, 2);
    if (isTable(metric)) sum += classes * classes * static_cast<int64_t>(sizeof(int64_t));
  }
  return sum;
}

}  // namespace nncc::train
