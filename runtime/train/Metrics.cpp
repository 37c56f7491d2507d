#include "train/Metrics.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "data/Random.h"
#include "error.h"
#include "train/Block.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr const char *kTable = "confusion_matrix", *kPlot = "forecast_plot";

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

class Forecasts : public OverallMetric {
 public:
  void add(const JudgedSample &sample) override {
    kept.places = static_cast<int64_t>(sample.output.size());
    kept.first.forecast.push_back(sample.output.front());
    kept.first.truth.push_back(sample.target.front());
    kept.last.forecast.push_back(sample.output.back());
    kept.last.truth.push_back(sample.target.back());
  }
  const Forecast *forecast() const override { return &kept; }

 private:
  Forecast kept;
};

// What two boxes share over what they cover together. Boxes are x, y, width, height, of which
// predicted sizes may be below 0: then there is nothing in them.
double overlap(std::span<const double> a, std::span<const double> b) {
  double shared = 1, areas[2] = {1, 1};
  for (size_t side : {0, 1}) {
    double ownA = std::max(a[side + 2], 0.0), ownB = std::max(b[side + 2], 0.0);
    shared *= std::max(std::min(a[side] + ownA, b[side] + ownB) - std::max(a[side], b[side]), 0.0);
    areas[0] *= ownA;
    areas[1] *= ownB;
  }
  double covered = areas[0] + areas[1] - shared;
  return covered > 0 ? shared / covered : 0;
}

class IntersectionOverUnion : public OverallMetric {
 public:
  void add(const JudgedSample &sample) override {
    for (size_t at = 0; at + 4 <= sample.output.size(); at += 4) {
      undefined |= std::ranges::any_of(sample.output.subspan(at, 4), [](double value) { return std::isnan(value); });
      sum += overlap(sample.output.subspan(at, 4), sample.target.subspan(at, 4));
      ++count;
    }
  }
  double value() const override { return count && !undefined ? sum / static_cast<double>(count) : kUndefined; }

 private:
  double sum = 0;
  int64_t count = 0;
  bool undefined = false;
};

// Of an even number of errors the mean of the two in the middle.
class MedianRelativeError : public OverallMetric {
 public:
  void add(const JudgedSample &sample) override {
    for (size_t i = 0; i < sample.output.size(); ++i) {
      if (sample.target[i] == 0) continue;
      errors.push_back(std::abs(sample.output[i] - sample.target[i]) / std::abs(sample.target[i]));
      undefined |= std::isnan(errors.back());
    }
  }
  double value() const override {
    if (errors.empty() || undefined) return kUndefined;
    std::vector<double> sorted = errors;
    auto middle = sorted.begin() + static_cast<int64_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    if (sorted.size() % 2) return *middle;
    return (*std::max_element(sorted.begin(), middle) + *middle) / 2;
  }

 private:
  std::vector<double> errors;
  bool undefined = false;
};

// Yes where a distance is at most a limit. The share of right answers, and the limit that gives most
// of them: between two distances, or beyond all where saying always the same is best.
class Limited {
 public:
  void add(double distance, bool same) { answers.push_back({distance, same}); }

  double best(bool balanced = false) const {
    std::vector<Answer> sorted = answers;
    std::sort(sorted.begin(), sorted.end(), [](const Answer &a, const Answer &b) { return a.distance < b.distance; });
    double same = 0, other = 0;
    for (const Answer &answer : sorted) (answer.same ? same : other) += 1;
    double weightSame = balanced && same > 0 ? 1 / same : 1, weightOther = balanced && other > 0 ? 1 / other : 1;
    // Of no pair yet: all that are different are right.
    double right = other * weightOther, most = right;
    double limit = sorted.empty() ? 0 : std::nextafter(sorted.front().distance, -1.0);
    for (size_t i = 0; i < sorted.size(); ++i) {
      right += sorted[i].same ? weightSame : -weightOther;
      bool last = i + 1 == sorted.size();
      if (!last && sorted[i + 1].distance == sorted[i].distance) continue;
      if (right <= most) continue;
      most = right;
      limit = last ? sorted[i].distance : sorted[i].distance + (sorted[i + 1].distance - sorted[i].distance) / 2;
    }
    return limit;
  }

  double share(double limit) const {
    int64_t right = 0;
    for (const Answer &answer : answers) right += (answer.distance <= limit) == answer.same;
    return static_cast<double>(right) / static_cast<double>(answers.size());
  }

  bool empty() const { return answers.empty(); }
  bool undefined() const {
    return std::any_of(answers.begin(), answers.end(), [](const Answer &a) { return std::isnan(a.distance); });
  }

 private:
  struct Answer {
    double distance;
    bool same;
  };
  std::vector<Answer> answers;
};

double squaredDistance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// Are two samples of one class? By the model's distance, or by that of its two inputs as they are.
class PairAccuracy : public OverallMetric {
 public:
  explicit PairAccuracy(bool raw) : raw(raw) {}

  void add(const JudgedSample &sample) override {
    if (raw && (sample.inputs.size() != 2 || sample.inputs[0].size() != sample.inputs[1].size()))
      throw UserError("raw_pair_accuracy compares the model's two inputs, which have to be of one size; leave it out "
                      "of the metrics");
    double distance = raw ? std::sqrt(squaredDistance(sample.inputs[0], sample.inputs[1])) : sample.output[0];
    answers.add(distance, sample.target[0] > 0.5);
  }
  double value() const override {
    if (answers.empty() || answers.undefined()) return kUndefined;
    return answers.share(limit ? *limit : answers.best());
  }
  std::optional<double> distanceLimit() const override {
    if (answers.empty() || answers.undefined()) return {};
    return limit ? *limit : answers.best();
  }
  void setDistanceLimit(double distance) override { limit = distance; }

 private:
  bool raw;
  Limited answers;
  std::optional<double> limit;
};

// Episodes: `ways` classes, of each some samples to compare with and another to be named, which gets
// the class of the nearest one. Which they are depends on nothing but the samples' numbers.
class OneShotAccuracy : public OverallMetric {
 public:
  OneShotAccuracy(bool raw, const NnccComponent &options)
      : raw(raw),
        ways(static_cast<size_t>(numberOption(options, "ways", 5))),
        shots(static_cast<size_t>(numberOption(options, "shots", 1))),
        episodes(static_cast<int64_t>(numberOption(options, "episodes", 1000))) {}

  void add(const JudgedSample &sample) override {
    std::span<const double> vector = raw ? sample.inputs.at(0) : sample.output;
    classes[sample.label].push_back(count++);
    size = vector.size();
    vectors.insert(vectors.end(), vector.begin(), vector.end());
  }

  double value() const override { return run().accuracy; }
  std::optional<double> distanceLimit() const override {
    if (raw) return {};
    return run().limit;
  }

 private:
  struct Outcome {
    double accuracy = kUndefined, limit = 0;
  };

  Outcome run() const {
    std::vector<const std::vector<size_t> *> able;
    for (const auto &[label, samples] : classes)
      if (samples.size() > shots) able.push_back(&samples);
    bool defined = std::none_of(vectors.begin(), vectors.end(), [](double v) { return !std::isfinite(v); });
    if (able.size() < ways || !defined) return {};
    int64_t right = 0;
    // A sample's distance to its own class, which shall be known, and to the nearest of the others, as
    // if its own were not among them.
    Limited known;
    for (int64_t episode = 0; episode < episodes; ++episode) {
      data::Random random(kSeed, data::Purpose::Episodes, static_cast<uint64_t>(episode));
      uint64_t position = 0;
      std::vector<size_t> chosen = drawn(able.size(), ways, random, position);
      std::vector<std::vector<size_t>> examples;  // of each class, the one to be named last
      for (size_t c : chosen) {
        std::vector<size_t> samples = drawn(able[c]->size(), shots + 1, random, position);
        for (size_t &sample : samples) sample = (*able[c])[sample];
        examples.push_back(std::move(samples));
      }
      for (size_t own = 0; own < ways; ++own) {
        std::span<const double> query = at(examples[own][shots]);
        double toOwn = kFar, toOther = kFar;
        for (size_t other = 0; other < ways; ++other)
          for (size_t shot = 0; shot < shots; ++shot) {
            double &nearest = other == own ? toOwn : toOther;
            nearest = std::min(nearest, squaredDistance(query, at(examples[other][shot])));
          }
        right += toOwn < toOther;
        known.add(std::sqrt(toOwn), true);
        known.add(std::sqrt(toOther), false);
      }
    }
    return {static_cast<double>(right) / static_cast<double>(episodes * static_cast<int64_t>(ways)),
            known.best(/*balanced=*/true)};
  }

  // `count` different numbers below `from`, the first of a shuffle.
  static std::vector<size_t> drawn(size_t from, size_t count, const data::Random &random, uint64_t &position) {
    std::map<size_t, size_t> moved;  // of a list 0, 1, 2, ... what is not in its place
    auto numberAt = [&](size_t place) {
      auto found = moved.find(place);
      return found == moved.end() ? place : found->second;
    };
    std::vector<size_t> numbers;
    for (size_t i = 0; i < count; ++i) {
      size_t place = i + random.below(position++, from - i);
      numbers.push_back(numberAt(place));
      moved[place] = numberAt(i);
    }
    return numbers;
  }

  std::span<const double> at(size_t sample) const { return {vectors.data() + sample * size, size}; }

  static constexpr uint64_t kSeed = 1;
  static constexpr double kFar = std::numeric_limits<double>::infinity();
  bool raw;
  size_t ways, shots;
  int64_t episodes;
  std::map<int64_t, std::vector<size_t>> classes;  // numbers of their samples
  std::vector<double> vectors;
  size_t size = 0, count = 0;
};

// One sample of a column as doubles.
void readSample(const NnccTensor &tensor, const void *column, int64_t sample,
                std::vector<double> &values) {
  int64_t count = elements(tensor), first = sample * count;
  values.resize(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    values[i] = tensor.type == NNCC_F64   ? static_cast<const double *>(column)[first + i]
                : tensor.type == NNCC_U8  ? static_cast<const uint8_t *>(column)[first + i]
                : tensor.type == NNCC_I32 ? static_cast<const int32_t *>(column)[first + i]
                                          : static_cast<const float *>(column)[first + i];
}

bool looksAtInputs(const NnccOverallMetric &metric) {
  return std::string_view(metric.metric.kind).starts_with("raw_");
}

bool isOneShot(std::string_view kind) { return kind == "one_shot_accuracy" || kind == "raw_one_shot_accuracy"; }

}  // namespace

std::unique_ptr<OverallMetric> makeOverallMetric(const std::string &kind, int64_t outputs,
                                                 double threshold, const NnccComponent &options) {
  if (kind == "pair_accuracy" || kind == "raw_pair_accuracy")
    return std::make_unique<PairAccuracy>(kind == "raw_pair_accuracy");
  if (isOneShot(kind)) return std::make_unique<OneShotAccuracy>(kind == "raw_one_shot_accuracy", options);
  if (kind == "auc") return std::make_unique<AreaUnderCurve>(threshold);
  if (kind == kTable) return std::make_unique<Confusion>(outputs, threshold);
  if (kind == kPlot) return std::make_unique<Forecasts>();
  if (kind == "f1_score") return std::make_unique<DecisionMetric>(threshold, f1Score);
  if (kind == "iou") return std::make_unique<IntersectionOverUnion>();
  if (kind == "median_relative_error") return std::make_unique<MedianRelativeError>();
  if (kind == "precision") return std::make_unique<DecisionMetric>(threshold, precision);
  if (kind == "r2_score") return std::make_unique<R2Score>(outputs);
  if (kind == "recall") return std::make_unique<DecisionMetric>(threshold, recall);
  if (kind == "root_mean_squared_error") return std::make_unique<RootMeanSquaredError>();
  throw UserError("unknown metric '" + kind + "'; compile the model again with one nncc");
}

static bool isTable(const NnccOverallMetric &metric) { return std::strcmp(metric.metric.kind, kTable) == 0; }
static bool isPlot(const NnccOverallMetric &metric) { return std::strcmp(metric.metric.kind, kPlot) == 0; }

bool isNumber(const NnccOverallMetric &metric) { return !isTable(metric) && !isPlot(metric); }

bool wantsLimit(const NnccOverallMetric &metric) {
  return std::string_view(metric.metric.kind).ends_with("pair_accuracy");
}

void requireSuitable(const NnccOverallMetric &metric, std::span<const int32_t> labels, const std::string &source) {
  if (!isOneShot(metric.metric.kind)) return;
  auto ways = static_cast<size_t>(numberOption(metric.metric, "ways", 5));
  auto shots = static_cast<size_t>(numberOption(metric.metric, "shots", 1));
  std::map<int32_t, size_t> counts;
  for (int32_t label : labels) ++counts[label];
  size_t able = 0;
  for (const auto &[label, count] : counts) able += count > shots;
  if (able < ways)
    throw UserError("metric '" + std::string(metric.name) + "' wants " + std::to_string(ways) + " classes of at least " +
                    std::to_string(shots + 1) + " samples, but data set '" + source + "' has " + std::to_string(able) +
                    "; choose fewer ways or shots");
}

OverallMetrics::OverallMetrics(const NnccProgram &program)
    : program(program), entry(findEntry(program, NNCC_EVALUATE)) {
  for (const NnccOverallMetric &metric : overallMetrics(program)) {
    const NnccJudged &output = judged(program)[metric.judged];
    judges.push_back({&metric, makeOverallMetric(metric.metric.kind, elements(output.output),
                                                 thresholdOf(output.loss), metric.metric)});
  }
}

void OverallMetrics::add(std::span<const void *const> inputs, std::span<void *const> outputs,
                         int32_t samples) {
  std::vector<double> output, target;
  std::vector<std::vector<double>> shown;  // the model's inputs
  for (Judge &judge : judges) {
    int32_t scores = judge.description->scores, number = judged(program)[judge.description->judged].target;
    const NnccTensor &targetTensor = entry->inputs[number];
    const int32_t present = presentOf(*entry, scores);
    for (int32_t i = 0; i < samples; ++i) {
      if (present >= 0 && !isPresent(entry->inputs[present], inputs[present], i)) continue;
      JudgedSample sample;
      readSample(entry->outputs[scores], outputs[scores], i, output);
      sample.output = output;
      if (targetTensor.type == NNCC_I32) {
        sample.label = static_cast<const int32_t *>(inputs[number])[i];
      } else {
        readSample(targetTensor, inputs[number], i, target);
        sample.target = target;
      }
      if (looksAtInputs(*judge.description)) {
        const NnccEntry &predict = requireEntry(program, NNCC_PREDICT, "evaluate");
        shown.resize(static_cast<size_t>(predict.num_inputs));
        sample.inputs.clear();
        for (int32_t input = 0; input < predict.num_inputs; ++input) {
          readSample(entry->inputs[input], inputs[input], i, shown[input]);
          sample.inputs.push_back(shown[input]);
        }
      }
      judge.metric->add(sample);
    }
  }
}

std::vector<double> OverallMetrics::values() const {
  std::vector<double> values;
  for (const Judge &judge : judges)
    if (isNumber(*judge.description)) values.push_back(judge.metric->value());
  return values;
}

std::vector<OverallMetrics::Table> OverallMetrics::tables() const {
  std::vector<Table> tables;
  for (const Judge &judge : judges)
    if (const ConfusionMatrix *matrix = judge.metric->table())
      tables.push_back({judge.description->name, *matrix});
  return tables;
}

std::vector<OverallMetrics::NamedForecast> OverallMetrics::forecasts() const {
  std::vector<NamedForecast> forecasts;
  for (const Judge &judge : judges)
    if (const Forecast *forecast = judge.metric->forecast())
      forecasts.push_back({judge.description->name, *forecast});
  return forecasts;
}

std::vector<OverallMetrics::Limit> OverallMetrics::limits() const {
  std::vector<Limit> limits;
  for (const Judge &judge : judges)
    if (std::optional<double> distance = judge.metric->distanceLimit())
      limits.push_back({judge.description->name, *distance});
  return limits;
}

void OverallMetrics::setLimits(const std::vector<Limit> &limits) {
  for (Judge &judge : judges)
    for (const Limit &limit : limits)
      if (wantsLimit(*judge.description) && limit.name == judge.description->name)
        judge.metric->setDistanceLimit(limit.distance);
}

int64_t OverallMetrics::bytes(const NnccProgram &program, int64_t samples) {
  int64_t sum = 0;
  for (const NnccOverallMetric &metric : overallMetrics(program)) {
    int64_t values = elements(judged(program)[metric.judged].output);
    // Scores, or errors, in vectors that have grown by doubling, and a sorted copy.
    std::string_view kind = metric.metric.kind;
    if (kind == "auc" || kind == "median_relative_error")
      sum += 3 * samples * values * static_cast<int64_t>(sizeof(double));
    // Distances with their answers, or vectors, in vectors that have grown by doubling.
    if (wantsLimit(metric)) sum += 3 * samples * 2 * static_cast<int64_t>(sizeof(double));
    if (isOneShot(metric.metric.kind)) {
      int64_t width = looksAtInputs(metric) ? elements(requireEntry(program, NNCC_PREDICT, "evaluate").inputs[0]) : values;
      sum += 2 * samples * width * static_cast<int64_t>(sizeof(double));
    }
    // Four curves, in vectors that have grown by doubling, and what is given of them.
    if (isPlot(metric)) sum += 3 * samples * 4 * static_cast<int64_t>(sizeof(double));
    int64_t classes = std::max<int64_t>(values, 2);
    if (isTable(metric)) sum += classes * classes * static_cast<int64_t>(sizeof(int64_t));
  }
  return sum;
}

}  // namespace nncc::train
