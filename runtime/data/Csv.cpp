// csv: a row a sample, columns by name or number.
//
//   path: a file, gzip or not, relative to the data folder
//   header: true             the first row holds the columns' names
//   target: cnt              column or columns: numbers, or one of classes
//   features: [...]          by default all that are no target
//   drop: [...]              columns that are no features
//   one_hot: [...]           features with one place for each category of the training part
//   index: [...]             features that are the number of their category, from 1; 0 is none of them
//   missing: error           error, mean, median, zero, drop_row: what an empty cell becomes
//   missing_values: [...]    cells that count as empty
//   separator: ","
//
// Columns are features in the file's order. Categories, fill values and classes come from the
// rows of the training part only and travel with the weights (CsvColumns.h). Splits go by a hash
// of the row's text or by the values of a column.
//
// The file is read through, never held: to count its rows, to find categories and values, and to
// convert.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "data/CsvColumns.h"
#include "data/CsvFile.h"
#include "data/Findings.h"
#include "data/Indices.h"
#include "data/Labels.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

namespace {

constexpr size_t mostCategories = 10000, listedFeatures = 2000;

bool contains(const std::vector<std::string> &texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// The file as its options say, at its first row.
class Table {
 public:
  Table(const ReaderInput &input, const std::filesystem::path &path)
      : file(path, input.separator()), missingValues(input.items("missing_values")), findings(input.context.findings) {
    hasHeader = input.option("header") != "false";
    // Without a header the first row tells how many columns there are, and is a row.
    if (!file.next())
      throw UserError(file.name() + ": the file is empty; expected " +
                      (hasHeader ? "a header and rows" : "rows"));
    columns = file.size();
    for (size_t i = 0; i < columns; ++i)
      names.push_back(hasHeader ? std::string(file.cell(i)) : std::to_string(i));
    pending = !hasHeader;
    if (hasHeader)
      for (size_t i = 0; i < columns; ++i)
        for (size_t j = 0; j < i; ++j)
          if (!names[i].empty() && names[i] == names[j])
            throw UserError(file.place() + ": the header names column " + inQuotes(names[i]) +
                            " twice; rename one");
  }

  bool next() {
    while (true) {
      if (!std::exchange(pending, false) && !file.next()) return false;
      if (file.size() == columns) return true;
      std::string error = file.place() + ": the row has " + std::to_string(file.size()) +
                          (file.size() == 1 ? " cell" : " cells") + ", expected " +
                          std::to_string(columns) + " as in the " +
                          (hasHeader ? "header" : "first row") + "; is the separator right?";
      if (!findings) throw UserError(error);
      findings->fault(error);
    }
  }

  bool isMissing(size_t column) const {
    std::string_view cell = file.cell(column);
    return cell.empty() || contains(missingValues, cell);
  }

  // A column by its name or, if none has it, its number.
  std::optional<size_t> find(const std::string &reference) const {
    if (hasHeader)
      for (size_t i = 0; i < columns; ++i)
        if (names[i] == reference) return i;
    double number = 0;
    if (parseNumber(reference, number) && number >= 0 && number < static_cast<double>(columns) &&
        number == std::floor(number))
      return static_cast<size_t>(number);
    return std::nullopt;
  }
  size_t require(const std::string &reference, const char *option) const {
    if (auto column = find(reference)) return *column;
    std::string known;
    for (size_t i = 0; hasHeader && i < std::min<size_t>(columns, 100); ++i)
      known += (i ? ", " : "") + names[i];
    if (columns > 100) known += ", ...";
    throw UserError(file.name() + ": no column " + inQuotes(reference) + ", which `" + option +
                    "` names; there are " +
                    (hasHeader ? known : "the numbers 0 to " + std::to_string(columns - 1)));
  }

  // "FILE:LINE: column 'x'".
  std::string place(size_t column) const {
    return file.place() + ": column " + (hasHeader ? inQuotes(names[column]) : names[column]);
  }

  double number(size_t column) const {
    double value = 0;
    if (!parseNumber(file.cell(column), value) ||
        std::abs(value) > std::numeric_limits<float>::max())
      throw UserError(place(column) + ": " + inQuotes(file.cell(column)) +
                      " is no finite number; " +
                      "a column of texts goes into `one_hot`, `index` or `drop`, a value that stands for "
                      "an empty cell into `missing_values`");
    return value;
  }

  CsvFile file;
  std::vector<std::string> missingValues;
  bool hasHeader = true;
  size_t columns = 0;
  std::vector<std::string> names;
  Findings *findings;

 private:
  bool pending = false;
};

struct Rules {
  explicit Rules(const ReaderInput &input) : missing(input.option("missing")) {
    if (missing.empty()) missing = "error";
  }
  bool dropsRows() const { return missing == "drop_row"; }
  std::string missing;
};

[[noreturn]] void refuseMissing(const Table &table, size_t column, bool target) {
  throw UserError(table.place(column) + ": " +
                  (table.file.cell(column).empty() ? "the cell is empty"
                                                   : inQuotes(table.file.cell(column)) +
                                                         " stands for an empty cell") +
                  (target ? "; a target can't be made up: mend the row, or say `missing: drop_row`"
                          : "; say by `missing` what it becomes: mean, median, zero or drop_row"));
}

// Which columns are features and targets, by the options.
CsvColumns chosenColumns(const ReaderInput &input, const Table &table) {
  CsvColumns columns;
  columns.header = table.hasHeader;
  columns.width = static_cast<int64_t>(table.columns);
  auto numbers = [&](const char *option) {
    std::vector<size_t> found;
    for (const std::string &reference : input.items(option)) {
      found.push_back(table.require(reference, option));
      if (std::count(found.begin(), found.end(), found.back()) > 1)
        throw UserError(table.file.name() + ": `" + option + "` names column " +
                        inQuotes(reference) + " twice");
    }
    return found;
  };
  auto among = [](const std::vector<size_t> &list, size_t number) {
    return std::find(list.begin(), list.end(), number) != list.end();
  };
  std::vector<size_t> targets = numbers("target"), dropped = numbers("drop"),
                      wanted = numbers("features"), oneHot = numbers("one_hot"),
                      index = numbers("index");
  if (wanted.empty())
    for (size_t i = 0; i < table.columns; ++i)
      if (!among(targets, i)) wanted.push_back(i);
  std::erase_if(wanted, [&](size_t i) { return among(dropped, i); });
  std::sort(wanted.begin(), wanted.end());
  for (size_t target : targets) {
    if (among(wanted, target))
      throw UserError(table.file.name() + ": column " + inQuotes(table.names[target]) +
                      " is both target and feature");
    columns.targets.push_back({table.names[target], static_cast<int64_t>(target)});
  }
  using Coding = CsvFeature::Coding;
  for (size_t i : wanted)
    columns.features.push_back({{table.names[i], static_cast<int64_t>(i)},
                                among(oneHot, i)  ? Coding::OneHot
                                : among(index, i) ? Coding::Index
                                                  : Coding::Number});
  auto requireFeatures = [&](const char *option, const std::vector<size_t> &list) {
    for (size_t i : list)
      if (!among(wanted, i))
        throw UserError(table.file.name() + ": `" + option + "` names column " +
                        inQuotes(table.names[i]) +
                        ", which is no feature; leave it out of one of the lists");
  };
  requireFeatures("one_hot", oneHot);
  requireFeatures("index", index);
  for (size_t i : index)
    if (among(oneHot, i))
      throw UserError(table.file.name() + ": both `one_hot` and `index` name column " +
                      inQuotes(table.names[i]) + "; leave it out of one of the lists");
  if (columns.features.empty())
    throw UserError(table.file.name() + ": no column is left for the features");
  return columns;
}

// A file's columns, where the stored ones are in it.
struct Places {
  std::vector<size_t> features, targets;  // targets: empty where the file has none
};

Places placesOf(const CsvColumns &columns, const Table &table, bool needsTargets) {
  Places places;
  int64_t width = static_cast<int64_t>(table.columns);
  // Without names: as wide as the training's file, or that without its targets.
  bool without = !needsTargets && width + static_cast<int64_t>(columns.targets.size()) == columns.width;
  if (!columns.header && width != columns.width && !without)
    throw UserError(table.file.place() + ": the row has " + std::to_string(width) +
                    " cells, but the training's had " + std::to_string(columns.width) +
                    (needsTargets ? "" : ", targets included"));
  auto find = [&](const CsvColumn &column) -> std::optional<size_t> {
    if (!columns.header) {
      int64_t before = 0;
      if (without)
        for (const CsvColumn &target : columns.targets) before += target.number < column.number;
      return static_cast<size_t>(column.number - before);
    }
    auto found = std::find(table.names.begin(), table.names.end(), column.name);
    if (found != table.names.end() && !column.name.empty()) return found - table.names.begin();
    // A column without a name has its number.
    if (column.name.empty() && column.number < width && table.names[column.number].empty())
      return column.number;
    return std::nullopt;
  };
  auto require = [&](const CsvColumn &column, const char *what) {
    auto found = find(column);
    if (!found || *found >= table.columns)
      throw UserError(table.file.name() + ": no column " + inQuotes(column.name) + ", which is a " +
                      what + " of the training");
    return *found;
  };
  for (const CsvFeature &feature : columns.features)
    places.features.push_back(require(feature, "feature"));
  if (needsTargets)
    for (const CsvColumn &target : columns.targets)
      places.targets.push_back(require(target, "target"));
  return places;
}

// The rows of a table that count, with the part that each belongs to.
class Rows {
 public:
  Rows(const ReaderInput &input, Table &table, const Places &places, const Rules &rules)
      : table(table), places(places), dropsRows(rules.dropsRows()), splits(input.context.splits) {
    requireNoTime(splits, "csv");
    for (const Split &split : splits)
      groups.push_back(split.column.empty() ? 0 : table.require(split.column, split.folds ? "fold" : "group"));
    if (std::ranges::any_of(splits, [](const Split &split) { return split.folds > 0; })) dealFolds(input);
  }

  bool next() {
    do {
      if (!table.next()) return false;
      if (table.findings) tellMissing();
    } while (dropsRows && anyMissing());
    part = partOf();
    return true;
  }
  int part = 0;

 private:
  bool anyMissing() const {
    auto missing = [&](size_t column) { return table.isMissing(column); };
    return std::any_of(places.features.begin(), places.features.end(), missing) ||
           std::any_of(places.targets.begin(), places.targets.end(), missing);
  }
  void tellMissing() const {
    for (const std::vector<size_t> *columns : {&places.features, &places.targets})
      for (size_t column : *columns)
        if (table.isMissing(column)) table.findings->missing(table.names[column], table.file.line());
  }
  // What a fold's groups are has to be known before the first row's part is.
  void dealFolds(const ReaderInput &input) {
    folds.resize(splits.size());
    for (Table all(input, table.file.name()); all.next();)
      for (size_t i = 0; i < splits.size(); ++i)
        if (splits[i].folds > 0)
          folds[i].add(splits[i], hashNumber(all.file.text()), all.file.cell(groups[i]));
    for (size_t i = 0; i < splits.size(); ++i)
      if (splits[i].folds > 0) folds[i].deal(splits[i]);
  }
  int partOf() const {
    if (splits.empty()) return 0;
    double hash = hashNumber(table.file.text());
    for (size_t i = 0; i < splits.size(); ++i) {
      const Split &split = splits[i];
      if (split.folds > 0   ? folds[i].takes(split, hash, table.file.cell(groups[i]))
          : !split.column.empty() && isAmong(split.values, table.file.cell(groups[i])))
        return static_cast<int>(i) + 1;
    }
    return partByHash(splits, hash);
  }

  Table &table;
  const Places &places;
  bool dropsRows;
  std::span<const Split> splits;
  std::vector<size_t> groups;
  std::vector<Folds> folds;
};

double median(std::vector<double> &values) {
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

// What the rows of the training part tell of one column.
class ColumnFacts {
 public:
  void addText(const Table &table, size_t column) {
    if (texts.insert(std::string(table.file.cell(column))).second && texts.size() > mostCategories)
      throw UserError(table.place(column) + ": more than " + std::to_string(mostCategories) +
                      " different values; these are no categories");
  }
  void addNumber(double value, bool keep) {
    sum += value;
    ++count;
    if (keep) values.push_back(value);
  }
  std::vector<std::string> categories() const {
    std::vector<std::string> list(texts.begin(), texts.end());
    sortCategories(list);
    return list;
  }

  std::set<std::string> texts;
  std::vector<double> values;
  double sum = 0;
  int64_t count = 0;
};

// inf and nan do, and are errors as such.
bool looksLikeNumber(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return (error == std::errc() && end == text.data() + text.size()) || parseNumber(text, value);
}

struct Fitted {
  CsvColumns columns;
  std::vector<int64_t> counts;  // rows of each part
};

// Is the target a class? i32 [] is one, and so is one with more places than it has columns; one
// of a single number is a class (of two) if the first row of the training part holds a text.
class TargetFacts {
 public:
  TargetFacts(const NnccTensor *target, size_t columns, const Table &table) : target(target) {
    if (!target) return;
    if (columns == 0)
      throw UserError(table.file.name() + ": the model's target '" + target->name +
                      "' needs `target`, the name or number of its column");
    int64_t elements = sampleBytes(*target) / elementBytes(target->type);
    classes = target->type == NNCC_I32;
    if (target->type != NNCC_I32 && target->type != NNCC_F32 && target->type != NNCC_F64)
      throw UserError("csv gives numbers and classes, but the model's target '" +
                      std::string(target->name) + "' is " + typeName(target->type));
    if (classes ? target->rank != 0 || columns != 1
                : static_cast<int64_t>(columns) != elements && columns != 1)
      throw UserError(table.file.name() + ": `target` names " + std::to_string(columns) +
                      (columns == 1 ? " column" : " columns") + ", but the model's target '" +
                      target->name + "' is " + typeName(target->type) + " " +
                      shapeText(*target));
    classes |= static_cast<int64_t>(columns) != elements;
    maybe = !classes && columns == 1;
  }

  void add(const Table &table, const std::vector<size_t> &places) {
    if (!target) return;
    for (size_t place : places)
      if (table.isMissing(place)) refuseMissing(table, place, true);
    if (std::exchange(maybe, false)) classes = !looksLikeNumber(table.file.cell(places[0]));
    if (classes) facts.addText(table, places[0]);
  }

  std::vector<std::string> found() const {
    return classes ? facts.categories() : std::vector<std::string>();
  }

 private:
  const NnccTensor *target;
  bool classes = false;
  bool maybe = false;  // the first row will tell
  ColumnFacts facts;
};

Fitted fit(const ReaderInput &input, const NnccTensor *target) {
  Table table(input, input.path());
  Rules rules(input);
  Fitted fitted{chosenColumns(input, table), {}};
  Places places = placesOf(fitted.columns, table, target != nullptr);
  Rows rows(input, table, places, rules);
  fitted.counts.resize(input.context.splits.size() + 1);
  auto &features = fitted.columns.features;
  std::vector<ColumnFacts> facts(features.size());
  TargetFacts targets(target, places.targets.size(), table);
  auto addRow = [&] {
    for (size_t i = 0; i < features.size(); ++i) {
      size_t column = places.features[i];
      if (table.isMissing(column)) {
        if (rules.missing == "error") refuseMissing(table, column, false);
      } else if (features[i].isCategory()) {
        facts[i].addText(table, column);
      } else {
        facts[i].addNumber(table.number(column), rules.missing == "median");
      }
    }
    targets.add(table, places.targets);
  };
  while (rows.next()) {
    ++fitted.counts[rows.part];
    if (rows.part != 0) continue;
    try {
      addRow();
    } catch (const UserError &error) {
      if (!table.findings) throw;
      table.findings->fault(error.what());
    }
  }
  if (fitted.counts[0] == 0)
    throw UserError(table.file.name() + ": " +
                    (input.context.splits.empty() ? "there are no rows in it"
                                                  : "no rows are left for the training part"));
  for (size_t i = 0; i < features.size(); ++i) {
    if (features[i].isCategory()) {
      features[i].categories = facts[i].categories();
    } else if (facts[i].count > 0) {
      if (rules.missing == "mean") features[i].fill = facts[i].sum / facts[i].count;
      if (rules.missing == "median") features[i].fill = median(facts[i].values);
    } else if (rules.missing == "mean" || rules.missing == "median") {
      throw UserError(table.file.name() + ": column " + inQuotes(features[i].name) +
                      " has no number in the training part; put it into `drop`");
    }
  }
  fitted.columns.classes = targets.found();
  return fitted;
}

std::vector<int64_t> countRows(const ReaderInput &input, const CsvColumns *stored) {
  Table table(input, input.path());
  CsvColumns columns = stored ? *stored : chosenColumns(input, table);
  Places places = placesOf(columns, table, true);
  Rows rows(input, table, places, Rules(input));
  std::vector<int64_t> counts(input.context.splits.size() + 1);
  while (rows.next()) ++counts[rows.part];
  return counts;
}

void requireColumns(const CsvColumns &columns, const Table &table,
                    std::span<const NnccTensor> tensors) {
  if (tensors.empty() || tensors.size() > 2)
    throw UserError("csv gives one row of features and its targets, but the model has " +
                    std::to_string(tensors.size()) + " inputs and targets");
  const NnccTensor &input = tensors[0];
  bool numbers = input.type == NNCC_F32 || input.type == NNCC_F64;
  if (!numbers || input.rank != 1)
    throw UserError("csv gives rows of numbers, f32 [features], but the model's input '" +
                    std::string(input.name) + "' is " + typeName(input.type) + " " +
                    shapeText(input));
  if (columns.size() == input.shape[0]) return;
  std::string list = columns.list();
  if (list.size() > listedFeatures) list = list.substr(0, listedFeatures) + " ...";
  throw UserError(table.file.name() + ": its columns give " + std::to_string(columns.size()) +
                  (columns.size() == 1 ? " feature" : " features") + ", but the model's input '" +
                  input.name + "' is " + shapeText(input) + "; write shape: [" +
                  std::to_string(columns.size()) + "], or drop columns; the features are: " + list);
}

// One warning for each column with categories that the training part didn't have.
class UnknownCategories {
 public:
  void add(size_t feature, std::string_view category) {
    auto [entry, isNew] = found.try_emplace(feature);
    if (isNew) entry->second.first = category;
    ++entry->second.second;
  }
  void warn(Dataset &dataset, const CsvColumns &columns, const std::string &file) const {
    for (const auto &[number, unknown] : found) {
      const CsvFeature &feature = columns.features[number];
      dataset.addWarning(file + ": column " + inQuotes(feature.name) + " has " +
                         std::to_string(unknown.second) +
                         (unknown.second == 1 ? " row" : " rows") +
                         " with a category that the training part doesn't have (the first is " +
                         inQuotes(unknown.first) + "); " +
                         (feature.coding == CsvFeature::Coding::OneHot ? "all its places are zero"
                                                                       : "its index is 0") +
                         " there");
    }
  }

 private:
  std::map<size_t, std::pair<std::string, int64_t>> found;
};

class Converter {
 public:
  Converter(const CsvColumns &columns, const Table &table, const Places &places,
            const Rules &rules, std::span<const NnccTensor> tensors,
            std::span<const int64_t> limits)
      : columns(columns), table(table), places(places), rules(rules), tensors(tensors), limits(limits) {
    requireColumns(columns, table, tensors);
    if (tensors.size() > 1 && !columns.classes.empty())
      labels.emplace(tensors[1], columns.classes.size(), table.file.name());
    if (tensors.size() > 1 && columns.classes.empty() &&
        (tensors[1].type == NNCC_I32 || sampleBytes(tensors[1]) / elementBytes(tensors[1].type) !=
                                            static_cast<int64_t>(places.targets.size())))
      throw UserError(table.file.name() + ": its targets are numbers, but the model's target '" +
                      tensors[1].name + "' is " + typeName(tensors[1].type) + " " +
                      shapeText(tensors[1]));
  }

  void features(std::byte *to, UnknownCategories &unknown) const {
    int32_t type = tensors[0].type;
    int64_t step = elementBytes(type);
    size_t element = 0;
    auto write = [&](double value) {
      writeNumber(type, to + element * step, value);
      ++element;
    };
    for (size_t i = 0; i < columns.features.size(); ++i) {
      const CsvFeature &feature = columns.features[i];
      size_t column = places.features[i];
      bool missing = table.isMissing(column);
      if (missing && (rules.missing == "error" || rules.missing == "drop_row"))
        refuseMissing(table, column, false);
      if (!feature.isCategory()) {
        write(indexOrNumber(missing ? feature.fill : table.number(column), column, element));
        continue;
      }
      std::string_view cell = table.file.cell(column);
      auto category = missing ? feature.categories.end()
                              : std::find(feature.categories.begin(), feature.categories.end(), cell);
      bool known = category != feature.categories.end();
      if (feature.coding == CsvFeature::Coding::Index) {
        int64_t number = known ? category - feature.categories.begin() + 1 : 0;
        write(indexOrNumber(static_cast<double>(number), column, element));
      } else {
        for (auto each = feature.categories.begin(); each != feature.categories.end(); ++each)
          write(each == category);
      }
      if (!known && !missing) unknown.add(i, cell);
    }
  }

  void targets(std::byte *to) const {
    for (size_t column : places.targets) {
      if (table.isMissing(column)) refuseMissing(table, column, true);
      if (labels) {
        std::string_view cell = table.file.cell(column);
        auto found = std::find(columns.classes.begin(), columns.classes.end(), cell);
        if (found == columns.classes.end())
          throw UserError(table.place(column) + ": class " + inQuotes(cell) +
                          " is not one of those of the training part");
        labels->write(to, found - columns.classes.begin());
      } else {
        writeNumber(tensors[1].type, to, table.number(column));
        to += elementBytes(tensors[1].type);
      }
    }
  }

 private:
  // `value`, which is within the limit of the sample's element.
  double indexOrNumber(double value, size_t column, size_t element) const {
    std::string complaint = limits.empty() ? "" : indexComplaint(value, limits[element]);
    if (!complaint.empty()) throw UserError(table.place(column) + ": " + complaint);
    return value;
  }

  const CsvColumns &columns;
  const Table &table;
  const Places &places;
  const Rules &rules;
  std::span<const NnccTensor> tensors;
  std::span<const int64_t> limits;
  std::optional<LabelWriter> labels;
};

PartedDataset convert(const ReaderInput &input, const std::filesystem::path &path,
                      const CsvColumns &columns, std::span<const NnccTensor> tensors,
                      int64_t total, const ReadProgress &progress) {
  Table table(input, path);
  Rules rules(input);
  bool needsTargets = tensors.size() > 1;
  Places places = placesOf(columns, table, needsTargets);
  Converter converter(columns, table, places, rules, tensors, input.context.limits);
  PartedDataset result{Dataset(table.file.name(), tensors, total), {}};
  Dataset &dataset = result.dataset;
  Rows rows(input, table, places, rules);
  UnknownCategories unknown;
  std::vector<uint32_t> lines;
  int64_t i = 0;
  if (progress) progress(0, total);
  for (; rows.next(); ++i) {
    if (i == total)
      throw UserError(table.file.name() + ": the file became longer while it was read; run again "
                                          "when nothing writes to it");
    attempt(table.findings, i, [&] {
      converter.features(dataset.sample(0, i), unknown);
      if (needsTargets) converter.targets(dataset.sample(1, i));
    });
    if (table.findings) lines.push_back(static_cast<uint32_t>(table.file.line()));
    if (!input.context.splits.empty()) result.parts.push_back(static_cast<uint8_t>(rows.part));
    if (progress && i % 4096 == 4095 && i + 1 < total) progress(i + 1, total);
  }
  if (i < total)
    throw UserError(table.file.name() + ": the file became shorter while it was read; run again "
                                        "when nothing writes to it");
  unknown.warn(dataset, columns, table.file.name());
  dataset.setClassNames(columns.classes);
  dataset.setPreprocessing(columns.text());
  if (table.findings) dataset.setLines(std::move(lines));
  if (progress) progress(total, total);
  return result;
}

int64_t sum(const std::vector<int64_t> &counts) {
  int64_t total = 0;
  for (int64_t count : counts) total += count;
  return total;
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> tensors, int,
                   const ReadProgress &progress) {
  if (!input.context.preprocessing.empty()) {
    CsvColumns columns = CsvColumns::parse(input.context.preprocessing);
    int64_t total = sum(countRows(input, &columns));
    if (total == 0) throw UserError(input.path().string() + ": there are no rows in it");
    return convert(input, input.path(), columns, tensors, total, progress);
  }
  Fitted fitted = fit(input, tensors.size() > 1 ? &tensors[1] : nullptr);
  return convert(input, input.path(), fitted.columns, tensors, sum(fitted.counts), progress);
}

std::vector<int64_t> count(const ReaderInput &input) {
  if (input.context.preprocessing.empty()) return countRows(input, nullptr);
  CsvColumns columns = CsvColumns::parse(input.context.preprocessing);
  return countRows(input, &columns);
}

Dataset inputs(const ReaderInput &input, const std::filesystem::path &file,
               std::span<const NnccTensor> tensors) {
  if (input.context.preprocessing.empty())
    throw UserError("the weights' metadata has no 'preprocessing', so it isn't known how the "
                    "columns of " + file.string() + " become features; use weights that this "
                    "program's training has written");
  CsvColumns columns = CsvColumns::parse(input.context.preprocessing);
  Table table(input, file);
  int64_t rows = 0;
  while (table.next()) ++rows;
  if (rows == 0) throw UserError(file.string() + ": there are no rows in it");
  // Who asks for a row's prediction gets one or is told why not: no row is dropped.
  Places places = placesOf(columns, Table(input, file), false);
  Rules rules(input);
  Table again(input, file);
  Converter converter(columns, again, places, rules, tensors, input.context.limits);
  Dataset dataset(file.string(), tensors, rows);
  UnknownCategories unknown;
  std::vector<uint32_t> lines;
  for (int64_t i = 0; i < rows && again.next(); ++i) {
    converter.features(dataset.sample(0, i), unknown);
    lines.push_back(static_cast<uint32_t>(again.file.line()));
  }
  unknown.warn(dataset, columns, file.string());
  dataset.setLines(std::move(lines));
  return dataset;
}

}  // namespace

const ReaderEntry csvReader = {"csv", open, count, true, inputs};

}  // namespace nncc::data
