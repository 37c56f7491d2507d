#include "data/Selection.h"

#include <algorithm>

#include "data/Split.h"

namespace nncc::data {

bool Selection::isIn(const ReaderInput &input) {
  return !input.option("only.column").empty() || !input.option("except.column").empty();
}

Selection::Selection(const ReaderInput &input,
                     const std::function<int(const std::string &name, const char *option)> &place) {
  if (std::string name = input.option("only.column"); !name.empty())
    rules.push_back({place(name, "only"), input.items("only.values"), true});
  if (std::string name = input.option("except.column"); !name.empty())
    rules.push_back({place(name, "except"), input.items("except.values"), false});
}

bool Selection::takes(const CsvFile &file) const {
  return std::ranges::all_of(rules, [&](const Rule &rule) {
    return isAmong(rule.values, file.cell(static_cast<size_t>(rule.column))) == rule.wanted;
  });
}

}  // namespace nncc::data
