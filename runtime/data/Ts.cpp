// ts: the .ts text format of the aeon and UEA/UCR archives. Lines of '#' are comments, those of '@'
// tell what there is, and behind @data each line is a sample: its dimensions, separated by ':', each
// with its values, separated by ','; the class last.
//
//   path: a file, gzip or not, relative to the data folder
//
// Dimensions are the features of a step. Classes are those of @classLabel, in its order. Splits go by
// a hash of the line's text or by the `class`.
//
// The file is read through, never held: to count its lines, and to convert.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "data/ByteStream.h"
#include "data/CsvColumns.h"
#include "data/Findings.h"
#include "data/Labels.h"
#include "data/ReaderTable.h"
#include "data/Sequences.h"
#include "error.h"

namespace nncc::data {

namespace {

constexpr size_t bufferBytes = 1 << 16, mostLineBytes = 64 << 20;

std::string_view trimmed(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char &c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// A file's lines; blanks at their ends and empty ones are passed over.
class TextLines {
 public:
  explicit TextLines(const std::filesystem::path &path) : stream(path), buffer(bufferBytes) {}

  bool next() {
    for (line.clear();;) {
      if (position == filled) {
        position = 0;
        filled = stream.read(buffer);
        if (filled == 0) {
          ++number;
          return !trimmed(line).empty();
        }
      }
      auto *begin = reinterpret_cast<const char *>(buffer.data()) + position;
      auto *end = reinterpret_cast<const char *>(buffer.data()) + filled;
      auto *stop = std::find(begin, end, '\n');
      line.append(begin, stop);
      if (line.size() > mostLineBytes)
        throw UserError(place() + ": the line is longer than 64 MiB; this is no .ts file");
      position += stop - begin + (stop != end);
      if (stop == end) continue;
      ++number;
      if (!trimmed(line).empty()) return true;
      line.clear();
    }
  }
  std::string_view text() const { return trimmed(line); }
  int64_t lineNumber() const { return number; }
  const std::string &name() const { return stream.name(); }
  std::string place() const { return name() + ":" + std::to_string(number); }

 private:
  ByteStream stream;
  std::vector<std::byte> buffer;
  size_t position = 0, filled = 0;
  int64_t number = 0;
  std::string line;
};

// The file behind its header.
class TsFile {
 public:
  // `findings` are told of lines that have no such form; may be null.
  explicit TsFile(const std::filesystem::path &path, Findings *findings = nullptr) : lines(path), findings(findings) {
    while (true) {
      if (!lines.next())
        throw UserError(lines.name() + ": there is no line @data in it; expected a .ts file, with "
                        "@data before the samples");
      std::string_view text = lines.text();
      if (text[0] == '#') continue;
      if (text[0] != '@')
        throw UserError(lines.place() + ": expected a line that begins with '#' or '@' before @data, found " +
                        inQuotes(text));
      if (directive(text)) return;
    }
  }

  bool next() {
    while (lines.next())
      if (lines.text()[0] != '#' && isWhole()) return true;
    return false;
  }

  // Of the sample.
  int64_t dimensions() const { return static_cast<int64_t>(parts.size()); }
  std::string_view className() const { return label; }
  int64_t classNumber() const {
    auto found = std::ranges::find(classes, label);
    if (found == classes.end())
      throw UserError(lines.place() + ": the class " + inQuotes(label) + " is not in the file's @classLabel; "
                      "mend one of them");
    return found - classes.begin();
  }
  // Step after step.
  int64_t values(std::vector<double> &to) const {
    int64_t steps = 0;
    for (size_t d = 0; d < parts.size(); ++d) {
      std::string_view rest = parts[d];
      int64_t step = 0;
      for (bool more = !trimmed(rest).empty(); more; ++step) {
        size_t length = std::min(rest.find(','), rest.size());
        more = length < rest.size();
        double value = number(trimmed(rest.substr(0, length)), d, step);
        rest.remove_prefix(std::min(length + 1, rest.size()));
        size_t at = static_cast<size_t>(step) * parts.size() + d;
        if (at >= to.size()) to.resize(at + 1);
        to[at] = value;
      }
      if (d > 0 && step != steps)
        throw UserError(lines.place() + ": dimension " + std::to_string(d + 1) + " has " +
                        std::to_string(step) + (step == 1 ? " value" : " values") + ", but the first has " + std::to_string(steps) +
                        "; expected as many in all: mend or remove the line");
      steps = step;
    }
    to.resize(static_cast<size_t>(steps) * parts.size());
    return steps;
  }

  TextLines lines;
  std::vector<std::string> classes;
  bool hasClasses = false;

 private:
  // True: @data.
  bool directive(std::string_view text) {
    size_t blank = std::min(text.find_first_of(" \t"), text.size());
    std::string name = lowered(text.substr(1, blank - 1));
    std::vector<std::string> words;
    for (std::string_view rest = trimmed(text.substr(blank)); !rest.empty();) {
      size_t length = std::min(rest.find_first_of(" \t"), rest.size());
      words.emplace_back(rest.substr(0, length));
      rest = trimmed(rest.substr(length));
    }
    std::string first = words.empty() ? "" : lowered(words[0]);
    if (name == "data") return true;
    if (name == "timestamps" && first == "true")
      throw UserError(lines.place() + ": the samples have time stamps, which are not read; expected values alone");
    if (name == "targetlabel" && first == "true")
      throw UserError(lines.place() + ": the samples have numbers as targets, which are not read; expected classes");
    if (name == "dimensions" || name == "dimension") {
      auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), declared);
      if (error != std::errc() || end != first.data() + first.size() || declared < 1)
        throw UserError(lines.place() + ": @dimensions is " + inQuotes(first) + "; expected a number from 1");
    }
    if (name == "univariate" && first == "true" && declared == 0) declared = 1;
    if (name == "classlabel") {
      if (first != "true" && first != "false")
        throw UserError(lines.place() + ": @classLabel is " + inQuotes(first) +
                        "; expected false, or true and the classes behind it");
      hasClasses = first == "true";
      if (hasClasses) classes.assign(words.begin() + 1, words.end());
      if (hasClasses && classes.empty())
        throw UserError(lines.place() + ": @classLabel names no classes; expected them behind 'true'");
      for (const std::string &each : classes)
        if (std::ranges::count(classes, each) > 1)
          throw UserError(lines.place() + ": @classLabel names " + inQuotes(each) + " twice; leave one out");
    }
    return false;
  }

  // False: a line whose fault has been told.
  bool isWhole() {
    if (!findings) return split(), true;
    try {
      split();
      return true;
    } catch (const UserError &error) {
      findings->fault(error.what());
      return false;
    }
  }

  void split() {
    parts.clear();
    std::string_view rest = lines.text();
    for (bool more = true; more;) {
      size_t length = std::min(rest.find(':'), rest.size());
      more = length < rest.size();
      parts.push_back(rest.substr(0, length));
      rest.remove_prefix(std::min(length + 1, rest.size()));
    }
    label = {};
    if (hasClasses) {
      label = trimmed(parts.back());
      parts.pop_back();
    }
    int64_t expected = declared ? declared : first;
    if (first == 0) first = dimensions();
    if (parts.empty() || (expected && dimensions() != expected))
      throw UserError(lines.place() + ": the line has " + std::to_string(parts.size()) +
                      (parts.size() == 1 ? " dimension" : " dimensions") + ", expected " +
                      (declared ? std::to_string(declared) + " as @dimensions says"
                       : expected ? std::to_string(expected) + " as in the first"
                                  : std::string("at least one")) +
                      (hasClasses ? " and the class behind them" : "") + "; mend or remove it");
  }

  double number(std::string_view text, size_t dimension, int64_t step) const {
    double value = 0;
    if (!parseNumber(text, value) || std::abs(value) > std::numeric_limits<float>::max())
      throw UserError(lines.place() + ": dimension " + std::to_string(dimension + 1) + ", step " +
                      std::to_string(step + 1) + ": " + inQuotes(text) + " is no finite number; " +
                      (text == "?" ? "missing values are not read: fill them in, or remove the line"
                                   : "mend or remove the line"));
    return value;
  }

  Findings *findings;
  int64_t declared = 0, first = 0;  // dimensions: by the header, of the first sample
  std::vector<std::string_view> parts;
  std::string_view label;
};

struct Listing {
  int64_t lines = 0;
  std::vector<uint8_t> parts;
};

Listing list(const ReaderInput &input) {
  TsFile file(input.path(), input.context.findings);
  std::span<const Split> splits = input.context.splits;
  static const std::string known[] = {"class"};
  std::vector<int> columns = groupColumns(splits, known, "ts");
  Parting parting(splits);
  Listing listing;
  for (; file.next(); ++listing.lines) {
    if (parting.empty()) continue;
    std::vector<std::string> groups;
    for (int column : columns) groups.emplace_back(column < 0 ? std::string_view() : file.className());
    parting.add(hashNumber(file.lines.text()), std::move(groups));
  }
  if (listing.lines == 0)
    throw UserError(file.lines.name() + ": there are no samples behind @data");
  listing.parts = parting.parts();
  return listing;
}

Dataset convert(const std::filesystem::path &path, int64_t total, std::span<const NnccTensor> columns,
                const ReadProgress &progress, Findings *findings) {
  ColumnRoles roles = rolesOf("ts", columns);
  TsFile file(path, findings);
  SequenceWriter writer("ts", columns, roles);
  std::optional<LabelWriter> labels;
  if (roles.target >= 0) {
    if (!file.hasClasses)
      throw UserError(file.lines.name() + ": its header has no classes (@classLabel true ...), but the model has the "
                      "target '" + std::string(columns[roles.target].name) + "'");
    labels.emplace(columns[roles.target], file.classes.size(), file.lines.name());
  }
  Dataset dataset(file.lines.name(), columns, total);
  std::vector<double> values;
  std::vector<uint32_t> numbers;
  if (progress) progress(0, total);
  int64_t i = 0;
  for (; i < total && file.next(); ++i) {
    numbers.push_back(static_cast<uint32_t>(file.lines.lineNumber()));
    attempt(findings, i, [&] {
      writer.requireFeatures(file.dimensions(), file.lines.place());
      writer.requireSteps(file.values(values), file.lines.place());
      writer.write(dataset, i, values);
      if (labels) labels->write(dataset.sample(roles.target, i), file.classNumber());
    });
    if (progress && i % 1024 == 1023 && i + 1 < total) progress(i + 1, total);
  }
  if (i < total)
    throw UserError(file.lines.name() + ": the file became shorter while it was read; run again "
                                        "when nothing writes to it");
  dataset.setLines(std::move(numbers));
  if (roles.target >= 0) dataset.setClassNames(std::move(file.classes));
  if (progress) progress(total, total);
  return dataset;
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int,
                   const ReadProgress &progress) {
  Listing listing = list(input);
  return {convert(input.path(), listing.lines, columns, progress, input.context.findings), std::move(listing.parts)};
}

std::vector<int64_t> count(const ReaderInput &input) {
  Listing listing = list(input);
  if (input.context.splits.empty()) return {listing.lines};
  return countsOf(listing.parts, input.context.splits.size());
}

Dataset inputs(const ReaderInput &, const std::filesystem::path &path,
               std::span<const NnccTensor> columns) {
  int64_t total = 0;
  for (TsFile file(path); file.next();) ++total;
  if (total == 0) throw UserError(path.string() + ": there are no samples behind @data");
  return convert(path, total, columns, {}, nullptr);
}

}  // namespace

const ReaderEntry tsReader = {"ts", open, count, false, inputs, true};

}  // namespace nncc::data
