// What both programs need of oneDNN: its CPU engine, threads, and one way to describe a
// primitive for the two interfaces of the library, 2.x (operation descriptors) and 3.x.
#ifndef NNCC_BENCHMARKS_ONEDNN_LIBRARY_H
#define NNCC_BENCHMARKS_ONEDNN_LIBRARY_H

#include <oneapi/dnnl/dnnl.hpp>
#include <stdexcept>
#include <string>

namespace onednn {

using dnnl::memory;

// The user's error: what() is one line.
class Unsupported : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

const dnnl::engine &engine();
const dnnl::stream &stream();

// Binds this process to the first `threads` CPUs it may use, OpenMP's threads included. To be
// called before any other function of the library.
void useThreads(int threads);

std::string version();

// Of all primitives here: their temporary memory is the caller's, so that a step allocates none.
dnnl::primitive_attr attributes();

inline memory::desc plain(const memory::dims &dims, memory::format_tag tag) {
  return {dims, memory::data_type::f32, tag};
}

inline memory::desc any(const memory::dims &dims) { return plain(dims, memory::format_tag::any); }

// Whether a normalization's backward direction has to be given the shift, or must not.
constexpr bool backwardTakesShift = DNNL_VERSION_MAJOR < 3;

#if DNNL_VERSION_MAJOR >= 3
using PoolingForward = dnnl::pooling_forward;
using PoolingBackward = dnnl::pooling_backward;

template <typename Primitive, typename... Operands>
auto describe(const dnnl::primitive_attr &attributes, const Operands &...operands) {
  return typename Primitive::primitive_desc(engine(), operands..., attributes);
}

// Of a backward primitive, `hint` being the forward's description.
template <typename Primitive, typename Hint, typename... Operands>
auto describeBackward(const Hint &hint, const Operands &...operands) {
  return typename Primitive::primitive_desc(engine(), operands..., hint, attributes());
}
#else
using PoolingForward = dnnl::pooling_v2_forward;
using PoolingBackward = dnnl::pooling_v2_backward;

template <typename Primitive, typename... Operands>
auto describe(const dnnl::primitive_attr &attributes, const Operands &...operands) {
  return typename Primitive::primitive_desc(typename Primitive::desc(operands...), attributes,
                                            engine());
}

template <typename Primitive, typename Hint, typename... Operands>
auto describeBackward(const Hint &hint, const Operands &...operands) {
  return typename Primitive::primitive_desc(typename Primitive::desc(operands...), attributes(),
                                            engine(), hint);
}
#endif

}  // namespace onednn

#endif
