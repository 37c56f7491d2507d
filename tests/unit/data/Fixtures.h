// Files that other programs wrote (make_fixtures.py says how), and reading them.
#ifndef NNCC_TESTS_DATA_FIXTURES_H
#define NNCC_TESTS_DATA_FIXTURES_H

#include <cstring>
#include <string>
#include <vector>

#include "Files.h"
#include "TemporaryFolder.h"

inline std::string fixture(const std::string &name) {
  return std::string(NNCC_TEST_FILES "/fixtures/") + name;
}
inline std::string fixtureBytes(const std::string &name) {
  return TemporaryFolder::read(fixture(name));
}

// A tensor that owns its shape.
struct Column {
  Column(const char *name, int32_t type, std::vector<int64_t> shape)
      : shape(std::move(shape)),
        tensor{name, type, static_cast<int32_t>(this->shape.size()), this->shape.data()} {}
  Column(const Column &) = delete;
  std::vector<int64_t> shape;
  NnccTensor tensor;
};

// A column's numbers of one sample.
template <typename T>
std::vector<T> valuesOf(const nncc::data::Dataset &dataset, int column, int64_t sample) {
  std::vector<T> values(dataset.sampleBytes(column) / sizeof(T));
  std::memcpy(values.data(), dataset.sample(column, sample), values.size() * sizeof(T));
  return values;
}

#endif  // NNCC_TESTS_DATA_FIXTURES_H
