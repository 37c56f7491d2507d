//===- Sequence.td - sequences with lengths ---------------------------*- tablegen -*-===//
//
// A sample is a sequence of T steps, of which only the first lengths[n] count, 1 ... T. Rules: ops/Sequence.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_SEQUENCE_TD
#define NNCC_NN_OPS_SEQUENCE_TD

include "nn/NNDialect.td"

def NN_MaskStepsOp : NN_ComputeOp<"mask_steps", "Pointwise", [NN_Infers, NN_Differentiable]> {
  let summary = "src in the steps that count, `value` or the channels' `fill` in those behind them";
  let description = [{
    src [N,T,...,C], lengths [N], fill [C] -> dst like src. No gradient reaches `fill`: it stands where a value
    changes nothing.

    ```mlir
    %dst = nn.mask_steps %src, %lengths {value = 0.0} : tensor<4x9x3xf32>, tensor<4xi32> -> tensor<4x9x3xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_Labels:$lengths, Optional<NN_FloatTensor>:$fill, F64Attr:$value);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = [{
    $src `,` $lengths (`fill` $fill^)? attr-dict `:` type($src) `,` type($lengths) (`,` type($fill)^)? `->` type($dst)
  }];
}

def NN_ScaleLengthsOp : NN_ComputeOp<"scale_lengths", "Pointwise", [NN_Infers, NN_NotDifferentiable]> {
  let summary = "max(1, (lengths * multiply + add) / divide): how many steps a layer makes of so many";
  let description = [{
    lengths [N] -> dst [N]; the division rounds down. Of windows `stride` apart that need `extent` steps there are
    (length + stride - extent) / stride, and one, filled up, of a sequence shorter than the first.

    ```mlir
    %dst = nn.scale_lengths %lengths {add = -1 : i64, divide = 2 : i64, multiply = 1 : i64} : tensor<4xi32> -> tensor<4xi32>
    ```
  }];
  let arguments = (ins NN_Labels:$lengths, I64Attr:$multiply, I64Attr:$add, I64Attr:$divide);
  let results = (outs NN_Labels:$dst);
  let assemblyFormat = "$lengths attr-dict `:` type($lengths) `->` type($dst)";
}

def NN_CountStepsOp : NN_ComputeOp<"count_steps", "Standalone", [NN_Infers, NN_NotDifferentiable]> {
  let summary = "All steps that count in a batch: the sum of the lengths of the samples that are there";
  let description = "lengths [N] of the whole batch, samples -> dst, a scalar.";
  let arguments = (ins NN_Labels:$lengths, NN_Labels:$samples);
  let results = (outs NN_Labels:$dst);
  let assemblyFormat = "$lengths `,` $samples attr-dict `:` type($lengths) `,` type($samples) `->` type($dst)";
}

def NN_RescaleWindowsOp : NN_ComputeOp<"rescale_windows", "Pointwise", [NN_Infers, NN_Differentiable]> {
  let summary = "Makes means over windows of a sequence whose steps behind its length are zeros means over the others";
  let description = [{
    src [N,windows,...], lengths [N] -> dst like src. Window i sees the steps from i * stride - pad on, `window` of
    them; dst = src * (those of them among the first `steps`) / (those among the first lengths[n], at least 1).
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_Labels:$lengths, I64Attr:$steps, I64Attr:$window, I64Attr:$stride,
    I64Attr:$pad);
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
