// sequence_csv: a line a sample: what is known of it, how many steps it has, and these.
//
//   path: a file, gzip or not, relative to the data folder
//   columns: [gesture, user]   what the cells before the number of steps are called
//   label: gesture           the column of the class
//   features: 3              values of a step
//   only, except: {column: user, values: [1, 2]}    which lines count, see Selection.h
//   separator: ","
//
// A line that begins with '#' is a comment. Labels count the values of the label's column, sorted: as
// numbers if all are integers, else in byte order. Splits go by a hash of the line's text or by a
// column.
//
// The file is read through, never held: to count its lines and find the classes, and to convert.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "data/CsvColumns.h"
#include "data/CsvFile.h"
#include "data/Findings.h"
#include "data/Labels.h"
#include "data/ReaderTable.h"
#include "data/Selection.h"
#include "data/Sequences.h"
#include "error.h"

namespace nncc::data {

namespace {

// Which lines of a file count: those of the data set, or all of one that a user asks about.
enum class Taken { Selected, All };

// The file as its options say, before its first line.
class Lines {
 public:
  Lines(const ReaderInput &input, const std::filesystem::path &path, Taken taken = Taken::Selected)
      : file(path, input.separator()), names(input.items("columns")),
        selection(input, [this](const std::string &name, const char *option) { return require(name, option); }),
        taken(taken), findings(input.context.findings) {
    width = std::max<int64_t>(1, std::atoll(input.option("features").c_str()));
    for (size_t i = 0; i < names.size(); ++i)
      if (std::ranges::count(names, names[i]) > 1)
        throw UserError("sequence_csv: `columns` names " + inQuotes(names[i]) + " twice; rename one");
    if (!input.option("label").empty()) label = require(input.option("label"), "label");
  }

  // Goes to the next line that counts.
  bool next() {
    while (file.next())
      if (!file.text().starts_with('#') && isWhole()) return true;
    return false;
  }
  int64_t steps() const { return count; }
  std::string_view cell(int column) const { return file.cell(column); }
  std::string place() const { return file.place(); }

  void readValues(std::vector<double> &to) const {
    to.clear();
    for (size_t i = names.size() + 1; i < file.size(); ++i) {
      double value = 0;
      if (!parseNumber(file.cell(i), value) || std::abs(value) > std::numeric_limits<float>::max()) {
        size_t at = i - names.size() - 1;
        throw UserError(place() + ": cell " + std::to_string(i + 1) + ", value " +
                        std::to_string(at % width + 1) + " of step " + std::to_string(at / width + 1) +
                        ": " + inQuotes(file.cell(i)) + " is no finite number; mend or remove the line");
      }
      to.push_back(value);
    }
  }

  CsvFile file;
  std::vector<std::string> names;
  int64_t width;
  std::optional<int> label;

 private:
  int require(const std::string &name, const char *option) const {
    auto found = std::ranges::find(names, name);
    if (found == names.end())
      throw UserError(std::string("sequence_csv: `") + option + "` names the column " + inQuotes(name) +
                      ", which is not in `columns`; expected one of the names there");
    return static_cast<int>(found - names.begin());
  }

  // False: a line whose fault has been told.
  bool isWhole() {
    if (!findings) return check();
    try {
      return check();
    } catch (const UserError &error) {
      findings->fault(error.what());
      return false;
    }
  }

  // False: a line that the selection leaves out.
  bool check() {
    if (file.size() <= names.size())
      throw UserError(place() + ": the line has " + std::to_string(file.size()) +
                      (file.size() == 1 ? " cell" : " cells") + ", expected " +
                      std::to_string(names.size()) + " columns, the number of steps and the values; "
                      "is the separator right?");
    if (taken == Taken::Selected && !selection.takes(file)) return false;
    double number = 0;
    std::string_view cell = file.cell(names.size());
    if (!parseNumber(cell, number) || number != std::floor(number) || number < 0 || number > 1e9)
      throw UserError(place() + ": cell " + std::to_string(names.size() + 1) + ", the number of steps, is " +
                      inQuotes(cell) + "; expected an integer behind " +
                      (names.size() == 1 ? "the column" : "the " + std::to_string(names.size()) + " columns"));
    count = static_cast<int64_t>(number);
    int64_t found = static_cast<int64_t>(file.size() - names.size()) - 1;
    if (found != count * width)
      throw UserError(place() + ": the line has " + std::to_string(found) + " values behind its number of steps, " +
                      "expected " + std::to_string(count) + " * " + std::to_string(width) + " = " +
                      std::to_string(count * width) + "; mend or remove it, or check `features`");
    return true;
  }

  Selection selection;
  Taken taken;
  Findings *findings;
  int64_t count = 0;
};

struct Listing {
  int64_t lines = 0;
  std::vector<std::string> classes;
  std::vector<uint8_t> parts;
};

Listing list(const ReaderInput &input, const std::filesystem::path &path) {
  Lines lines(input, path);
  std::span<const Split> splits = input.context.splits;
  std::vector<int> columns = groupColumns(splits, lines.names, "sequence_csv");
  Listing listing;
  std::set<std::string> classes;
  Parting parting(splits);
  for (; lines.next(); ++listing.lines) {
    if (lines.label) classes.emplace(lines.cell(*lines.label));
    if (parting.empty()) continue;
    std::vector<std::string> groups;
    for (int column : columns) groups.emplace_back(column < 0 ? std::string_view() : lines.cell(column));
    parting.add(hashNumber(lines.file.text()), std::move(groups));
  }
  if (listing.lines == 0)
    throw UserError(path.string() + ": there are no samples in it; expected one a line");
  listing.classes.assign(classes.begin(), classes.end());
  sortCategories(listing.classes);
  listing.parts = parting.parts();
  return listing;
}

Dataset convert(const ReaderInput &input, const std::filesystem::path &path, int64_t total,
                const std::vector<std::string> &classes, std::span<const NnccTensor> columns,
                const ReadProgress &progress, Taken taken = Taken::Selected) {
  ColumnRoles roles = rolesOf("sequence_csv", columns);
  Lines lines(input, path, taken);
  SequenceWriter writer("sequence_csv", columns, roles);
  writer.requireFeatures(lines.width, lines.file.name());
  std::optional<LabelWriter> labels;
  if (roles.target >= 0) {
    if (!lines.label)
      throw UserError("sequence_csv: the model's target '" + std::string(columns[roles.target].name) +
                      "' needs `label`, the column of the class, in the model's `data` section");
    labels.emplace(columns[roles.target], classes.size(), lines.file.name());
  }
  Dataset dataset(lines.file.name(), columns, total);
  std::vector<double> values;
  std::vector<uint32_t> numbers;
  if (progress) progress(0, total);
  int64_t i = 0;
  for (; i < total && lines.next(); ++i) {
    numbers.push_back(static_cast<uint32_t>(lines.file.line()));
    auto read = [&] {
      writer.requireSteps(lines.steps(), lines.place());
      lines.readValues(values);
      writer.write(dataset, i, values);
    };
    if (!attempt(input.context.findings, i, read)) continue;
    if (labels) {
      auto found = std::ranges::find(classes, lines.cell(*lines.label));
      if (found == classes.end()) break;
      labels->write(dataset.sample(roles.target, i), found - classes.begin());
    }
    if (progress && i % 1024 == 1023 && i + 1 < total) progress(i + 1, total);
  }
  if (i < total)
    throw UserError(lines.file.name() + ": the file changed while it was read; run again when "
                                        "nothing writes to it");
  dataset.setLines(std::move(numbers));
  if (progress) progress(total, total);
  return dataset;
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int,
                   const ReadProgress &progress) {
  Listing listing = list(input, input.path());
  Dataset dataset = convert(input, input.path(), listing.lines, listing.classes, columns, progress);
  dataset.setClassNames(std::move(listing.classes));
  return {std::move(dataset), std::move(listing.parts)};
}

std::vector<int64_t> count(const ReaderInput &input) {
  Listing listing = list(input, input.path());
  if (input.context.splits.empty()) return {listing.lines};
  return countsOf(listing.parts, input.context.splits.size());
}

Dataset inputs(const ReaderInput &input, const std::filesystem::path &file,
               std::span<const NnccTensor> columns) {
  int64_t total = 0;
  for (Lines lines(input, file, Taken::All); lines.next();) ++total;
  if (total == 0) throw UserError(file.string() + ": there are no samples in it; expected one a line");
  return convert(input, file, total, {}, columns, {}, Taken::All);
}

}  // namespace

const ReaderEntry sequenceCsvReader = {"sequence_csv", open, count, false, inputs, true};

}  // namespace nncc::data
