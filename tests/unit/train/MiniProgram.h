// A program of two small parameters and a slot, to be saved and loaded, never run: its files
// are short enough to try every way in which they can be damaged.
#ifndef NNCC_TESTS_MINIPROGRAM_H
#define NNCC_TESTS_MINIPROGRAM_H

#include "TinyProgram.h"

namespace nncc::tests {

inline constexpr int64_t kMiniKernelShape[] = {2, 3}, kMiniBiasShape[] = {3};
inline constexpr NnccParameter kMiniParameters[] = {
    {{"dense.kernel", NNCC_F32, 2, kMiniKernelShape}, 0, {"zeros", nullptr, 0}, 2, 3, 1, 0, 0},
    {{"dense.bias", NNCC_F32, 1, kMiniBiasShape}, 64, {"zeros", nullptr, 0}, 3, 3, 1, 0, 0},
};
inline constexpr NnccParameter kMiniParameters64[] = {
    {{"dense.kernel", NNCC_F64, 2, kMiniKernelShape}, 0, {"zeros", nullptr, 0}, 2, 3, 1, 0, 0},
    {{"dense.bias", NNCC_F64, 1, kMiniBiasShape}, 64, {"zeros", nullptr, 0}, 3, 3, 1, 0, 0},
};
inline constexpr NnccSlot kMiniSlots[] = {
    {{"sgd.velocity.dense.bias", NNCC_F32, 1, kMiniBiasShape}, 0, 0}};

inline NnccProgram miniProgram() {
  NnccProgram program = tinyProgram;
  program.name = "mini";
  program.parameters = kMiniParameters;
  program.num_parameters = 2;
  program.parameter_bytes = 128;
  program.slots = kMiniSlots;
  program.num_slots = 1;
  program.state_bytes = 64;
  program.fingerprint = 0xfeedu;
  return program;
}

inline NnccProgram miniProgram64() {
  NnccProgram program = miniProgram();
  program.parameters = kMiniParameters64;
  return program;
}

}  // namespace nncc::tests

#endif  // NNCC_TESTS_MINIPROGRAM_H
