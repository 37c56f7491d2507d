#include "data/Indices.h"

#include <charconv>
#include <cstring>

#include "data/Dataset.h"
#include "error.h"

namespace nncc::data {

namespace {

template <typename T>
double load(const std::byte *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return static_cast<double>(value);
}

double numberAt(const std::byte *from, int32_t type) {
  switch (type) {
    case NNCC_U8: return load<uint8_t>(from);
    case NNCC_I32: return load<int32_t>(from);
    case NNCC_I64: return load<int64_t>(from);
    case NNCC_F64: return load<double>(from);
    default: return load<float>(from);
  }
}

// As people write it: 7, 0.5.
std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

std::string indexComplaint(double value, int64_t limit) {
  if (limit == 0 || (value > -1 && value < static_cast<double>(limit))) return {};
  return shortest(value) + " is no row of the embedding that reads it; expected an index from 0 to " +
         std::to_string(limit - 1) + ": mend the data, or give the embedding a larger input_dim";
}

void requireIndices(std::span<const int64_t> limits, const NnccTensor &input,
                    const std::byte *sample, const std::string &place) {
  int64_t step = elementBytes(input.type);
  for (size_t i = 0; i < limits.size(); ++i) {
    std::string complaint = indexComplaint(numberAt(sample + i * step, input.type), limits[i]);
    if (!complaint.empty())
      throw UserError(place + ": element " + std::to_string(i) + " (from 0): " + complaint);
  }
}

}  // namespace nncc::data
