#include "prepare/SplitLists.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <regex>
#include <set>

#include "data/CsvColumns.h"
#include "data/CsvFile.h"
#include "data/InputFile.h"
#include "data/Split.h"
#include "error.h"
#include "report/AtomicFile.h"
#include "report/Table.h"
#include "report/Text.h"

namespace nncc::prepare {

namespace {

namespace fs = std::filesystem;

struct Group {
  std::set<std::string> lines;  // of its list
  int64_t samples = 0;
};
using Groups = std::map<std::string, Group>;

Groups groupsOfTable(const SplitOptions &options) {
  data::CsvFile file(options.source, ',');
  if (!file.next()) throw UserError(file.name() + ": the file is empty; expected a header and rows");
  size_t columns = file.size(), column = columns;
  std::string known;
  for (size_t i = 0; i < columns; ++i) {
    known += (i ? ", " : "") + std::string(file.cell(i));
    if (file.cell(i) == options.group) column = i;
  }
  if (column == columns)
    throw UserError(file.name() + ": no column '" + options.group + "', which --group names; there are: " + known);
  Groups groups;
  while (file.next()) {
    if (file.size() != columns)
      throw UserError(file.place() + ": the row has " + std::to_string(file.size()) + " cells, expected " +
                      std::to_string(columns) + " as in the header");
    std::string value(file.cell(column));
    if (value.empty())
      throw UserError(file.place() + ": column '" + options.group + "' is empty; expected what the row belongs to");
    Group &group = groups[value];
    group.lines.insert(value);
    ++group.samples;
  }
  return groups;
}

Groups groupsOfFolder(const SplitOptions &options) {
  bool byFile = options.group == "file", byClass = options.group == "class";
  std::regex pattern;
  if (!byFile && !byClass) {
    try {
      pattern = std::regex(options.group);
    } catch (const std::regex_error &error) {
      throw UserError("--group '" + options.group + "' is no regular expression: " + error.what());
    }
    if (pattern.mark_count() == 0)
      throw UserError("--group '" + options.group +
                      "' has no group in parentheses; of a folder expected file, class, or a "
                      "regular expression such as '/(person[0-9]+)_'");
  }
  Groups groups;
  for (const data::FolderEntry &entry : data::listFolder(options.source)) {
    if (entry.kind != data::FolderEntry::Folder) continue;
    for (const data::FolderEntry &file : data::listFolder(options.source / entry.name)) {
      std::string name = entry.name + "/" + file.name;
      std::smatch match;
      if (!byFile && !byClass && !std::regex_search(name, match, pattern))
        throw UserError((options.source / name).string() + ": its name does not match --group '" + options.group +
                        "'");
      Group &group = groups[byFile ? name : byClass ? entry.name : match[1].str()];
      group.lines.insert(name);
      ++group.samples;
    }
  }
  return groups;
}

}  // namespace

std::vector<std::pair<std::string, double>> parseFractions(const std::string &text) {
  std::vector<std::pair<std::string, double>> fractions;
  double sum = 0;
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    size_t equal = std::min(item.find('='), item.size());
    std::string name(item.substr(0, equal));
    double share = 0;
    bool isName = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (!isName || equal == item.size() || !data::parseNumber(item.substr(equal + 1), share) || !(share > 0))
      throw UserError("--fractions: '" + std::string(item) +
                      "' is no part with its share; expected train=0.8,test=0.2");
    for (const auto &[known, its] : fractions)
      if (known == name) throw UserError("--fractions names '" + name + "' twice");
    fractions.emplace_back(std::move(name), share);
    sum += share;
  }
  if (std::abs(sum - 1) > 1e-9)
    throw UserError("--fractions: the shares are " + report::jsonNumber(sum) + " in all; expected 1");
  return fractions;
}

void splitLists(const SplitOptions &options) {
  bool isFolder = fs::is_directory(options.source);
  Groups groups = isFolder ? groupsOfFolder(options) : groupsOfTable(options);
  if (groups.empty()) throw UserError(options.source.string() + ": there is nothing in it to split");

  struct List {
    std::set<std::string> lines;
    int64_t groups = 0, samples = 0;
  };
  std::vector<List> lists(options.fractions.size());
  int64_t all = 0;
  for (const auto &[name, group] : groups) {
    double number = data::hashNumber(name), end = 0;
    size_t part = 0;
    while (part + 1 < lists.size() && number >= (end += options.fractions[part].second)) ++part;
    for (const std::string &line : group.lines) {
      if (line.find_first_of("\r\n") != std::string::npos)
        throw UserError(options.source.string() + ": '" + line +
                        "' has a line's end in it and can't stand in a list; rename it");
      lists[part].lines.insert(line);
    }
    ++lists[part].groups;
    lists[part].samples += group.samples;
    all += group.samples;
  }
  for (size_t part = 0; part < lists.size(); ++part)
    if (lists[part].lines.empty())
      throw UserError("the part '" + options.fractions[part].first + "' gets none of the " +
                      report::count(std::ssize(groups)) +
                      " groups; give it a larger share, or group by something finer");

  report::makeFolder(options.out);
  report::Table table({{"part"},
                       {"groups", report::Table::Align::Right},
                       {"samples", report::Table::Align::Right},
                       {"share", report::Table::Align::Right},
                       {"list"}});
  for (size_t part = 0; part < lists.size(); ++part) {
    fs::path path = (options.out / (options.fractions[part].first + ".txt")).lexically_normal();
    report::AtomicFile file(path);
    for (const std::string &line : lists[part].lines) file.write(line + "\n");
    file.commit();
    table.row({options.fractions[part].first, report::count(lists[part].groups), report::count(lists[part].samples),
               report::percent(static_cast<double>(lists[part].samples) / static_cast<double>(all)), path.string()});
  }
  std::string text = table.text() + "In the model's data: validation: {list: " +
                     (isFolder ? "FILE" : "{path: FILE, column: " + options.group + "}") +
                     "}; what no list of the model names is the training's\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace nncc::prepare
