// The report for a terminal: tables of what there is, then what is wrong, the worst last and in full.
#include <algorithm>

#include "prepare/CheckReport.h"
#include "report/Table.h"
#include "report/Text.h"

namespace nncc::prepare {

using report::Table;

namespace {

constexpr size_t mostRows = 40;       // of a table
constexpr size_t mostWarnings = 100;  // of the lines; errors are all listed

// Nothing that moves a terminal's cursor: names of files and columns may hold anything.
std::string printable(std::string text) {
  for (char &c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

std::string rest(size_t all, size_t shown, const std::string &what) {
  return all > shown ? "... and " + report::count(static_cast<int64_t>(all - shown)) + " more " + what + "\n" : "";
}

std::string partsTable(const Samples &samples) {
  Table table({{"part"}, {samples.word(), Table::Align::Right}, {"read from"}});
  for (const Part &part : samples.parts)
    table.row({part.name, report::count(part.samples.size()), printable(part.samples.source())});
  return table.text();
}

std::string classTable(const CheckReport &report, const Samples &samples) {
  if (report.classes.empty()) return {};
  std::vector<Table::Column> columns = {{"class"}};
  for (const Part &part : samples.parts) columns.push_back({part.name, Table::Align::Right});
  Table table(columns);
  for (size_t i = 0; i < std::min(report.classes.size(), mostRows); ++i) {
    std::vector<std::string> row = {printable(report.classes[i].first)};
    for (int64_t number : report.classes[i].second) row.push_back(number < 0 ? "" : report::count(number));
    table.row(std::move(row));
  }
  return "\n" + table.text() + rest(report.classes.size(), mostRows, "classes");
}

std::string sizeTable(const CheckReport &report) {
  if (report.sizes.empty()) return {};
  std::vector<std::pair<int64_t, std::pair<int64_t, int64_t>>> order;
  for (const auto &[size, seen] : report.sizes) order.push_back({-seen.count, size});
  std::ranges::sort(order);
  constexpr size_t shown = 8;
  Table table({{"size of image files"}, {"files", Table::Align::Right}, {"the first"}});
  for (size_t i = 0; i < std::min(order.size(), shown); ++i) {
    auto [width, height] = order[i].second;
    table.row({std::to_string(width) + " x " + std::to_string(height), report::count(-order[i].first),
               printable(report.sizes.at(order[i].second).first)});
  }
  return "\n" + table.text() + rest(order.size(), shown, "sizes");
}

std::string lengthTable(const CheckReport &report, const Samples &samples) {
  if (report.lengths.empty()) return {};
  Table table({{"steps of sequences"},
               {"least", Table::Align::Right},
               {"median", Table::Align::Right},
               {"most", Table::Align::Right}});
  for (size_t part = 0; part < report.lengths.size(); ++part) {
    const Lengths &lengths = report.lengths[part];
    table.row({samples.parts[part].name, report::count(lengths.least), report::count(lengths.median),
               report::count(lengths.most)});
  }
  return "\n" + table.text();
}

std::string columnTable(const CheckReport &report) {
  size_t all = report.columns.inputs.size() + report.columns.targets.size(), shown = 0;
  if (all == 0) return {};
  Table table({{"column (train)"},
               {"mean", Table::Align::Right},
               {"deviation", Table::Align::Right},
               {"least", Table::Align::Right},
               {"most", Table::Align::Right},
               {"empty", Table::Align::Right}});
  for (bool target : {false, true})
    for (const ColumnFacts &facts : target ? report.columns.targets : report.columns.inputs) {
      if (++shown > mostRows && !target) continue;
      auto missing = report.missing.find(facts.name);
      table.row({printable(facts.name) + (target ? " (target)" : ""), report::fixed(facts.mean, 3),
                 report::fixed(facts.deviation, 3), report::fixed(facts.least, 3), report::fixed(facts.most, 3),
                 report::count(missing == report.missing.end() ? 0 : missing->second)});
    }
  return "\n" + table.text() + rest(report.columns.inputs.size(), mostRows, "columns") +
         (report.columns.note.empty() ? "" : "(" + report.columns.note + ")\n");
}

}  // namespace

std::string textOf(const CheckReport &report, const Samples &samples) {
  std::string text = partsTable(samples) + classTable(report, samples) + sizeTable(report) +
                     lengthTable(report, samples) + columnTable(report) + "\n";
  for (size_t i = 0; i < std::min(report.warnings.size(), mostWarnings); ++i)
    text += "warning: " + printable(report.warnings[i]) + "\n";
  text += rest(report.warnings.size(), mostWarnings, "warnings (the page has all)");
  for (const std::string &error : report.errors) text += "error: " + printable(error) + "\n";
  auto number = [](size_t count, const char *what) {
    return report::count(static_cast<int64_t>(count)) + " " + what + (count == 1 ? "" : "s");
  };
  text += number(report.errors.size(), "error") + ", " + number(report.warnings.size(), "warning") +
          (report.errors.empty() ? ": a training can start\n" : ": a training can't start\n");
  return text;
}

}  // namespace nncc::prepare
