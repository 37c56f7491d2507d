// series: windows of a series, one row of a CSV file a step, and what comes behind them.
//
//   path: a file, gzip or not, relative to the data folder
//   columns: [Sunspots]      by name, or by number from 0: what a step of the input has
//   target: Sunspots         the column that is forecast; by default the first of `columns`
//   scale: standardize       minus the mean, divided by the standard deviation, both of the training
//                            part's rows; none: as in the file
//   strip: "?"               characters that are taken away from both ends of cells
//   header: true             the first row holds the columns' names
//   separator: ","
//
// A sample is as many rows as the input has steps, and the target's column in as many rows behind
// them as the target has elements. There is one for each row that a window may begin with.
//
// `last: 0.2` as a split takes the last fifth of the rows, that of the validation the rows before
// those of the test. A window belongs to the part whose rows hold all of its targets; it may look back
// into the part before, which is known by then. One whose targets are in two parts is left out, so
// that no part learns what another is measured by.
//
// Means and deviations travel with the weights (Dataset::preprocessing), and the trainer can tell an
// error in the file's units by them (Dataset::targetUnits).
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "data/CsvColumns.h"
#include "data/CsvFile.h"
#include "data/Labels.h"
#include "data/ReaderTable.h"
#include "data/Sequences.h"
#include "error.h"

namespace nncc::data {

namespace {

using Json = nlohmann::ordered_json;

// Value * deviation + mean is what the file says.
struct Scale {
  double mean = 0, deviation = 1;
};

// What the training part tells.
struct Fitted {
  std::vector<Scale> columns;
  Scale target;
  std::string targetName;
  bool scaled = false;

  Dataset::Units units() const {
    if (!scaled) return {};
    return {target.deviation, target.mean, targetName};
  }

  std::string text(const std::vector<std::string> &names) const {
    Json json = {{"reader", "series"}, {"scaled", scaled}, {"columns", Json::array()}};
    for (size_t i = 0; i < columns.size(); ++i)
      json["columns"].push_back(
          {{"column", names[i]}, {"mean", columns[i].mean}, {"deviation", columns[i].deviation}});
    json["target"] = {{"column", targetName}, {"mean", target.mean}, {"deviation", target.deviation}};
    try {
      return json.dump();
    } catch (const Json::exception &) {
      throw UserError("series: the names of columns are not all UTF-8; save the CSV file as UTF-8");
    }
  }

  // `columns`: how many there should be; 0: any number.
  static Fitted parse(const std::string &text, size_t columns) {
    try {
      Json json = Json::parse(text);
      if (json.at("reader") != "series" || (columns && json.at("columns").size() != columns)) throw UserError("");
      Fitted fitted;
      fitted.scaled = json.at("scaled");
      auto scale = [](const Json &entry) { return Scale{entry.at("mean"), entry.at("deviation")}; };
      for (const Json &entry : json.at("columns")) fitted.columns.push_back(scale(entry));
      fitted.target = scale(json.at("target"));
      fitted.targetName = json.at("target").at("column");
      return fitted;
    } catch (const std::exception &) {
      throw UserError("the weights' metadata 'preprocessing' doesn't tell how a series of " +
                      std::to_string(columns) + (columns == 1 ? " column" : " columns") +
                      " is scaled; were they made by another model?");
    }
  }
};


// The file's rows, read as a whole.
class SeriesFile {
 public:
  // `needsTarget`: a file to predict from needs no column of the target.
  SeriesFile(const ReaderInput &input, const std::filesystem::path &path, bool needsTarget)
      : file(path, input.separator()), strip(input.option("strip")) {
    hasHeader = input.option("header") != "false";
    columns = input.items("columns");
    if (columns.empty()) throw UserError("series: the option `columns` is missing in the model's `data` section");
    target = input.option("target").empty() ? columns[0] : input.option("target");
    if (!file.next())
      throw UserError(file.name() + ": the file is empty; expected " + (hasHeader ? "a header and rows" : "rows"));
    width = file.size();
    for (size_t i = 0; i < width; ++i) names.emplace_back(hasHeader ? file.cell(i) : std::string_view());
    std::vector<size_t> places;
    for (const std::string &name : columns) places.push_back(require(name, "columns"));
    if (needsTarget) places.push_back(require(target, "target"));
    if (!hasHeader) addRow(places);
    while (file.next()) addRow(places);
    stride = places.size();
    if (rows() == 0) throw UserError(file.name() + ": there are no rows behind the header");
  }

  int64_t rows() const { return static_cast<int64_t>(lines.size()); }
  double value(int64_t row, size_t column) const { return values[row * stride + column]; }
  double targetValue(int64_t row) const { return value(row, columns.size()); }

  CsvFile file;
  std::vector<std::string> columns;
  std::string target;
  std::vector<uint32_t> lines;

 private:
  size_t require(const std::string &name, const char *option) const {
    auto found = std::ranges::find(names, name);
    if (hasHeader && found != names.end()) return found - names.begin();
    double number = 0;
    if (parseNumber(name, number) && number >= 0 && number < static_cast<double>(width) &&
        number == std::floor(number))
      return static_cast<size_t>(number);
    std::string known;
    for (const std::string &each : names) known += (known.empty() ? "" : ", ") + each;
    throw UserError(file.name() + ": no column " + inQuotes(name) + ", which `" + option + "` names; there are " +
                    (hasHeader ? known : "the numbers 0 to " + std::to_string(width - 1)));
  }

  void addRow(const std::vector<size_t> &places) {
    if (file.size() != width)
      throw UserError(file.place() + ": the row has " + std::to_string(file.size()) +
                      (file.size() == 1 ? " cell" : " cells") + ", expected " + std::to_string(width) +
                      " as in the first row; is the separator right?");
    for (size_t place : places) {
      std::string_view cell = file.cell(place);
      while (!cell.empty() && strip.find(cell.front()) != strip.npos) cell.remove_prefix(1);
      while (!cell.empty() && strip.find(cell.back()) != strip.npos) cell.remove_suffix(1);
      double value = 0;
      if (!parseNumber(cell, value) || std::abs(value) > std::numeric_limits<float>::max())
        refuse(place);
      values.push_back(value);
    }
    lines.push_back(static_cast<uint32_t>(file.line()));
  }

  [[noreturn]] void refuse(size_t place) const {
    std::string_view cell = file.cell(place);
    std::string text = file.place() + ": column " + (hasHeader ? inQuotes(names[place]) : std::to_string(place)) + ": ";
    if (cell.empty())
      throw UserError(text + "the cell is empty, but a series has no gaps; fill it in, or remove the rows before it");
    std::string stray;
    for (char c : cell)
      if (!(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '+' && stray.find(c) == stray.npos) stray += c;
    throw UserError(text + inQuotes(cell) + " is no finite number; mend the cell" +
                    (stray.size() == 1 && cell.size() > 1 ? ", or take such characters away by `strip: \"" + stray + "\"`"
                                                          : ""));
  }

  std::string strip;
  bool hasHeader = true;
  size_t width = 0, stride = 0;
  std::vector<std::string> names;
  std::vector<double> values;  // row after row: the columns, then the target
};

// How many rows a sample looks at, and how many it tells of.
struct Window {
  int64_t steps, ahead;

  explicit Window(std::span<const NnccTensor> columns) : steps(1), ahead(0) {
    ColumnRoles roles = rolesOf("series", columns);
    if (columns[0].rank > 0) steps = columns[0].shape[0];
    if (roles.target < 0) return;
    const NnccTensor &target = columns[roles.target];
    if (target.type != NNCC_F32 && target.type != NNCC_F64)
      throw UserError("series gives numbers as targets, but the model's target '" + std::string(target.name) +
                      "' is " + typeName(target.type) + "; expected a loss of numbers, such as mean_squared_error");
    ahead = sampleBytes(target) / elementBytes(target.type);
  }
};

// The part that each window belongs to; -1: none.
class TimeParts {
 public:
  TimeParts(std::span<const Split> splits, int64_t rows, const std::string &source) : ends(splits.size() + 1) {
    int64_t end = rows;
    for (size_t i = splits.size(); i-- > 0;) {
      if (splits[i].last <= 0)
        throw UserError("series: windows overlap, so that its parts go by time; expected `last: 0.2` for validation "
                        "and test");
      ends[i + 1] = end;
      end -= std::llround(splits[i].last * static_cast<double>(rows));
    }
    ends[0] = end;
    if (end < 1) throw UserError(source + ": no rows are left for the training part; take less for the others");
  }
  int64_t trainRows() const { return ends[0]; }
  int partOf(int64_t firstTarget, int64_t ahead) const {
    int64_t begin = 0;
    for (size_t part = 0; part < ends.size(); begin = ends[part++])
      if (firstTarget >= begin && firstTarget < ends[part])
        return firstTarget + ahead <= ends[part] ? static_cast<int>(part) : -1;
    return -1;
  }

 private:
  std::vector<int64_t> ends;  // of the training and of each split, which are in the order of time
};

// The windows that belong to a part: where they begin, and the parts.
struct Windows {
  std::vector<int64_t> begins;
  std::vector<uint8_t> parts;
};

Windows windowsOf(const SeriesFile &series, const Window &window, std::span<const Split> splits) {
  int64_t count = series.rows() - window.steps - window.ahead + 1;
  if (count < 1)
    throw UserError(series.file.name() + ": the series has " + std::to_string(series.rows()) +
                    " rows, but one sample takes " + std::to_string(window.steps) + " and the " +
                    std::to_string(window.ahead) + " behind them; use a shorter window or a longer series");
  TimeParts time(splits, series.rows(), series.file.name());
  Windows windows;
  for (int64_t i = 0; i < count; ++i) {
    int part = time.partOf(i + window.steps, window.ahead);
    if (part < 0) continue;
    windows.begins.push_back(i);
    windows.parts.push_back(static_cast<uint8_t>(part));
  }
  return windows;
}

Fitted fit(const SeriesFile &series, int64_t rows, bool scaled) {
  Fitted fitted;
  fitted.scaled = scaled;
  fitted.targetName = series.target;
  for (size_t column = 0; column <= series.columns.size(); ++column) {
    Scale scale;
    if (scaled) {
      double sum = 0, squares = 0;
      for (int64_t i = 0; i < rows; ++i) sum += series.value(i, column);
      scale.mean = sum / static_cast<double>(rows);
      for (int64_t i = 0; i < rows; ++i) squares += std::pow(series.value(i, column) - scale.mean, 2);
      double deviation = std::sqrt(squares / static_cast<double>(rows));
      if (deviation > 0) scale.deviation = deviation;
    }
    if (column < series.columns.size()) fitted.columns.push_back(scale);
    else fitted.target = scale;
  }
  return fitted;
}

void requireScaling(const Fitted &fitted, const ReaderInput &input) {
  if (fitted.scaled != (input.option("scale") != "none"))
    throw UserError("series: the weights were trained with another `scale` than this reader has; give both the same");
}

Dataset convert(const SeriesFile &series, const std::vector<int64_t> &begins, const Window &window,
                const Fitted &fitted, std::span<const NnccTensor> columns) {
  ColumnRoles roles = rolesOf("series", columns);
  SequenceWriter writer("series", columns, roles);
  size_t width = series.columns.size();
  writer.requireFeatures(static_cast<int64_t>(width), series.file.name());
  Dataset dataset(series.file.name(), columns, static_cast<int64_t>(begins.size()));
  std::vector<double> values(static_cast<size_t>(window.steps) * width);
  std::vector<uint32_t> lines;
  auto scaled = [](double value, const Scale &scale) { return (value - scale.mean) / scale.deviation; };
  for (int64_t i = 0; i < dataset.size(); ++i) {
    for (size_t j = 0; j < values.size(); ++j)
      values[j] = scaled(series.value(begins[i] + static_cast<int64_t>(j / width), j % width),
                         fitted.columns[j % width]);
    writer.write(dataset, i, values);
    if (roles.target >= 0) {
      std::byte *to = dataset.sample(roles.target, i);
      int32_t type = columns[roles.target].type;
      for (int64_t j = 0; j < window.ahead; ++j, to += elementBytes(type))
        writeNumber(type, to, scaled(series.targetValue(begins[i] + window.steps + j), fitted.target));
    }
    lines.push_back(series.lines[begins[i] + window.steps - 1]);
  }
  dataset.setLines(std::move(lines));
  dataset.setTargetUnits(fitted.units());
  return dataset;
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int,
                   const ReadProgress &progress) {
  Window window(columns);
  SeriesFile series(input, input.path(), true);
  std::span<const Split> splits = input.context.splits;
  Windows windows = windowsOf(series, window, splits);
  int64_t total = static_cast<int64_t>(windows.begins.size());
  if (progress) progress(0, total);
  Fitted fitted;
  if (input.context.preprocessing.empty()) {
    int64_t rows = TimeParts(splits, series.rows(), series.file.name()).trainRows();
    fitted = fit(series, rows, input.option("scale") != "none");
  } else {
    fitted = Fitted::parse(input.context.preprocessing, series.columns.size());
    requireScaling(fitted, input);
  }
  PartedDataset result{convert(series, windows.begins, window, fitted, columns), {}};
  if (!splits.empty()) result.parts = std::move(windows.parts);
  result.dataset.setPreprocessing(fitted.text(series.columns));
  if (progress) progress(total, total);
  return result;
}

std::vector<int64_t> count(const ReaderInput &input) {
  Window window(input.context.columns);
  SeriesFile series(input, input.path(), true);
  return countsOf(windowsOf(series, window, input.context.splits).parts, input.context.splits.size());
}

// A window that ends with each row: also those whose targets are not known yet.
Dataset inputs(const ReaderInput &input, const std::filesystem::path &path, std::span<const NnccTensor> columns) {
  if (input.context.preprocessing.empty())
    throw UserError("the weights' metadata has no 'preprocessing', so it isn't known how the series of " +
                    path.string() + " is scaled; use weights that this program's training has written");
  Window window(columns);
  SeriesFile series(input, path, false);
  Fitted fitted = Fitted::parse(input.context.preprocessing, series.columns.size());
  requireScaling(fitted, input);
  int64_t count = series.rows() - window.steps + 1;
  if (count < 1)
    throw UserError(path.string() + ": the series has " + std::to_string(series.rows()) +
                    " rows, but a window takes " + std::to_string(window.steps) + "; give more rows");
  std::vector<int64_t> begins(count);
  std::iota(begins.begin(), begins.end(), int64_t{0});
  return convert(series, begins, window, fitted, columns);
}

Dataset::Units units(const std::string &preprocessing) { return Fitted::parse(preprocessing, 0).units(); }

}  // namespace

const ReaderEntry seriesReader = {"series", open, count, true, inputs, true, units};

}  // namespace nncc::data
