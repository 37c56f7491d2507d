#include "data/Sequences.h"

#include <cstring>

#include "data/Labels.h"
#include "error.h"

namespace nncc::data {

SequenceWriter::SequenceWriter(const std::string &source, std::span<const NnccTensor> columns,
                               const ColumnRoles &roles)
    : input(columns[0]), lengths(roles.lengths) {
  bool numbers = input.type == NNCC_F32 || input.type == NNCC_F64;
  if (!numbers || input.rank < 1 || input.rank > 2)
    throw UserError(source + " gives sequences of numbers, f32 [steps, features], but the model's "
                    "input '" + input.name + "' is " + typeName(input.type) + " " + shapeText(input));
  most = input.shape[0];
  width = input.rank == 2 ? input.shape[1] : 1;
}

void requireSteps(int64_t steps, int64_t most, bool hasLengths, const NnccTensor &input,
                  const std::string &place) {
  std::string model = ", but the model's input '" + std::string(input.name) + "' is " +
                      shapeText(input) + ", steps first";
  if (steps < 1)
    throw UserError(place + ": the sample has no steps; expected at least 1: remove it");
  if (steps > most)
    throw UserError(place + ": the sample has " + std::to_string(steps) + " steps" + model +
                    "; write a shape of at least as many, or cut the sample");
  if (steps < most && !hasLengths)
    throw UserError(place + ": the sample has " + std::to_string(steps) +
                    (steps == 1 ? " step" : " steps") + model +
                    ", and takes no shorter ones; give it `lengths: true`");
}

void SequenceWriter::requireSteps(int64_t steps, const std::string &place) const {
  data::requireSteps(steps, most, lengths >= 0, input, place);
}

void SequenceWriter::requireFeatures(int64_t features, const std::string &source) const {
  if (features == width) return;
  throw UserError(source + ": its samples have " + std::to_string(features) +
                  (features == 1 ? " value" : " values") + " a step, but the model's input '" +
                  input.name + "' is " + shapeText(input) + ", steps first; write shape: [" +
                  std::to_string(most) + ", " + std::to_string(features) + "]");
}

void SequenceWriter::write(Dataset &dataset, int64_t sample, std::span<const double> values) const {
  std::byte *to = dataset.sample(0, sample);
  int64_t bytes = elementBytes(input.type);
  for (double value : values) {
    writeNumber(input.type, to, value);
    to += bytes;
  }
  int64_t written = static_cast<int64_t>(values.size());
  std::memset(to, 0, static_cast<size_t>((most * width - written) * bytes));
  if (lengths >= 0) writeLength(dataset, lengths, sample, written / width);
}

void writeLength(Dataset &dataset, int column, int64_t sample, int64_t length) {
  int32_t value = static_cast<int32_t>(length);
  std::memcpy(dataset.sample(column, sample), &value, sizeof value);
}

}  // namespace nncc::data
