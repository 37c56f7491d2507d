#include "train/ForecastPlots.h"

#include "report/AtomicFile.h"

namespace nncc::train {

namespace {

report::Curve curveOf(const char *name, const std::vector<double> &values, int64_t ahead,
                      const data::Dataset::Units &units) {
  report::Curve curve{name, {}};
  for (size_t i = 0; i < values.size(); ++i) {
    double x = static_cast<double>(i) + static_cast<double>(ahead);
    curve.points.push_back({x, values[i] * units.scale + units.offset});
  }
  return curve;
}

report::Panel panelOf(const Forecast::Curve &curve, int64_t ahead, const data::Dataset::Units &units) {
  return {std::to_string(ahead) + " ahead",
          {curveOf("truth", curve.truth, ahead, units), curveOf("forecast", curve.forecast, ahead, units)}};
}

}  // namespace

report::Plot forecastPlot(const Forecast &forecast, const data::Dataset::Units &units) {
  report::Plot plot{units.name, "sample", {panelOf(forecast.first, 1, units)}};
  if (forecast.places > 1) plot.panels.push_back(panelOf(forecast.last, forecast.places, units));
  return plot;
}

void reportForecasts(report::Progress &progress, const std::vector<OverallMetrics::NamedForecast> &forecasts,
                     const data::Dataset::Units &units, const std::filesystem::path &folder) {
  for (const OverallMetrics::NamedForecast &each : forecasts) {
    report::makeFolder(folder);
    std::filesystem::path path = folder / (each.name + ".svg");
    report::writeSvg(path, forecastPlot(each.forecast, units));
    progress.line("Forecast: " + path.string());
  }
}

}  // namespace nncc::train
