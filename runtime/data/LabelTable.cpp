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

LabelTable::LabelTable(const ReaderInput &input, std::span<const NnccTensor> wanted) {
  CsvFile file(input.path("labels"), ',');
  fileName = file.name();
  if (!file.next()) throw UserError(fileName + ": the file is empty; expected a header and a row a sample");
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
    if (wanted.size() > 1)
      throw UserError(fileName + ": `label` names the column of one class, but the model has " +
                      std::to_string(wanted.size()) + " targets; leave it out");
  } else if (wanted.size() == 1 && std::string_view(wanted[0].name) == "labels") {
    throw UserError(fileName + ": which of its columns is the class? Say it by `label` beside `labels` in the "
                    "model's `data` section");
  } else if (!wanted.empty()) {
    targets.emplace(wanted, names, fileName);
  }
  Selection selection(input, [&](const std::string &name, const char *option) {
    return static_cast<int>(require(name, option));
  });
  std::vector<int> columns = groupColumns(input.context.splits, names, fileName);

  std::vector<std::string> texts;
  while (file.next()) {
    if (file.size() != names.size())
      throw UserError(file.place() + ": the row has " + std::to_string(file.size()) +
                      (file.size() == 1 ? " cell" : " cells") + ", expected " +
                      std::to_string(names.size()) + " as in the header");
    Row row{selection.takes(file), 0, {}};
    for (int column : columns) row.groups.emplace_back(column < 0 ? std::string_view() : file.cell(column));
    if (label >= 0 && file.cell(label).empty())
      throw UserError(file.place() + ": column '" + names[label] + "' is empty; expected the sample's class");
    texts.emplace_back(label < 0 ? std::string_view() : file.cell(label));
    if (targets && row.chosen) {
      row.label = static_cast<int32_t>(chosen);
      targets->add(file);
    }
    chosen += row.chosen;
    rows.push_back(std::move(row));
  }
  if (chosen == 0)
    throw UserError(fileName + ": " + (rows.empty() ? "there are no rows behind its header"
                                                    : "no row is left by `only` and `except`"));
  if (targets) targets->finish();
  if (label < 0) return;
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i].chosen) classNames.push_back(texts[i]);
  std::ranges::sort(classNames);
  classNames.erase(std::unique(classNames.begin(), classNames.end()), classNames.end());
  sortCategories(classNames);
  std::map<std::string_view, int32_t> numbers;
  for (size_t i = 0; i < classNames.size(); ++i) numbers[classNames[i]] = static_cast<int32_t>(i);
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i].chosen) rows[i].label = numbers.at(texts[i]);
  if (!wanted.empty()) labels.emplace(wanted[0], static_cast<int64_t>(classNames.size()), fileName);
}

void LabelTable::write(Dataset &dataset, int first, int64_t index, int64_t row) const {
  if (targets) targets->write(dataset, first, index, rows[row].label);
  else labels->write(dataset.sample(first, index), rows[row].label);
}

void LabelTable::requireRows(int64_t samples, const std::string &array) const {
  if (static_cast<int64_t>(rows.size()) == samples) return;
  throw UserError(fileName + ": has " + std::to_string(rows.size()) + " rows behind its header, but " + array +
                  " has " + std::to_string(samples) + " samples; they don't belong together");
}

}  // namespace nncc::data
