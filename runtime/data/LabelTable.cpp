#include "data/LabelTable.h"

#include <algorithm>
#include <map>

#include "data/CsvColumns.h"
#include "data/CsvFile.h"
#include "data/Selection.h"
#include "error.h"

namespace nncc::data {

bool LabelTable::isIn(const ReaderInput &input) {
  std::string path = input.option("labels");
  return path.ends_with(".csv") || path.ends_with(".csv.gz");
}

LabelTable::LabelTable(const ReaderInput &input, bool needsLabels) {
  CsvFile file(input.path("labels"), ',');
  fileName = file.name();
  if (!file.next()) throw UserError(fileName + ": the file is empty; expected a header and a row a sample");
  std::vector<std::string> names;
  for (size_t i = 0; i < file.size(); ++i) names.emplace_back(file.cell(i));
  auto require = [&](const std::string &name, const char *option) {
    auto found = std::ranges::find(names, name);
    if (found != names.end()) return found - names.begin();
    std::string known;
    for (const std::string &each : names) known += (known.empty() ? "" : ", ") + each;
    throw UserError(fileName + ": no column '" + name + "', which `" + option + "` names; there are: " + known);
  };
  int64_t label = -1;
  if (!input.option("label").empty()) {
    label = require(input.option("label"), "label");
  } else if (needsLabels) {
    throw UserError(fileName + ": which of its columns is the class? Say it by `label` beside `labels` in the "
                    "model's `data` section");
  }
  Selection selection(input, [&](const std::string &name, const char *option) {
    return static_cast<int>(require(name, option));
  });
  std::vector<int> columns = groupColumns(input.context.splits, names, fileName);

  std::vector<std::string> labels;
  while (file.next()) {
    if (file.size() != names.size())
      throw UserError(file.place() + ": the row has " + std::to_string(file.size()) +
                      (file.size() == 1 ? " cell" : " cells") + ", expected " +
                      std::to_string(names.size()) + " as in the header");
    Row row{selection.takes(file), 0, {}};
    for (int column : columns) row.groups.emplace_back(column < 0 ? std::string_view() : file.cell(column));
    if (label >= 0 && file.cell(label).empty())
      throw UserError(file.place() + ": column '" + names[label] + "' is empty; expected the sample's class");
    labels.emplace_back(label < 0 ? std::string_view() : file.cell(label));
    chosen += row.chosen;
    rows.push_back(std::move(row));
  }
  if (chosen == 0)
    throw UserError(fileName + ": " + (rows.empty() ? "there are no rows behind its header"
                                                    : "no row is left by `only` and `except`"));
  if (label < 0) return;
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i].chosen) classNames.push_back(labels[i]);
  std::ranges::sort(classNames);
  classNames.erase(std::unique(classNames.begin(), classNames.end()), classNames.end());
  sortCategories(classNames);
  std::map<std::string_view, int32_t> numbers;
  for (size_t i = 0; i < classNames.size(); ++i) numbers[classNames[i]] = static_cast<int32_t>(i);
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i].chosen) rows[i].label = numbers.at(labels[i]);
}

void LabelTable::requireRows(int64_t samples, const std::string &array) const {
  if (static_cast<int64_t>(rows.size()) == samples) return;
  throw UserError(fileName + ": has " + std::to_string(rows.size()) + " rows behind its header, but " + array +
                  " has " + std::to_string(samples) + " samples; they don't belong together");
}

}  // namespace nncc::data
