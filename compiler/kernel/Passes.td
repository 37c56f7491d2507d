//===- Passes.td - passes on the kernel dialect -----------------*- tablegen -*-===//
#ifndef NNCC_KERNEL_PASSES_TD
#define NNCC_KERNEL_PASSES_TD

include "mlir/Pass/PassBase.td"

def FusePass : Pass<"kernel-fuse", "::nncc::nn::ProgramOp"> {
  let summary = "Groups the nn ops of every entry function into kernels";
  let description = [{
    By the ops' fusion roles, never by their names: an anchor takes the pointwise ops and
    the one window that follow it and that alone read it; what is left of pointwise ops and
    scatters is computed again in each kernel that reads it; row ops that share an operand
    become one kernel. Views stay between the kernels and cost nothing.
  }];
  let statistics = [
    Statistic<"numKernels", "kernels", "kernels made">,
    Statistic<"numRecomputed", "recomputed", "cheap ops computed in more than one kernel">
  ];
  let dependentDialects = ["::nncc::kernel::KernelDialect"];
}

def StagePass : Pass<"kernel-stage", "::nncc::nn::ProgramOp"> {
  let summary = "Orders the kernels into stages and says what each is cut over";
  let description = [{
    A kernel that reads something with a sample dimension runs over slices of samples; one
    that reads only parameters runs once before them; one that reads sums over the samples
    comes in a later stage, cut over elements where it works element by element, else whole.
    Parameters are written in the last stage.
  }];
  let dependentDialects = ["::nncc::kernel::KernelDialect"];
}

def LengthsPass : Pass<"kernel-lengths", "::nncc::nn::ProgramOp"> {
  let summary = "Lets kernels over sequences stop where the longest sample ends";
  let description = [{
    Of sequences with lengths the steps behind a sample's last are padding. A kernel that works step by step, or a
    recurrence, leaves out the steps that no sample of its task has, where nobody reads what it would have put there;
    a sum over steps does where it would add zeros.
  }];
  let statistics = [Statistic<"numStopping", "stopping", "kernels that stop">];
  let dependentDialects = ["::nncc::kernel::KernelDialect"];
}

def PlanPass : Pass<"kernel-plan", "::nncc::nn::ProgramOp"> {
  let summary = "Gives every buffer its place and every stage its slice";
  let description = [{
    Buffers share memory when their lives do not meet: in a worker's part, kernel by kernel;
    in the shared part, stage by stage, because tasks of a stage run at the same time.
    A stage over samples is cut into phases and slices so that little memory is moved (passes/Slices.cpp).
  }];
  let options = [
    Option<"cacheBytes", "cache-bytes", "int64_t", "1 << 20", "size of the L2 cache">
  ];
  let dependentDialects = ["::nncc::kernel::KernelDialect"];
}

#endif // NNCC_KERNEL_PASSES_TD
