//===- Explain.h - what the compiler decided, for people -------------------===//
#ifndef NNCC_DRIVER_EXPLAIN_H
#define NNCC_DRIVER_EXPLAIN_H

#include "kernel/Dialect.h"
#include "llvm/Support/raw_ostream.h"

namespace nncc::driver {

// Parameters, FLOPs, kernels with their schedules stage by stage, and the memory plan of
// every entry of a planned program.
void explain(nn::ProgramOp program, llvm::raw_ostream &out);

// Is there a parameter that training leaves alone?
bool hasFrozen(nn::ProgramOp program);

// What freezing saves: the program against the same one with nothing frozen.
void explainFrozen(nn::ProgramOp program, nn::ProgramOp unfrozen, llvm::raw_ostream &out);

} // namespace nncc::driver

#endif // NNCC_DRIVER_EXPLAIN_H
