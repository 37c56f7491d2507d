#include "data/Split.h"

#include <algorithm>

#include "data/CsvColumns.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

bool isSplit(const NnccComponent &component) {
  if (!component.kind) return false;
  std::string_view kind = component.kind;
  return kind == "fraction" || kind == "group" || kind == "fold" || kind == "last";
}

Split splitOf(const NnccComponent &component, bool fromTop) {
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
                   : !split.column.empty() ? isAmong(split.values, sample.groups[i])
                                           : sample.hash >= split.begin && sample.hash < split.end;
      if (taken) parts[j] = static_cast<uint8_t>(i + 1);
    }
  }
  return parts;
}

}  // namespace nncc::data
