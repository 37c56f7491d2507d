//===- Phases.h - the stops on a model's way -------------------------------===//
//
// The one list of phases: `--emit`, its help and the compiler's order come from here.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_DRIVER_PHASES_H
#define NNCC_DRIVER_PHASES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace nncc::driver {

enum class Phase { Json, NN, NNTrain, Kernel, Stmt, LLVM, Obj, Exe };

struct PhaseInfo {
  Phase phase;
  const char *name;  // for --emit
  const char *doc;
  bool printed;      // goes to standard output unless -o is given
};

inline constexpr PhaseInfo kPhases[] = {
    {Phase::Json, "json", "the checked model, for other tools", true},
    {Phase::NN, "nn", "the network as one op a layer", true},
    {Phase::NNTrain, "nn-train", "with the training step: gradients and updates", true},
    {Phase::Kernel, "kernel", "fused kernels in stages, with schedules and the memory plan", true},
    {Phase::Stmt, "stmt", "the loop nest of every kernel, as Halide lowers it", true},
    {Phase::LLVM, "llvm", "the step as LLVM IR", true},
    {Phase::Obj, "obj", "kernels and step as one object file", false},
    {Phase::Exe, "exe", "the trainer", false},
};

inline const PhaseInfo &info(Phase phase) {
  for (const PhaseInfo &entry : kPhases)
    if (entry.phase == phase) return entry;
  return kPhases[0];
}

} // namespace nncc::driver

#endif // NNCC_DRIVER_PHASES_H
