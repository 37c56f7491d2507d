#include "RunKernel.h"

#include <HalideRuntime.h>

#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>

namespace nncc::ops {
namespace {

// Where the elements of a tensor lie in its memory, in row-major order, for strides of
// its dimensions; all in elements.
using Offsets = std::vector<int64_t>;

Offsets offsetsOf(const Shape &shape, const Shape &strides) {
  Offsets offsets;
  const int64_t size = elementsOf(shape);
  for (int64_t e = 0; e < size; e++) {
    int64_t offset = 0, rest = e;
    for (size_t d = shape.size(); d-- > 0;) {
      offset += rest % shape[d] * strides[d];
      rest /= shape[d];
    }
    offsets.push_back(offset);
  }
  return offsets;
}

template <class T> void encodeAs(const Tensor &tensor, const Offsets &offsets, uint8_t *bytes) {
  for (int64_t e = 0; e < tensor.size(); e++) {
    const T value = static_cast<T>(tensor.numbers[e].value);
    std::memcpy(bytes + offsets[e] * sizeof value, &value, sizeof value);
  }
}

template <class T> void decodeAs(Tensor &tensor, const Offsets &offsets, const uint8_t *bytes) {
  for (int64_t e = 0; e < tensor.size(); e++) {
    T value;
    std::memcpy(&value, bytes + offsets[e] * sizeof value, sizeof value);
    tensor.numbers[e] = static_cast<double>(value);
  }
}

void encode(const Tensor &tensor, const Offsets &offsets, uint8_t *bytes) {
  switch (tensor.element) {
  case ElementType::U8:
    return encodeAs<uint8_t>(tensor, offsets, bytes);
  case ElementType::I32:
    return encodeAs<int32_t>(tensor, offsets, bytes);
  case ElementType::I64:
    return encodeAs<int64_t>(tensor, offsets, bytes);
  case ElementType::F32:
    return encodeAs<float>(tensor, offsets, bytes);
  case ElementType::F64:
    return encodeAs<double>(tensor, offsets, bytes);
  }
}

void decode(Tensor &tensor, const Offsets &offsets, const uint8_t *bytes) {
  switch (tensor.element) {
  case ElementType::U8:
    return decodeAs<uint8_t>(tensor, offsets, bytes);
  case ElementType::I32:
    return decodeAs<int32_t>(tensor, offsets, bytes);
  case ElementType::I64:
    return decodeAs<int64_t>(tensor, offsets, bytes);
  case ElementType::F32:
    return decodeAs<float>(tensor, offsets, bytes);
  case ElementType::F64:
    return decodeAs<double>(tensor, offsets, bytes);
  }
}

halide_type_t halideTypeOf(ElementType element) {
  switch (element) {
  case ElementType::U8:
    return halide_type_t(halide_type_uint, 8);
  case ElementType::I32:
    return halide_type_t(halide_type_int, 32);
  case ElementType::I64:
    return halide_type_t(halide_type_int, 64);
  case ElementType::F32:
    return halide_type_t(halide_type_float, 32);
  case ElementType::F64:
    return halide_type_t(halide_type_float, 64);
  }
  throw std::logic_error("element type out of range");
}

// A tensor's memory as a kernel sees it, dimensions innermost first.
struct Buffer {
  std::string name;
  Tensor tensor;  // its shape; the numbers are in `memory`
  Offsets offsets;
  std::shared_ptr<GuardedBuffer> memory;
  bool written = false;  // by the kernel: a result, or an argument that one is in place of
  halide_buffer_t header = {}, headerBefore;
  std::vector<halide_dimension_t> dimensions, dimensionsBefore;
  std::vector<uint8_t> bytesBefore;

  // Of a slice of `type`. Shares the memory of `other` if given.
  Buffer(std::string name, const TensorType &type, int64_t extent, Side side, size_t alignment,
         const Buffer *other)
      : name(std::move(name)), tensor(type, extent) {
    const size_t rank = tensor.shape.size();
    Shape strides(rank);
    int64_t stride = 1, span = 1;
    for (size_t d = rank; d-- > 0;) {
      // Other steps lie between the samples of one.
      if (type.strided && d == 0)
        stride += 5;
      strides[d] = stride;
      const bool cut = side == Side::End && static_cast<int>(d) == type.sliced;
      stride *= cut ? type.shape[d] : tensor.shape[d];
      span += (tensor.shape[d] - 1) * strides[d];
    }
    offsets = offsetsOf(tensor.shape, strides);
    const size_t bytes =
        tensor.size() == 0 ? 0 : span * schedule::sizeInBytes(tensor.element);
    memory = other ? other->memory : std::make_shared<GuardedBuffer>(bytes, side, alignment);
    for (size_t d = rank; d-- > 0;)
      dimensions.emplace_back(0, static_cast<int32_t>(tensor.shape[d]),
                              static_cast<int32_t>(strides[d]));
    header.host = memory->data();
    header.type = halideTypeOf(tensor.element);
    header.dimensions = static_cast<int32_t>(dimensions.size());
    header.dim = dimensions.data();
    headerBefore = header;
    dimensionsBefore = dimensions;
  }

  void fill(const Tensor &from) { encode(from, offsets, memory->data()); }
  void remember() { bytesBefore.assign(memory->data(), memory->data() + memory->bytes()); }

  // What a kernel did to this buffer that it may not; empty if nothing.
  std::string offence() const {
    if (std::string where = memory->damage(); !where.empty())
      return name + " was written " + where;
    if (std::memcmp(&header, &headerBefore, sizeof header) != 0 || dimensions != dimensionsBefore)
      return "the halide_buffer_t of " + name + " was changed";
    std::vector<bool> mayChange(memory->bytes(), false);
    const int64_t size = schedule::sizeInBytes(tensor.element);
    if (written)
      for (int64_t offset : offsets)
        std::fill_n(mayChange.begin() + offset * size, size, true);
    for (size_t byte = 0; byte < bytesBefore.size(); byte++)
      if (!mayChange[byte] && memory->data()[byte] != bytesBefore[byte])
        return name + " was changed at byte " + std::to_string(byte) +
               (written ? ", outside of its slice" : "");
    return "";
  }
};

// The memory plan aligns whole tensors and lanes, and cuts slices of elements at multiples
// of this; a slice of samples may begin at any element. Kernels take results that they read,
// too, for aligned.
constexpr size_t planAlignment = 64;

size_t alignmentOfArgument(const KernelSpec &spec, size_t argument) {
  for (const schedule::Result &result : spec.results)
    if (result.inPlace == static_cast<int>(argument))
      return planAlignment;
  return schedule::sizeInBytes(spec.arguments[argument].element);
}

}  // namespace

Answer runKernel(const LoadedKernel &kernel, const KernelSpec &spec, const KernelInfo &info,
                 const Call &call, Side side) {
  std::deque<Buffer> buffers;  // stable addresses
  std::vector<Buffer *> ofArguments, ofResults;
  std::deque<std::array<uint8_t, 8>> scalars;
  std::vector<void *> addresses;
  auto addBuffer = [&](const std::string &kind, size_t index, const TensorType &type,
                       size_t alignment, const Buffer *shared = nullptr) -> Buffer & {
    Buffer &buffer = buffers.emplace_back(kind + " " + std::to_string(index), type, call.extent,
                                          side, alignment, shared);
    addresses.push_back(&buffer.header);
    return buffer;
  };

  for (size_t a = 0; a < spec.arguments.size(); a++) {
    const TensorType &type = spec.arguments[a];
    if (type.shape.empty()) {
      encode(call.arguments[a], {0}, scalars.emplace_back().data());
      addresses.push_back(scalars.back().data());
      ofArguments.push_back(nullptr);
      continue;
    }
    Buffer &buffer = addBuffer("argument", a, type, alignmentOfArgument(spec, a));
    buffer.fill(call.arguments[a]);
    ofArguments.push_back(&buffer);
  }
  int32_t accumulate = call.accumulate;
  if (spec.accumulates() || info.keeps())
    addresses.push_back(&accumulate);
  for (size_t r = 0; r < spec.results.size(); r++) {
    const schedule::Result &result = spec.results[r];
    const TensorType &type = spec.typeOf(result.value);
    Buffer *shared = result.inPlace >= 0 ? ofArguments.at(result.inPlace) : nullptr;
    Buffer &buffer = addBuffer(
        "result", r, type,
        result.accumulate ? planAlignment : schedule::sizeInBytes(type.element), shared);
    buffer.written = true;
    if (shared)
      shared->written = true;
    if (result.accumulate && call.accumulate)
      buffer.fill(call.previous[r]);
    ofResults.push_back(&buffer);
  }
  // The memory plan places scratch as it places whole tensors: aligned.
  for (size_t s = 0; s < info.scratch.size(); s++)
    addBuffer("scratch", s, info.scratch[s], planAlignment).written = true;
  for (Buffer &buffer : buffers)
    buffer.remember();

  // Scratch that is kept is filled by a first call; what it is for is the second one.
  const bool twice = info.keeps() && !spec.accumulates();
  struct Context {
    const LoadedKernel &kernel;
    void **addresses;
    int32_t *later;  // the flag, to set after a first call; null: one call
    int status;
  } context = {kernel, addresses.data(), twice ? &accumulate : nullptr, 0};
  Fault fault;
  const bool ran = runGuarded(
      [](void *opaque) {
        auto &context = *static_cast<Context *>(opaque);
        context.status = context.kernel.call(context.addresses);
        if (!context.later || context.status)
          return;
        *context.later = 1;
        context.status = context.kernel.call(context.addresses);
      },
      &context, fault);

  Answer answer;
  if (!ran) {
    answer.offence = fault.signal;
    for (const Buffer &buffer : buffers)
      if (std::string where = buffer.memory->fenceAt(fault.address); !where.empty())
        answer.offence += ": " + buffer.name + " was touched " + where;
    return answer;
  }
  if (context.status != 0)
    answer.offence = "returned " + std::to_string(context.status);
  for (const Buffer &buffer : buffers)
    if (std::string offence = buffer.offence(); !offence.empty())
      answer.offence = offence;
  for (size_t r = 0; r < spec.results.size(); r++) {
    Tensor &tensor = answer.results.emplace_back(ofResults[r]->tensor);
    decode(tensor, ofResults[r]->offsets, ofResults[r]->memory->data());
  }
  return answer;
}

}  // namespace nncc::ops
