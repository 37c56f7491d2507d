// Loss and metrics over a whole data set.
#ifndef NNCC_TRAIN_EVALUATION_H
#define NNCC_TRAIN_EVALUATION_H

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/Batches.h"
#include "report/Progress.h"
#include "train/DataParts.h"
#include "train/Metrics.h"
#include "train/Model.h"

namespace nncc::train {

class Evaluation {
 public:
  // Model and data set must outlive it. The program must have an EVALUATE entry.
  Evaluation(Model &model, const data::Dataset &dataset);

  // Losses and metrics over all samples, as evaluationNames() names them. Nothing if `interrupted` (asked after each batch)
  // said so. `label` and `quiet` are the progress task's.
  std::optional<std::vector<double>> run(report::Progress &progress, const std::string &label,
                                         bool quiet,
                                         const std::function<bool()> &interrupted = {});

  // The metrics of the last run that are no numbers.
  const std::vector<OverallMetrics::Table> &tables() const { return lastTables; }

  const std::vector<OverallMetrics::NamedForecast> &forecasts() const { return lastForecasts; }

  // Distances at which metrics decide: those to take, and those of the last run.
  void setLimits(std::vector<OverallMetrics::Limit> limits) { givenLimits = std::move(limits); }
  const std::vector<OverallMetrics::Limit> &limits() const { return lastLimits; }

  // Memory of one over so many samples, beside model and data set.
  static int64_t bytes(const NnccProgram &program, int64_t samples);

 private:
  Model &model;
  const data::Dataset &dataset;
  const NnccEntry &entry;
  Outputs outputs;
  std::vector<OverallMetrics::Table> lastTables;
  std::vector<OverallMetrics::NamedForecast> lastForecasts;
  std::vector<OverallMetrics::Limit> givenLimits, lastLimits;
};

// For metrics that decide by a limit that is not to be found on the samples they judge, those of `part`:
// the limits found on the validation samples or, where these are judged or there are none, on the
// training's. Says so, and how large they are. Nothing where no metric wants it.
std::vector<OverallMetrics::Limit> limitsFor(Model &model, DataParts &parts, DataParts::Part part,
                                             report::Progress &progress);

// Throws UserError where the samples of a data set can't be judged by the metrics over all of them.
void requireSuitable(const NnccProgram &program, const NnccEntry &entry, const data::Dataset &dataset);

// What a score is called in a sentence and how it is written: {"Accuracy", "70.12%"} for an
// accuracy, {"Mean absolute error", "0.1234"} for others.
struct Score {
  std::string name, value;
};
Score scoreOf(const std::string &valueName, double value);

// The lines that tell a user how good a model is: "Accuracy on unseen test images: 70.12%",
// for each metric, or the loss where there are none.
std::vector<std::string> scoreLines(const std::vector<std::string> &names,
                                    const std::vector<double> &means, const std::string &where);

// Errors of targets that a reader scaled, in the units that the file has: "Root mean squared error in
// units of 'Sunspots' on unseen test samples: 23.4568". None where nothing is scaled.
std::vector<std::string> unitLines(const NnccProgram &program, const std::vector<std::string> &names,
                                   const std::vector<double> &means, const std::string &where,
                                   const data::Dataset::Units &units);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_EVALUATION_H
