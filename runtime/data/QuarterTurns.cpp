#include "data/QuarterTurns.h"

#include <algorithm>
#include <array>
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

bool isVectors(const NnccTensor &tensor) {
  return tensor.type == NNCC_F32 && tensor.rank == 2 && tensor.shape[1] % 3 == 0;
}

// Row y of the result is a column of the image, from the right.
void turnOnce(int64_t side, int64_t pixelBytes, const std::byte *from, std::byte *to) {
  for (int64_t y = 0; y < side; ++y)
    for (int64_t x = 0; x < side; ++x, to += pixelBytes)
      std::memcpy(to, from + (x * side + side - 1 - y) * pixelBytes, static_cast<size_t>(pixelBytes));
}

// What coordinate i of a turned vector is: coordinate `from[i]` of the vector, or its negative.
struct Turn {
  std::array<int, 3> from = {0, 1, 2};
  std::array<bool, 3> negative = {};
};

// All rotations of a cube, the one that changes nothing first: of the ways to exchange and mirror axes those that
// mirror evenly where the exchange is even, else oddly.
std::vector<Turn> turnsOfCube() {
  std::vector<Turn> turns;
  Turn turn;
  do {
    auto [a, b, c] = turn.from;
    bool odd = (a > b) ^ (a > c) ^ (b > c);
    for (int signs = 0; signs < 8; ++signs) {
      turn.negative = {(signs & 4) != 0, (signs & 2) != 0, (signs & 1) != 0};
      if ((turn.negative[0] ^ turn.negative[1] ^ turn.negative[2]) == odd) turns.push_back(turn);
    }
  } while (std::next_permutation(turn.from.begin(), turn.from.end()));
  return turns;
}

// "x -z y": what becomes x, y and z.
std::string textOf(const Turn &turn) {
  std::string text;
  for (int i = 0; i < 3; ++i)
    text += std::string(i ? " " : "") + (turn.negative[i] ? "-" : "") + "xyz"[turn.from[i]];
  return text;
}

void turnVectors(const Turn &turn, int64_t values, const float *from, float *to) {
  for (int64_t i = 0; i < values; i += 3)
    for (int k = 0; k < 3; ++k) {
      float value = from[i + turn.from[k]];
      to[i + k] = turn.negative[k] && value != 0 ? -value : value;  // padding stays +0
    }
}

}  // namespace

bool turnsClasses(const NnccComponent &augment) {
  for (int32_t i = 0; augment.kind && i < augment.num_options; ++i)
    if (std::string_view(augment.options[i].key) == "quarter_turn_classes") return augment.options[i].number != 0;
  return false;
}

int64_t quarterTurns(std::span<const NnccTensor> columns) {
  bool images = std::ranges::any_of(columns, isSquareImage), vectors = std::ranges::any_of(columns, isVectors);
  for (const NnccTensor &column : columns) {
    if (isClassNumber(column) || (images && isSquareImage(column))) continue;
    if (!images && (isVectors(column) || (vectors && isLengths(column)))) continue;
    throw UserError("augment: quarter_turn_classes turns square images of classes, or vectors of 3 features in "
                    "sequences, but the model has '" + std::string(column.name) + "' " + shapeText(column) +
                    "; leave it out");
  }
  return images ? 4 : static_cast<int64_t>(turnsOfCube().size());
}

Dataset withQuarterTurns(const Dataset &dataset, std::span<const NnccTensor> columns) {
  int64_t turns = quarterTurns(columns), samples = dataset.size();
  std::vector<Turn> ofCube = turnsOfCube();
  const std::vector<std::string> &names = dataset.classNames();
  Dataset turned(dataset.source(), columns, turns * samples);
  for (int64_t i = 0; i < turned.size(); ++i) {
    int64_t turn = i / samples;
    for (size_t c = 0; c < columns.size(); ++c) {
      int column = static_cast<int>(c);
      const std::byte *from = dataset.sample(column, i % samples);
      std::byte *to = turned.sample(column, i);
      if (isClassNumber(columns[c])) {
        auto number =
            static_cast<int32_t>(dataset.integer(column, i % samples) + turn * static_cast<int64_t>(names.size()));
        std::memcpy(to, &number, sizeof number);
      } else if (turn == 0 || isLengths(columns[c])) {
        std::memcpy(to, from, static_cast<size_t>(dataset.sampleBytes(column)));
      } else if (isVectors(columns[c])) {
        turnVectors(ofCube[turn], columns[c].shape[0] * columns[c].shape[1], reinterpret_cast<const float *>(from),
                    reinterpret_cast<float *>(to));
      } else {
        int64_t side = columns[c].shape[0];
        turnOnce(side, dataset.sampleBytes(column) / (side * side), turned.sample(column, i - samples), to);
      }
    }
  }
  std::vector<std::string> turnedNames = names;
  for (int64_t turn = 1; turn < turns; ++turn)
    for (const std::string &name : names)
      turnedNames.push_back(name + (turns == 4 ? " turned by " + std::to_string(90 * turn)
                                               : " turned to " + textOf(ofCube[turn])));
  turned.setClassNames(std::move(turnedNames));
  return turned;
}

}  // namespace nncc::data
