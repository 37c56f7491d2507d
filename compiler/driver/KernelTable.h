//===- KernelTable.h - the kernels of a planned program, for other tools ---===//
#ifndef NNCC_DRIVER_KERNELTABLE_H
#define NNCC_DRIVER_KERNELTABLE_H

#include "kernel/Dialect.h"
#include <string>

namespace nncc::driver {

// A JSON array with one object a call of a kernel, in the order of NnccCall.ticks:
//   {"entry": "train_step", "kernel": "conv2d+relu", "layer": "conv2d_1", "over": "samples",
//    "slice": 2,             samples of a call at most; 0 where samples are not what is cut
//    "schedule": "winograd(4x4,tile=2x7,rows=2)",
//    "flops": 14451000.0,    multiplications and additions of the plain algorithm, for one of what
//                            `over` cuts (a sample, an element), or for a call
//    "sample_bytes": 1000,   what arguments and results of one of them take, and what those take that
//    "call_bytes": 36864,    every call reads or writes whole
//    "key": "0123456789abcdef",  hash of the spec
//    "spec": {...}}          as in schedule/KernelSpec.h
std::string kernelTable(nn::ProgramOp program);

} // namespace nncc::driver

#endif // NNCC_DRIVER_KERNELTABLE_H
