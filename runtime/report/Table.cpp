#include "report/Table.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace nncc::report {

Table::Table(std::vector<Column> columns) : columns(std::move(columns)) {}

void Table::row(std::vector<std::string> cells) {
  if (cells.size() != columns.size())
    throw std::invalid_argument("Table: a row has " + std::to_string(cells.size()) +
                                " cells, there are " + std::to_string(columns.size()) +
                                " columns");
  rows.push_back(std::move(cells));
}

void Table::rule() { rows.emplace_back(); }

std::string Table::text() const {
  constexpr size_t gap = 2;
  std::vector<size_t> widths;
  for (size_t c = 0; c < columns.size(); ++c) {
    size_t width = columns[c].header.size();
    for (const auto &row : rows)
      if (!row.empty()) width = std::max(width, row[c].size());
    widths.push_back(width);
  }
  size_t total = columns.empty() ? 0 : gap * (columns.size() - 1);
  for (size_t width : widths) total += width;

  std::string text;
  auto add = [&](auto cellOf) {
    std::string line;
    for (size_t c = 0; c < columns.size(); ++c) {
      const std::string &cell = cellOf(c);
      std::string blanks(widths[c] - cell.size(), ' ');
      line += c ? std::string(gap, ' ') : "";
      line += columns[c].align == Align::Right ? blanks + cell : cell + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  std::string rule = std::string(total, '-') + "\n";
  add([&](size_t c) -> const std::string & { return columns[c].header; });
  text += rule;
  for (const auto &row : rows) {
    if (row.empty())
      text += rule;
    else
      add([&](size_t c) -> const std::string & { return row[c]; });
  }
  return text;
}

}  // namespace nncc::report
