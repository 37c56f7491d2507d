#include "data/CsvFile.h"

#include "error.h"

namespace nncc::data {

namespace {

constexpr size_t bufferBytes = 1 << 16, mostRecordBytes = 64 << 20;

bool isBlank(int c) { return c == ' ' || c == '\t'; }

}  // namespace

CsvFile::CsvFile(const std::filesystem::path &path, char separator)
    : stream(path), separator(separator), buffer(bufferBytes) {
  peek();
  std::string_view start(reinterpret_cast<const char *>(buffer.data()), filled);
  if (start.starts_with("\xEF\xBB\xBF")) position = 3;
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF"))
    refuse(1, "the file is UTF-16; save it as UTF-8");
}

void CsvFile::refuse(int64_t line, const std::string &what) const {
  throw UserError(name() + ":" + std::to_string(line) + ": " + what);
}

int CsvFile::peek() {
  if (position == filled) {
    position = 0;
    filled = stream.read(buffer);
    if (filled == 0) return end;
  }
  return std::to_integer<int>(buffer[position]);
}

void CsvFile::take() {
  char c = static_cast<char>(buffer[position++]);
  if (c == '\0') refuse(currentLine, "holds a byte 0; this is no text file");
  if (raw.size() == mostRecordBytes)
    refuse(recordLine, "the row that begins here is longer than 64 MiB; is a quote missing?");
  currentLine += c == '\n';
  raw += c;
}

// A quote has been taken.
void CsvFile::quotedCell() {
  int64_t opened = currentLine;
  for (;;) {
    int c = peek();
    if (c == end) refuse(opened, "the quote that opens here is never closed");
    take();
    if (c != '"') {
      cells += static_cast<char>(c);
    } else if (peek() == '"') {
      take();
      cells += '"';
    } else {
      return;
    }
  }
}

void CsvFile::plainCell() {
  size_t begin = cells.size();
  for (int c = peek(); c != end && c != '\n' && c != '\r' && c != separator; c = peek()) {
    if (c == '"')
      refuse(currentLine, "a quote inside of a cell that does not begin with one; write such a "
                          "cell in quotes and the quote in it twice");
    take();
    cells += static_cast<char>(c);
  }
  while (cells.size() > begin && isBlank(cells.back())) cells.pop_back();
}

// False: an empty line.
bool CsvFile::record() {
  raw.clear();
  cells.clear();
  ends.clear();
  recordLine = currentLine;
  for (;;) {
    while (isBlank(peek()) && (peek() != separator || separator == ' ')) take();
    int c = peek();
    bool lineEnds = c == end || c == '\n' || c == '\r';
    if (lineEnds && separator == ' ' && !ends.empty()) {
      // Blanks at a line's end separate nothing.
    } else {
      if (c == '"') {
        take();
        quotedCell();
        while (isBlank(peek()) && peek() != separator) take();
        c = peek();
        if (c != end && c != '\n' && c != '\r' && c != separator)
          refuse(currentLine, "text behind a closing quote; expected a separator or the line's "
                              "end, or the quote twice if it belongs to the cell");
      } else {
        plainCell();
      }
      ends.push_back(cells.size());
    }
    c = peek();
    if (c == separator) {
      take();
      continue;
    }
    bool empty = raw.empty() || (ends.size() == 1 && cells.empty() && raw.find('"') == raw.npos);
    if (c == '\r') {
      ++position;
      if (peek() != '\n') {  // an old Mac's line end
        ++currentLine;
        return !empty;
      }
    }
    if (peek() == '\n') {
      ++position;
      ++currentLine;
    }
    return !empty;
  }
}

bool CsvFile::next() {
  while (peek() != end)
    if (record()) return true;
  return false;
}

}  // namespace nncc::data
