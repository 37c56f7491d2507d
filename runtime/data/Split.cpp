#include "data/Split.h"

#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

bool isSplit(const NnccComponent &component) {
  if (!component.kind) return false;
  std::string_view kind = component.kind;
  return kind == "fraction" || kind == "group";
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

void requireNoGroups(std::span<const Split> splits, const char *reader) {
  for (const Split &split : splits)
    if (!split.column.empty())
      throw UserError(std::string(reader) + " has no columns to take a group by ('" +
                      split.column + "'); take a fraction, or name another reader");
}

}  // namespace nncc::data
