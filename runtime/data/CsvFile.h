// The records of a CSV file, one by one (RFC 4180): cells in quotes may hold separators, line
// ends and doubled quotes. LF, CRLF and a byte-order mark are taken as they come; empty lines are
// passed over; blanks around a cell without quotes are no part of it. Where the separator is a
// blank, several are one.
#ifndef NNCC_DATA_CSVFILE_H
#define NNCC_DATA_CSVFILE_H

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/ByteStream.h"

namespace nncc::data {

class CsvFile {
 public:
  // Gzip or not.
  CsvFile(const std::filesystem::path &path, char separator);

  // Goes to the next record; false behind the last. Throws UserError naming file and line for
  // quotes that are not where they belong and for bytes that are no text.
  bool next();

  // Of the record: the line that it begins in, from 1; its bytes without the line's end; cells.
  int64_t line() const { return recordLine; }
  std::string_view text() const { return raw; }
  size_t size() const { return ends.size(); }
  std::string_view cell(size_t i) const {
    size_t begin = i ? ends[i - 1] : 0;
    return std::string_view(cells).substr(begin, ends[i] - begin);
  }
  const std::string &name() const { return stream.name(); }
  // "FILE:LINE".
  std::string place() const { return name() + ":" + std::to_string(recordLine); }

 private:
  static constexpr int end = -1;
  int peek();
  void take();  // what peek() gave becomes part of the record's text
  bool record();
  void plainCell();
  void quotedCell();
  [[noreturn]] void refuse(int64_t line, const std::string &what) const;

  ByteStream stream;
  char separator;
  std::vector<std::byte> buffer;
  size_t position = 0, filled = 0;
  int64_t currentLine = 1, recordLine = 1;
  std::string raw, cells;
  std::vector<size_t> ends;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_CSVFILE_H
