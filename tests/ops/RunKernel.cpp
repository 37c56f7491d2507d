#include "RunKernel.h"

#include <HalideRuntime.h>

#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>

namespace nncc::ops {
namespace {

template <class T> void encodeAs(const Tensor &tensor, uint8_t *bytes) {
  for (const Number &number : tensor.numbers) {
    const T value = static_cast<T>(number.value);
    std::memcpy(bytes, &value, sizeof value);
    bytes += sizeof value;
  }
}

template <class T> void decodeAs(Tensor &tensor, const uint8_t *bytes) {
  for (Number &number : tensor.numbers) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    number = static_cast<double>(value);
    bytes += sizeof value;
  }
}

void encode(const Tensor &tensor, uint8_t *bytes) {
  switch (tensor.element) {
  case ElementType::U8:
    return encodeAs<uint8_t>(tensor, bytes);
  case ElementType::I32:
    return encodeAs<int32_t>(tensor, bytes);
  case ElementType::I64:
    return encodeAs<int64_t>(tensor, bytes);
  case ElementType::F32:
    return encodeAs<float>(tensor, bytes);
  case ElementType::F64:
    return encodeAs<double>(tensor, bytes);
  }
}

void decode(Tensor &tensor, const uint8_t *bytes) {
  switch (tensor.element) {
  case ElementType::U8:
    return decodeAs<uint8_t>(tensor, bytes);
  case ElementType::I32:
    return decodeAs<int32_t>(tensor, bytes);
  case ElementType::I64:
    return decodeAs<int64_t>(tensor, bytes);
  case ElementType::F32:
    return decodeAs<float>(tensor, bytes);
  case ElementType::F64:
    return decodeAs<double>(tensor, bytes);
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
  std::shared_ptr<GuardedBuffer> memory;
  halide_buffer_t header = {}, headerBefore;
  std::vector<halide_dimension_t> dimensions, dimensionsBefore;
  std::vector<uint8_t> bytesBefore;

  Buffer(std::string name, const Tensor &tensor, std::shared_ptr<GuardedBuffer> memory)
      : name(std::move(name)), memory(std::move(memory)) {
    int32_t stride = 1;
    for (size_t d = tensor.shape.size(); d-- > 0;) {
      dimensions.emplace_back(0, static_cast<int32_t>(tensor.shape[d]), stride);
      stride *= static_cast<int32_t>(tensor.shape[d]);
    }
    header.host = this->memory->data();
    header.type = halideTypeOf(tensor.element);
    header.dimensions = static_cast<int32_t>(dimensions.size());
    header.dim = dimensions.data();
    headerBefore = header;
    dimensionsBefore = dimensions;
  }

  void remember() {
    bytesBefore.assign(memory->data(), memory->data() + memory->bytes());
  }
  bool changed() const {
    return !bytesBefore.empty() &&
           std::memcmp(bytesBefore.data(), memory->data(), memory->bytes()) != 0;
  }
  bool headerChanged() const {
    return std::memcmp(&header, &headerBefore, sizeof header) != 0 ||
           dimensions != dimensionsBefore;
  }
};

}  // namespace

Answer runKernel(const LoadedKernel &kernel, const KernelSpec &spec, const KernelInfo &info,
                 const Call &call, Side side) {
  auto memoryFor = [&](const Tensor &tensor) {
    return std::make_shared<GuardedBuffer>(
        tensor.size() * schedule::sizeInBytes(tensor.element), side);
  };
  std::deque<Buffer> buffers;  // stable addresses
  std::vector<int> bufferOfArgument(spec.arguments.size(), -1);
  std::deque<std::array<uint8_t, 8>> scalars;
  std::vector<void *> addresses;

  for (size_t a = 0; a < spec.arguments.size(); a++) {
    const Tensor &tensor = call.arguments[a];
    if (tensor.shape.empty()) {
      encode(tensor, scalars.emplace_back().data());
      addresses.push_back(scalars.back().data());
      continue;
    }
    bufferOfArgument[a] = static_cast<int>(buffers.size());
    Buffer &buffer =
        buffers.emplace_back("argument " + std::to_string(a), tensor, memoryFor(tensor));
    encode(tensor, buffer.memory->data());
    addresses.push_back(&buffer.header);
  }
  for (const schedule::Result &result : spec.results)
    if (result.inPlace >= 0)
      buffers[bufferOfArgument.at(result.inPlace)].name += " (in place)";
  for (Buffer &buffer : buffers)
    if (buffer.name.find("in place") == std::string::npos)
      buffer.remember();

  int32_t accumulate = call.accumulate;
  if (spec.accumulates())
    addresses.push_back(&accumulate);
  const size_t firstResult = buffers.size();
  for (size_t r = 0; r < spec.results.size(); r++) {
    const schedule::Result &result = spec.results[r];
    const Tensor tensor(spec.typeOf(result.value), call.extent);
    auto memory = result.inPlace >= 0 ? buffers[bufferOfArgument[result.inPlace]].memory
                                      : memoryFor(tensor);
    Buffer &buffer = buffers.emplace_back("result " + std::to_string(r), tensor, memory);
    if (result.accumulate && call.accumulate)
      encode(call.previous[r], memory->data());
    addresses.push_back(&buffer.header);
  }
  for (size_t s = 0; s < info.scratch.size(); s++) {
    const Tensor tensor(info.scratch[s], call.extent);
    addresses.push_back(
        &buffers.emplace_back("scratch " + std::to_string(s), tensor, memoryFor(tensor)).header);
  }

  struct Context {
    const LoadedKernel &kernel;
    void **addresses;
    int status;
  } context = {kernel, addresses.data(), 0};
  Fault fault;
  const bool ran = runGuarded(
      [](void *opaque) {
        auto &context = *static_cast<Context *>(opaque);
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
  for (const Buffer &buffer : buffers) {
    if (std::string where = buffer.memory->damage(); !where.empty())
      answer.offence = buffer.name + " was written " + where;
    if (buffer.changed())
      answer.offence = buffer.name + " was changed";
    if (buffer.headerChanged())
      answer.offence = "the halide_buffer_t of " + buffer.name + " was changed";
  }
  for (size_t r = 0; r < spec.results.size(); r++) {
    Tensor &tensor = answer.results.emplace_back(spec.typeOf(spec.results[r].value), call.extent);
    decode(tensor, buffers[firstResult + r].memory->data());
  }
  return answer;
}

}  // namespace nncc::ops
