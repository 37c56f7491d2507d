// What is drawn of the metric forecast_plot.
#ifndef NNCC_TRAIN_FORECASTPLOTS_H
#define NNCC_TRAIN_FORECASTPLOTS_H

#include <filesystem>
#include <vector>

#include "data/Dataset.h"
#include "report/Plot.h"
#include "report/Progress.h"
#include "train/Metrics.h"

namespace nncc::train {

// Forecast and truth over the samples, in these units: a panel for the first place of the output, and one for
// the last where there are several. A value k places ahead stands where it came, k - 1 samples to the right.
report::Plot forecastPlot(const Forecast &forecast, const data::Dataset::Units &units);

// Writes each to FOLDER/NAME.svg and says so.
void reportForecasts(report::Progress &progress, const std::vector<OverallMetrics::NamedForecast> &forecasts,
                     const data::Dataset::Units &units, const std::filesystem::path &folder);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_FORECASTPLOTS_H
