// A dense row-major tensor of reference numbers. Numbers of every element type are held
// as doubles, which is exact for u8, i32, f32, f64 and for every i64 that tests use.
#ifndef NNCC_TESTS_OPS_TENSOR_H
#define NNCC_TESTS_OPS_TENSOR_H

#include <cassert>
#include <cstdint>
#include <string>
#include <vector>

#include "Number.h"
#include "schedule/KernelSpec.h"

namespace nncc::ops {

using schedule::ElementType;
using schedule::TensorType;
using Shape = std::vector<int64_t>;

int64_t elementsOf(const Shape &shape);
std::string textOf(const Shape &shape);  // "2x3x4"

struct Tensor {
  ElementType element = ElementType::F32;
  Shape shape;
  int sliced = -1;  // the dimension whose extent is a slice of the largest one
  std::vector<Number> numbers;

  Tensor() = default;
  // Zeros.
  Tensor(ElementType element, Shape shape, int sliced = -1);
  // `extent` takes the place of the sliced dimension's static extent.
  Tensor(const TensorType &type, int64_t extent);

  int64_t size() const { return static_cast<int64_t>(numbers.size()); }

  template <class... Indices> Number &operator()(Indices... indices) {
    return numbers[offset(indices...)];
  }
  template <class... Indices> const Number &operator()(Indices... indices) const {
    return numbers[offset(indices...)];
  }

  // The part [begin, begin + extent) of the sliced dimension; *this where none is sliced.
  Tensor slice(int64_t begin, int64_t extent) const;

private:
  template <class... Indices> size_t offset(Indices... indices) const {
    assert(sizeof...(indices) == shape.size());
    int64_t result = 0;
    size_t dimension = 0;
    ((assert(0 <= indices && indices < shape[dimension]),
      result = result * shape[dimension++] + indices),
     ...);
    return static_cast<size_t>(result);
  }
};

using Tensors = std::vector<Tensor>;

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_TENSOR_H
