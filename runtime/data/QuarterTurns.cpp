#include "data/QuarterTurns.h"

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "error.h"

namespace nncc::data {

namespace {

bool isSquareImage(const NnccTensor &tensor) {
  return tensor.type == NNCC_U8 && (tensor.rank == 2 || tensor.rank == 3) && tensor.shape[0] == tensor.shape[1];
}

bool isClass(const NnccTensor &tensor) { return tensor.type == NNCC_I32 && tensor.rank == 0; }

void requireTurnable(std::span<const NnccTensor> columns) {
  for (const NnccTensor &column : columns)
    if (!isSquareImage(column) && !isClass(column))
      throw UserError("augment: quarter_turn_classes turns square images of classes, but the model has '" +
                      std::string(column.name) + "' " + shapeText(column) + "; leave it out");
}

// Row y of the result is a column of the image, from the right.
void turnOnce(int64_t side, int64_t pixelBytes, const std::byte *from, std::byte *to) {
  for (int64_t y = 0; y < side; ++y)
    for (int64_t x = 0; x < side; ++x, to += pixelBytes)
      std::memcpy(to, from + (x * side + side - 1 - y) * pixelBytes, static_cast<size_t>(pixelBytes));
}

}  // namespace

bool turnsClasses(const NnccComponent &augment) {
  for (int32_t i = 0; augment.kind && i < augment.num_options; ++i)
    if (std::string_view(augment.options[i].key) == "quarter_turn_classes") return augment.options[i].number != 0;
  return false;
}

Dataset withQuarterTurns(const Dataset &dataset, std::span<const NnccTensor> columns) {
  requireTurnable(columns);
  const std::vector<std::string> &names = dataset.classNames();
  int64_t samples = dataset.size();
  Dataset turned(dataset.source(), columns, kQuarters * samples);
  for (int64_t i = 0; i < turned.size(); ++i) {
    int64_t turn = i / samples;
    for (size_t c = 0; c < columns.size(); ++c) {
      int column = static_cast<int>(c);
      std::byte *to = turned.sample(column, i);
      if (turn == 0) {
        std::memcpy(to, dataset.sample(column, i), static_cast<size_t>(dataset.sampleBytes(column)));
      } else if (isClass(columns[c])) {
        int64_t label = dataset.integer(column, i % samples) + turn * static_cast<int64_t>(names.size());
        auto number = static_cast<int32_t>(label);
        std::memcpy(to, &number, sizeof number);
      } else {
        int64_t side = columns[c].shape[0];
        turnOnce(side, dataset.sampleBytes(column) / (side * side), turned.sample(column, i - samples), to);
      }
    }
  }
  std::vector<std::string> turnedNames = names;
  for (int64_t turn = 1; turn < kQuarters; ++turn)
    for (const std::string &name : names) turnedNames.push_back(name + " turned by " + std::to_string(90 * turn));
  turned.setClassNames(std::move(turnedNames));
  return turned;
}

}  // namespace nncc::data
