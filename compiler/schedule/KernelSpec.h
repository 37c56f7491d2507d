// What one kernel computes: a small DAG of ops over dense tensors, with at most one
// anchor (the op that decides the loop nest: a convolution, a matrix product, a window,
// a row reduction). What stands before the anchor is evaluated where its operand is
// read, what stands after it where its result is written; a kernel without an anchor is
// pointwise. Fusion builds specs, this room turns them into Halide pipelines, and no
// other room knows how.
//
// Shapes are row-major with the outermost dimension first (NHWC, HWIO). Every dimension
// is static but one: the *sliced* dimension of an argument or result, whose run-time
// extent (zero included) is the slice that the caller passes; its static extent here is
// the largest one possible. All sliced dimensions of a kernel have the same run-time extent.
#ifndef NNCC_SCHEDULE_KERNELSPEC_H
#define NNCC_SCHEDULE_KERNELSPEC_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nncc::schedule {

enum class ElementType { U8, I32, I64, F32, F64 };

int64_t sizeInBytes(ElementType type);
const char *name(ElementType type);  // "u8" "i32" "i64" "f32" "f64"

// Numbers and lists of numbers that an op carries: strides, padding, epsilon, ...
// Booleans are 0 and 1.
using Attributes = std::map<std::string, std::vector<double>>;

struct TensorType {
  ElementType element = ElementType::F32;
  std::vector<int64_t> shape;  // empty: a scalar
  int sliced = -1;             // index of the sliced dimension, -1: none
  // One step of a sequence: from sample to sample it is as far as the buffer says.
  bool strided = false;

  int64_t elements() const;
  int64_t bytes() const;
};

// A value of the DAG: result `result` of node `node`, or of argument `node` if `argument`.
struct ValueRef {
  bool argument = false;
  int node = 0;
  int result = 0;
};

// One op, named as in the nn dialect without its prefix ("conv2d", "relu",
// "max_pool2d_bwd"). An op may leave results unused: they are not computed.
struct Node {
  std::string op;
  std::vector<ValueRef> operands;
  Attributes attributes;
  std::vector<TensorType> results;
};

// What a kernel writes. `accumulate`: adds to what the buffer holds when the kernel's
// run-time flag `accumulate` is not 0, overwrites it when it is 0 (the lanes of weight
// gradients). `inPlace` >= 0 says that the buffer is also that argument (optimizer
// updates): every element is read before it is written.
struct Result {
  ValueRef value;
  bool accumulate = false;
  int inPlace = -1;
};

// The machine that a kernel is made for.
struct Target {
  std::string level = "x86-64-v3";  // x86-64, x86-64-v3 (AVX2 + FMA), x86-64-v4 (AVX-512)
  std::string cpu;                  // LLVM's name for tuning ("znver4"), may be empty
  int64_t l1Bytes = 32 << 10;
  int64_t l2Bytes = 512 << 10;

  int vectorBytes() const;      // 16, 32, 64
  int vectorRegisters() const;  // 16, 16, 32
};

// The function made from a spec is
//     int NAME(halide_buffer_t *argument0, ..., [int32_t accumulate,]
//              halide_buffer_t *result0, ..., halide_buffer_t *scratch0, ...)
// with arguments of rank 0 passed by value (double for F64, float, int64_t, ...), the
// flag present if any result accumulates or any scratch is kept, and scratch as listed in KernelInfo. Dimensions
// of a buffer stand innermost first, as Halide wants them; all mins are 0, strides dense, but
// for the dimensions outside of a sliced one: their strides are read from the buffer, which
// may be cut from a larger one.
struct KernelSpec {
  std::vector<TensorType> arguments;
  std::vector<Node> nodes;  // operands before users
  std::vector<Result> results;
  int anchor = -1;  // index into nodes, -1: pointwise
  bool exact = false;  // no schedule may round more than sums of products in some order do
  bool rare = false;  // runs now and then: what compiles quickly will do

  bool accumulates() const;
  const TensorType &typeOf(ValueRef value) const;

  std::string toJson() const;  // stable: equal specs give equal text
  // Throws std::runtime_error that says what is wrong with the text.
  static KernelSpec fromJson(const std::string &text);
};

// What the schedule room says of a kernel it made.
struct KernelInfo {
  std::string schedule;    // the candidate chosen, with its parameters: "direct(tile=14x2)"
  bool reference = false;  // nothing better fitted
  std::vector<std::string> refusals;  // candidates refused before it, each with its reason
  std::vector<TensorType> scratch;    // extra buffers that the caller passes, uninitialized
  // Of each scratch buffer: a call with the flag `accumulate` 0 fills it from arguments that are not
  // sliced, and calls with another flag find in it what that call left.
  std::vector<bool> kept;
  double errorBound = 0;      // how far a float result may be from the exact one, in epsilons times
                              // the sum of its products' magnitudes (Winograd: the largest
                              // such sum in the tile)
  bool keeps() const;  // any of it
  double flopsPerSample = 0;          // multiplications and additions of the plain algorithm,
                                      // for one unit of the sliced dimension

  std::string toJson() const;
  static KernelInfo fromJson(const std::string &text);
};

std::string toJson(const Target &target);
Target targetFromJson(const std::string &text);

// 64-bit FNV-1a as 16 hex digits: file names and symbols of kernels.
std::string hashOf(const std::string &text);

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_KERNELSPEC_H
