//===- KernelDialect.td - fused kernels, stages, buffers --------*- tablegen -*-===//
#ifndef NNCC_KERNEL_DIALECT_TD
#define NNCC_KERNEL_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::nncc::kernel";
  let summary = "Fused kernels, the stages that run them, and where their results live";
  let description = [{
    An entry function of the program after fusion: every op is a `kernel.fused` whose body
    says in nn ops what one kernel computes. `kernel.stage` markers cut the function into
    stages; a barrier stands between two. Values stay SSA tensors to the end, so that the
    memory plan is an annotation that can be checked against the uses.
  }];
  let useDefaultAttributePrinterParser = 1;
}

def Kernel_Over : I32EnumAttr<"Over", "what a stage is cut into slices over", [
    I32EnumAttrCase<"Nothing", 0, "nothing">,
    I32EnumAttrCase<"Samples", 1, "samples">,
    I32EnumAttrCase<"Elements", 2, "elements">]> {
  let cppNamespace = "::nncc::kernel";
  let genSpecializedAttr = 0;
}

def Kernel_Space : I32EnumAttr<"Space", "where a buffer lives", [
    // In the arena, once for all threads.
    I32EnumAttrCase<"Shared", 0, "shared">,
    // In each worker's part of the arena, for one slice.
    I32EnumAttrCase<"Worker", 1, "worker">,
    // In each worker's part, for all samples of a task.
    I32EnumAttrCase<"Task", 5, "task">,
    // In the arena, once for each lane.
    I32EnumAttrCase<"Lanes", 2, "lanes">,
    // Output number `offset` of the entry function.
    I32EnumAttrCase<"Output", 3, "output">,
    // The parameter or slot that the value is written to.
    I32EnumAttrCase<"Symbol", 4, "symbol">]> {
  let cppNamespace = "::nncc::kernel";
  let genSpecializedAttr = 0;
}

def Kernel_BufferAttr : AttrDef<Kernel_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "The place of one result of a kernel";
  let description = [{
    `offset` counts bytes from the start of the space; `bytes` is the size of the buffer:
    of one slice in `worker`, of a task's samples in `task`, of all lanes in `lanes`.
  }];
  let parameters = (ins EnumParameter<Kernel_Space>:$space, "int64_t":$offset, "int64_t":$bytes);
  let assemblyFormat = "`<` $space `,` $offset `,` $bytes `>`";
}

#endif // NNCC_KERNEL_DIALECT_TD
