#include "Tensor.h"

#include <algorithm>

namespace nncc::ops {

int64_t elementsOf(const Shape &shape) {
  int64_t elements = 1;
  for (int64_t extent : shape)
    elements *= extent;
  return elements;
}

std::string textOf(const Shape &shape) {
  if (shape.empty())
    return "scalar";
  std::string text;
  for (int64_t extent : shape) {
    if (!text.empty())
      text += 'x';
    text += std::to_string(extent);
  }
  return text;
}

Tensor::Tensor(ElementType element, Shape shape, int sliced)
    : element(element), shape(std::move(shape)), sliced(sliced),
      numbers(elementsOf(this->shape)) {}

static Shape withExtent(const TensorType &type, int64_t extent) {
  Shape shape = type.shape;
  if (type.sliced >= 0)
    shape.at(type.sliced) = extent;
  return shape;
}

Tensor::Tensor(const TensorType &type, int64_t extent)
    : Tensor(type.element, withExtent(type, extent), type.sliced) {}

Tensor Tensor::slice(int64_t begin, int64_t extent) const {
  if (sliced < 0)
    return *this;
  Shape part = shape;
  part[sliced] = extent;
  Tensor result(element, part, sliced);
  int64_t inner = 1, outer = 1;
  for (int d = 0; d < sliced; d++)
    outer *= shape[d];
  for (size_t d = sliced + 1; d < shape.size(); d++)
    inner *= shape[d];
  for (int64_t o = 0; o < outer; o++)
    std::copy_n(numbers.begin() + (o * shape[sliced] + begin) * inner, extent * inner,
                result.numbers.begin() + o * extent * inner);
  return result;
}

}  // namespace nncc::ops
