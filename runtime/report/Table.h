// Plain-text tables with aligned columns, such as `summary` prints.
#ifndef NNCC_REPORT_TABLE_H
#define NNCC_REPORT_TABLE_H

#include <string>
#include <vector>

namespace nncc::report {

class Table {
 public:
  enum class Align { Left, Right };
  struct Column {
    std::string header;
    Align align = Align::Left;
  };

  explicit Table(std::vector<Column> columns);
  void row(std::vector<std::string> cells);  // as many as columns
  void rule();                               // a line between the rows before and after

  // Header, rule, rows; two spaces between columns, no blanks at line ends. Widths count bytes.
  std::string text() const;

 private:
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // an empty row is a rule
};

}  // namespace nncc::report

#endif  // NNCC_REPORT_TABLE_H
