//===- Sequence.td - sequences with lengths ---------------------------*- tablegen -*-===//
//
// A sample is a sequence of T steps, of which only the first lengths[n] count, 1 ... T. Rules: ops/Sequence.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_SEQUENCE_TD
#define NNCC_NN_OPS_SEQUENCE_TD

include "nn/NNDialect.td"

def NN_MaskStepsOp : NN_ComputeOp<"mask_steps", "Pointwise", [NN_Infers, NN_Differentiable]> {
  let summary = "src in the steps that count, `value` in those behind them";
  let description = [{
    ```mlir
    %dst = nn.mask_steps %src, %lengths {value = 0.0} : tensor<4x9x3xf32>, tensor<4xi32> -> tensor<4x9x3xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_Labels:$lengths, F64Attr:$value);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src `,` $lengths attr-dict `:` type($src) `,` type($lengths) `->` type($dst)";
}

def NN_DivideByLengthsOp : NN_ComputeOp<"divide_by_lengths", "Pointwise", [NN_Infers, NN_Differentiable]> {
  let summary = "src * factor / lengths[n]: with the number of all steps as factor, means over them become means over those that count";
  let description = "src [N,...], lengths [N] -> dst like src.";
  let arguments = (ins NN_FloatTensor:$src, NN_Labels:$lengths, F64Attr:$factor);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src `,` $lengths attr-dict `:` type($src) `,` type($lengths) `->` type($dst)";
}

def NN_LastStepOp : NN_ComputeOp<"last_step", "Standalone", [NN_Infers, NN_Differentiable]> {
  let summary = "Of each sample the last step that counts";
  let description = "src [N,T,...], lengths [N] -> dst [N,...]. A length is held to 1 ... T.";
  let arguments = (ins NN_FloatTensor:$src, NN_Labels:$lengths);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src `,` $lengths attr-dict `:` type($src) `,` type($lengths) `->` type($dst)";
}

def NN_LastStepBwdOp : NN_ComputeOp<"last_step_bwd", "Standalone", [NN_Infers, NN_NotDifferentiable]> {
  let summary = "Gradient of last_step: diff_dst in the last step that counts, zeros in the others";
  let description = "diff_dst [N,...], lengths [N] -> diff_src [N,steps,...].";
  let arguments = (ins NN_FloatTensor:$diff_dst, NN_Labels:$lengths, I64Attr:$steps);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = "$diff_dst `,` $lengths attr-dict `:` type($diff_dst) `,` type($lengths) `->` type($diff_src)";
}

#endif // NNCC_NN_OPS_SEQUENCE_TD
