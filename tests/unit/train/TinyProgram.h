// A program as the compiler would make it, written by hand: 32 x 32 x 3 bytes / 255 -> dense 6
// relu (with dropout while training) -> dense 10 softmax, sparse categorical cross-entropy,
// Adam. Its training step has two stages and its weight gradients four lanes, so it depends on
// everything that the runtime promises: threads, workers' own memory, the order of samples,
// iteration and seed.
#ifndef NNCC_TESTS_TINYPROGRAM_H
#define NNCC_TESTS_TINYPROGRAM_H

#include <functional>

#include "abi.h"

namespace nncc::tests {

constexpr int kTinyBatch = 8;
constexpr int kTinyEpochs = 3;

// Entries: training step, evaluate, predict. Its data are CIFAR-10's binary files
// "train*.bin" and "test*.bin" (validation and test) of the folder "tiny".
extern const NnccProgram tinyProgram;
// The same in double precision, with gradients instead of a training step.
extern const NnccProgram tinyProgram64;

// Called at the start of each training step; a test's way to interrupt or break one.
std::function<void(const NnccCall &)> &beforeTinyStep();

// Mistakes for the gradient check to find.
enum class TinyBug { None, HiddenKernelTenPercentOff, OneElementWrong, OutputBiasZero, ForgottenRelu };
extern TinyBug tinyBug;

}  // namespace nncc::tests

#endif  // NNCC_TESTS_TINYPROGRAM_H
