//===- KernelOps.td - ops of the kernel dialect -----------------*- tablegen -*-===//
#ifndef NNCC_KERNEL_OPS_TD
#define NNCC_KERNEL_OPS_TD

include "kernel/KernelDialect.td"

class Kernel_Op<string mnemonic, list<Trait> traits = []> : Op<Kernel_Dialect, mnemonic, traits>;

def Kernel_StageOp : Kernel_Op<"stage"> {
  let summary = "Begins a stage: what follows, up to the next one, is run slice by slice";
  let description = [{
    Cut over `samples`, `tasks` lanes each take an equal share of the batch's samples in
    order and walk it in slices of at most `slice` samples; over `elements`, the tasks take
    equal shares of each buffer's elements; over `nothing`, kernels run whole, and a task is one of them
    or, where some read what others write, the chain of these.
    The number of tasks does not depend on the number of threads, so neither do the bits.

    A stage over samples may be `joined` to the one before: each task goes on with its samples, in slices
    of another size, and waits for no other.
  }];
  let arguments = (ins EnumAttr<Kernel_Dialect, Kernel_Over, "over">:$over, I64Attr:$tasks,
    DefaultValuedAttr<I64Attr, "0">:$slice, UnitAttr:$joined);
  let assemblyFormat = "$over `tasks` $tasks attr-dict";
  let hasVerifier = 1;
}

def Kernel_FusedOp : Kernel_Op<"fused", [IsolatedFromAbove, Pure,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "One kernel";
  let description = [{
    The body computes the results from the inputs in nn ops; at most one of them is an
    anchor. `sliced_inputs` and `sliced_results` tell which have samples (or, in a stage
    over elements, elements) to be cut. `accumulates` marks results that are partial sums,
    one for each lane: outside the kernel they have a leading dimension of lanes.
    `in_place[i]` is the input whose memory result i overwrites, or -1.

    `lengths` is the entry's argument that tells how many steps of each sample are data, of a kernel over
    sequences that stops where the longest sample of its task ends: nobody reads its results behind that.

    Code generation adds `symbol`, `schedule` and the types of `scratch` buffers, of which those in
    `kept_scratch` hold through all slices of a task what the first left in them, or through all tasks of
    the stage what a call without samples left before they began (`isPrepared` in Dialect.h);
    `kernel-plan` adds `buffers` and `scratch_buffers`.
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$name,
    DenseBoolArrayAttr:$sliced_inputs, DenseBoolArrayAttr:$sliced_results,
    DenseBoolArrayAttr:$accumulates, DenseI64ArrayAttr:$in_place,
    OptionalAttr<StrAttr>:$symbol, OptionalAttr<StrAttr>:$schedule,
    OptionalAttr<UnitAttr>:$reference, OptionalAttr<F64Attr>:$flops,
    OptionalAttr<I64Attr>:$lengths,
    OptionalAttr<TypeArrayAttr>:$scratch,
    OptionalAttr<DenseBoolArrayAttr>:$sliced_scratch,
    OptionalAttr<DenseBoolArrayAttr>:$kept_scratch,
    OptionalAttr<ArrayAttr>:$buffers, OptionalAttr<ArrayAttr>:$scratch_buffers);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name ` ` `(` $inputs `)` attr-dict-with-keyword `:` functional-type($inputs, $results) $body
  }];
  let hasVerifier = 1;
}

def Kernel_YieldOp : Kernel_Op<"yield", [Pure, Terminator, ReturnLike, HasParent<"FusedOp">]> {
  let summary = "The results of a kernel";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif // NNCC_KERNEL_OPS_TD
