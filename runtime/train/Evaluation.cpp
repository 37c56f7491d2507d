#include "train/Evaluation.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

#include "report/Text.h"
#include "train/DataParts.h"
#include "train/Penalty.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

// An evaluation is one epoch in the reader's order.
data::BatchOptions optionsFor(const NnccEntry &entry) {
  data::BatchOptions options;
  options.batchSize = entry.batch;
  return options;
}

}  // namespace

Evaluation::Evaluation(Model &model, const data::Dataset &dataset)
    : model(model),
      dataset(dataset),
      entry(requireEntry(model.program(), NNCC_EVALUATE, "evaluate")),
      outputs(entry, entry.batch) {}

std::optional<std::vector<double>> Evaluation::run(report::Progress &progress,
                                                   const std::string &label, bool quiet,
                                                   const std::function<bool()> &interrupted) {
  data::Batches batches(dataset, optionsFor(entry));
  Sums sums(model.program(), entry);
  double regularization = penalty(model.program(), model.evaluated());
  OverallMetrics overall(model.program());
  overall.setLimits(givenLimits);
  progress.beginTask(label, sampleWord(entry), dataset.size(), quiet);
  for (bool last = false; !last;) {
    const data::Batch &batch = batches.next();
    model.run(entry, batch.samples, batch.inputs, outputs.pointers());
    sums.add(batch.inputs, outputs, batch.samples);
    sums.addToLoss(regularization, batch.samples);
    overall.add(batch.inputs, outputs.pointers(), batch.samples);
    progress.task(sums.samples());
    last = batch.lastOfEpoch;
    if (!last && interrupted && interrupted()) {
      progress.erase();
      return std::nullopt;
    }
  }
  progress.endTask();
  std::vector<double> values = sums.means();
  for (double value : overall.values()) values.push_back(value);
  lastTables = overall.tables();
  lastForecasts = overall.forecasts();
  lastLimits = overall.limits();
  return values;
}

std::vector<OverallMetrics::Limit> limitsFor(Model &model, DataParts &parts, DataParts::Part part,
                                             report::Progress &progress) {
  std::vector<OverallMetrics::Limit> limits;
  std::span<const NnccOverallMetric> metrics = overallMetrics(model.program());
  if (std::ranges::none_of(metrics, wantsLimit)) return limits;
  bool validation = part != DataParts::Validation && parts.has(DataParts::Validation);
  DataParts::Part source = validation ? DataParts::Validation : DataParts::Train;
  if (!parts.has(source)) return limits;
  parts.open(source, model.threads(), progress);
  Evaluation evaluation(model, parts[source]);
  if (!evaluation.run(progress, "Choosing distances", false)) return limits;
  for (const OverallMetrics::Limit &limit : evaluation.limits())
    for (const NnccOverallMetric &metric : metrics)
      if (wantsLimit(metric) && limit.name == metric.name) {
        limits.push_back(limit);
        progress.line("Largest distance of a pair of one class, for " + limit.name + ": " +
                      report::fixed(limit.distance, 4) + ", found on " + (validation ? "validation " : "training ") +
                      "samples");
      }
  return limits;
}

void requireSuitable(const NnccProgram &program, const NnccEntry &entry, const data::Dataset &dataset) {
  for (const NnccOverallMetric &metric : overallMetrics(program)) {
    int32_t column = judged(program)[metric.judged].target;
    if (entry.inputs[column].type != NNCC_I32) continue;
    std::vector<int32_t> labels(static_cast<size_t>(dataset.size()));
    for (int64_t i = 0; i < dataset.size(); ++i) std::memcpy(&labels[i], dataset.sample(column, i), sizeof(int32_t));
    requireSuitable(metric, labels, dataset.source());
  }
}

int64_t Evaluation::bytes(const NnccProgram &program, int64_t samples) {
  const NnccEntry &entry = requireEntry(program, NNCC_EVALUATE, "evaluate");
  int64_t outputBytes = 0;
  for (const NnccTensor &output : train::outputs(entry)) outputBytes += train::bytes(output) * entry.batch;
  return data::Batches::bytes(inputs(entry), samples, entry.batch, false) + outputBytes +
         OverallMetrics::bytes(program, samples);
}

Score scoreOf(const std::string &valueName, double value) {
  std::string name = valueName;
  std::replace(name.begin(), name.end(), '_', ' ');
  bool share = name.ends_with("accuracy") || name.ends_with("relative error");
  if (!name.empty()) name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return {name, share ? report::percent(value) : report::fixed(value, 4)};
}

std::vector<std::string> scoreLines(const std::vector<std::string> &names,
                                    const std::vector<double> &means, const std::string &where) {
  std::vector<std::string> lines;
  for (size_t i = names.size() > 1 ? 1 : 0; i < names.size(); ++i) {
    Score score = scoreOf(names[i], means[i]);
    lines.push_back(score.name + " on " + where + ": " + score.value);
  }
  return lines;
}

std::vector<std::string> unitLines(const NnccProgram &program, const std::vector<std::string> &names,
                                   const std::vector<double> &means, const std::string &where,
                                   const data::Dataset::Units &units) {
  std::vector<std::string> lines;
  if (units.name.empty()) return lines;
  auto add = [&](const std::string &name, double value) {
    lines.push_back(name + " in units of '" + units.name + "' on " + where + ": " +
                    report::fixed(value * units.scale, 4));
  };
  auto addError = [&](std::string_view name, double value) {
    if (name.ends_with("root_mean_squared_error")) add("Root mean squared error", value);
    else if (name.ends_with("mean_squared_error")) add("Root mean squared error", std::sqrt(value));
    else if (name.ends_with("mean_absolute_error")) add("Mean absolute error", value);
  };
  for (size_t i = 1; i < names.size(); ++i) addError(names[i], means[i]);
  // The loss is such an error too, if there is only one.
  if (lines.empty() && judged(program).size() == 1) addError(judged(program)[0].loss.kind, means[0]);
  return lines;
}

}  // namespace nncc::train
