#include "data/ReversedClasses.h"

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "error.h"

namespace nncc::data {

namespace {

bool isSequence(const NnccTensor &tensor) { return tensor.type == NNCC_F32 && tensor.rank == 2; }

// The steps behind `length` are padding, and stay.
void reverse(int64_t length, int64_t stepBytes, const std::byte *from, std::byte *to) {
  for (int64_t i = 0; i < length; ++i)
    std::memcpy(to + i * stepBytes, from + (length - 1 - i) * stepBytes, static_cast<size_t>(stepBytes));
}

}  // namespace

bool reversesClasses(const NnccComponent &augment) {
  for (int32_t i = 0; augment.kind && i < augment.num_options; ++i)
    if (std::string_view(augment.options[i].key) == "reversed_classes") return augment.options[i].number != 0;
  return false;
}

Dataset withReversed(const Dataset &dataset, std::span<const NnccTensor> columns) {
  for (const NnccTensor &column : columns)
    if (!isSequence(column) && !isLengths(column) && !isClassNumber(column))
      throw UserError("augment: reversed_classes turns sequences of classes around, but the model has '" +
                      std::string(column.name) + "' " + shapeText(column) + "; leave it out");
  int64_t samples = dataset.size();
  std::vector<std::string> names = dataset.classNames();
  auto classes = static_cast<int32_t>(names.size());
  Dataset both(dataset.source(), columns, 2 * samples);
  for (int64_t i = 0; i < both.size(); ++i)
    for (size_t c = 0; c < columns.size(); ++c) {
      int column = static_cast<int>(c);
      const std::byte *from = dataset.sample(column, i % samples);
      std::byte *to = both.sample(column, i);
      std::memcpy(to, from, static_cast<size_t>(dataset.sampleBytes(column)));
      if (i < samples) continue;
      if (isClassNumber(columns[c])) {
        int32_t number = dataset.integer(column, i - samples) + classes;
        std::memcpy(to, &number, sizeof number);
      } else if (isSequence(columns[c])) {
        bool hasLengths = c + 1 < columns.size() && isLengths(columns[c + 1]);
        int64_t steps = columns[c].shape[0];
        reverse(hasLengths ? dataset.integer(column + 1, i - samples) : steps, dataset.sampleBytes(column) / steps, from,
                to);
      }
    }
  for (int32_t i = 0; i < classes; ++i) names.push_back(names[static_cast<size_t>(i)] + " backwards");
  both.setClassNames(std::move(names));
  return both;
}

}  // namespace nncc::data
