#include "data/Split.h"

#include <algorithm>
#include <functional>

#include "data/CsvColumns.h"
#include "data/InputFile.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

bool isSplit(const NnccComponent &component) {
  if (!component.kind) return false;
  std::string_view kind = component.kind;
  return kind == "fraction" || kind == "group" || kind == "fold" || kind == "last" || kind == "list";
}

static std::vector<std::string> readList(const std::filesystem::path &path) {
  InputFile file(path);
  std::vector<std::byte> bytes(file.size());
  file.read(0, bytes);
  std::vector<std::string> lines;
  for (std::string_view rest(reinterpret_cast<const char *>(bytes.data()), bytes.size()); !rest.empty();) {
    size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (lines.empty()) throw UserError(path.string() + ": the list is empty; expected a value a line");
  std::ranges::sort(lines);
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

Split splitOf(const NnccComponent &component, bool fromTop, const std::filesystem::path &dataDir) {
  Split split;
  for (int32_t i = 0; i < component.num_options; ++i) {
    const NnccOption &option = component.options[i];
    std::string_view key = option.key;
    if (key == "fraction") {
      split.begin = fromTop ? 1 - option.number : 0;
      split.end = fromTop ? 1 : option.number;
    } else if (key == "column") {
      split.column = option.text;
    } else if (key == "values") {
      split.values = listItems(option.text);
    } else if (key == "index") {
      split.fold = static_cast<int64_t>(option.number);
    } else if (key == "of") {
      split.folds = static_cast<int64_t>(option.number);
    } else if (key == "last") {
      split.last = option.number;
    } else if (key == "path") {
      std::filesystem::path path = (dataDir / option.text).lexically_normal();
      split.list = path.string();
      split.values = readList(path);
    }
  }
  return split;
}

double hashNumber(std::string_view bytes) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001B3u;
  hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCDu;
  hash = (hash ^ hash >> 33) * 0xC4CEB9FE1A85EC53u;
  hash ^= hash >> 33;
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

int partByHash(std::span<const Split> splits, double number) {
  for (size_t i = 0; i < splits.size(); ++i)
    if (splits[i].column.empty() && number >= splits[i].begin && number < splits[i].end)
      return static_cast<int>(i) + 1;
  return 0;
}

bool isAmong(const std::vector<std::string> &values, std::string_view cell) {
  if (std::ranges::find(values, cell) != values.end()) return true;
  double value = 0, wanted = 0;
  if (!parseNumber(cell, value)) return false;
  return std::ranges::any_of(values, [&](const std::string &text) {
    return parseNumber(text, wanted) && wanted == value;
  });
}

ColumnValues::ColumnValues(std::span<const Split> splits) : splits(splits) {
  for (const Split &split : splits) met.emplace_back(split.list.empty() ? 0 : split.values.size());
}

bool ColumnValues::takes(size_t number, std::string_view cell) {
  const Split &split = splits[number];
  if (split.list.empty()) return isAmong(split.values, cell);
  auto found = std::ranges::lower_bound(split.values, cell, std::less<std::string_view>());
  if (found == split.values.end() || *found != cell) return false;
  met[number][found - split.values.begin()] = true;
  return true;
}

void ColumnValues::requireAllMet() const {
  for (size_t i = 0; i < splits.size(); ++i) {
    auto missed = std::ranges::find(met[i], false);
    if (missed == met[i].end()) continue;
    throw UserError(splits[i].list + ": its line '" + splits[i].values[missed - met[i].begin()] + "' is no sample's `" +
                    splits[i].column + "` (" + std::to_string(std::ranges::count(met[i], false)) +
                    " of its lines are none's); is it the list of other data? `nncc data split` makes a new one");
  }
}

void requireFractions(std::span<const Split> splits, const char *reader) {
  requireNoTime(splits, reader);
  for (const Split &split : splits) {
    if (!split.column.empty())
      throw UserError(std::string(reader) + " has no columns to take a group by ('" +
                      split.column + "'); take a fraction, or name another reader");
    if (split.folds > 0)
      throw UserError(std::string(reader) + " has no folds; take a fraction, or name another reader");
  }
}

void requireNoTime(std::span<const Split> splits, const char *reader) {
  for (const Split &split : splits)
    if (split.last > 0)
      throw UserError(std::string(reader) + ": its samples are no series, of which `last` takes the "
                      "end; take a fraction, a group or a fold");
}

Folds::Key Folds::keyOf(const Split &split, double hash, std::string_view group) {
  if (split.column.empty()) return {hash, {}};
  return {hashNumber(group), std::string(group)};
}

void Folds::add(const Split &split, double hash, std::string_view group) {
  groups.try_emplace(keyOf(split, hash, group), 0);
}

void Folds::deal(const Split &split) {
  int64_t next = 0;
  for (auto &[key, fold] : groups) fold = next++ % split.folds;
}

bool Folds::takes(const Split &split, double hash, std::string_view group) const {
  auto found = groups.find(keyOf(split, hash, group));
  return found != groups.end() && found->second == split.fold;
}

void Parting::add(double hash, std::vector<std::string> groups) {
  groups.resize(splits.size());
  samples.push_back({hash, std::move(groups)});
}

std::vector<uint8_t> Parting::parts() const {
  if (splits.empty()) return {};
  std::vector<uint8_t> parts(samples.size());
  ColumnValues values(splits);
  for (size_t i = splits.size(); i-- > 0;) {  // the first split that asks has the last word
    const Split &split = splits[i];
    Folds folds;
    if (split.folds > 0) {
      for (const Sample &sample : samples) folds.add(split, sample.hash, sample.groups[i]);
      folds.deal(split);
    }
    for (size_t j = 0; j < samples.size(); ++j) {
      const Sample &sample = samples[j];
      bool taken = split.folds > 0          ? folds.takes(split, sample.hash, sample.groups[i])
                   : !split.column.empty() ? values.takes(i, sample.groups[i])
                                           : sample.hash >= split.begin && sample.hash < split.end;
      if (taken) parts[j] = static_cast<uint8_t>(i + 1);
    }
  }
  values.requireAllMet();
  return parts;
}

}  // namespace nncc::data
