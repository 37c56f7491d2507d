#include "train/ConfusionTables.h"

#include <algorithm>

#include "report/AtomicFile.h"
#include "report/Table.h"
#include "report/Text.h"

namespace nncc::train {

namespace {

// More columns than this nobody reads.
constexpr int64_t kMostPrinted = 20;

std::string nameOf(int64_t number, int64_t classes, const std::vector<std::string> &classNames) {
  if (static_cast<int64_t>(classNames.size()) == classes)
    return classNames[static_cast<size_t>(number)];
  return "class " + std::to_string(number);
}

std::string quoted(const std::string &field) {
  if (field.find_first_of(",\"\r\n") == field.npos) return field;
  std::string text = "\"";
  for (char c : field) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

}  // namespace

std::string confusionText(const ConfusionMatrix &matrix, const std::vector<std::string> &classNames) {
  using Align = report::Table::Align;
  std::vector<report::Table::Column> columns{{"is \\ predicted"}};
  for (int64_t i = 0; i < matrix.classes; ++i)
    columns.push_back({nameOf(i, matrix.classes, classNames), Align::Right});
  report::Table table(columns);
  for (int64_t actual = 0; actual < matrix.classes; ++actual) {
    std::vector<std::string> cells{nameOf(actual, matrix.classes, classNames)};
    for (int64_t predicted = 0; predicted < matrix.classes; ++predicted)
      cells.push_back(report::count(matrix.at(actual, predicted)));
    table.row(cells);
  }
  return table.text();
}

std::string confusionCsv(const ConfusionMatrix &matrix, const std::vector<std::string> &classNames) {
  std::string text = "class";
  for (int64_t i = 0; i < matrix.classes; ++i)
    text += "," + quoted(nameOf(i, matrix.classes, classNames));
  text += "\n";
  for (int64_t actual = 0; actual < matrix.classes; ++actual) {
    text += quoted(nameOf(actual, matrix.classes, classNames));
    for (int64_t predicted = 0; predicted < matrix.classes; ++predicted)
      text += "," + std::to_string(matrix.at(actual, predicted));
    text += "\n";
  }
  return text;
}

void reportTables(report::Progress &progress, const std::vector<OverallMetrics::Table> &tables,
                  const std::vector<std::string> &classNames, const std::filesystem::path &folder) {
  for (const OverallMetrics::Table &table : tables) {
    report::makeFolder(folder);
    std::filesystem::path path = folder / (table.name + ".csv");
    report::AtomicFile file(path);
    file.write(confusionCsv(table.matrix, classNames));
    file.commit();
    if (table.matrix.classes <= kMostPrinted) {
      std::string text = confusionText(table.matrix, classNames);
      while (text.ends_with('\n')) text.pop_back();
      progress.line(text);
    }
    progress.line("Confusion matrix: " + path.string());
  }
}

}  // namespace nncc::train
