//===- Recurrent.h - recurrences over time and their gradients ------------===//
#ifndef NNCC_NN_OPS_RECURRENT_H
#define NNCC_NN_OPS_RECURRENT_H

#include "nn/Dialect.h"

#define GET_OP_CLASSES
#include "nn/ops/Recurrent.h.inc"

namespace nncc::nn {

// How an op is a loop over steps, of which each is one kernel. The kernel's operands are what is
// read, in the order of `reads`, and behind it the numbers i32 `first` (the loop's first step has
// nothing before it), `last` where there is one (its last step has nothing behind it) and, where there
// are lengths, the number of the step and the largest length of the slice. Its results are those of the op, each in parts of `units`
// columns.
struct Recurrence {
  // Of [N,T,columns] one step: the one that the loop is at, or the one it was at before or will be
  // at next. Whole: the value has no steps.
  enum class When { Whole, Step, Previous, Next };
  struct Read {
    bool result;      // of the loop itself, else an operand
    unsigned number;  // of the result or operand
    When when;
    // The operand [N,columns] that stands where there is no such step, or -1.
    int edge = -1;
  };
  int64_t steps, units;
  bool backwards;  // the loop runs from the last step to the first
  mlir::SmallVector<Read> reads;
  bool last = false;
  std::optional<unsigned> lengths = {};  // the operand
  unsigned numbers() const { return 1 + last + (lengths ? 2 : 0); }
  // What the kernel has to know beside its operands.
  mlir::SmallVector<std::pair<llvm::StringRef, double>> attributes;

  // Is the result needed by the loop itself?
  bool carries(unsigned result) const {
    return llvm::any_of(reads, [&](const Read &read) { return read.result && read.number == result; });
  }
};

// Nothing for an op that is no loop.
std::optional<Recurrence> recurrenceOf(mlir::Operation *op);
bool isRecurrence(mlir::Operation *op);

// The activations that a recurrence may have.
llvm::ArrayRef<llvm::StringRef> recurrentActivations();

} // namespace nncc::nn

#endif // NNCC_NN_OPS_RECURRENT_H
