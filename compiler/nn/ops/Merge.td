//===- Merge.td - several tensors of one shape, element by element -*- tablegen -*-===//
//
// The larger of two, and its gradient; sums and products are plain pointwise ops (NNOps.td).
// Rules: ops/Merge.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_MERGE_TD
#define NNCC_NN_OPS_MERGE_TD

include "nn/NNDialect.td"

def NN_MaximumOp : NN_ComputeOp<"maximum", "Pointwise", [SameOperandsAndResultType, NN_Differentiable]> {
  let summary = "The larger of lhs and rhs, of one shape";
  let arguments = (ins NN_FloatTensor:$lhs, NN_FloatTensor:$rhs);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($dst)";
}

def NN_MaximumBwdOp : NN_ComputeOp<"maximum_bwd", "Pointwise", [SameOperandsAndResultType, NN_NotDifferentiable]> {
  let summary = "Gradient of maximum for one of its operands: diff_dst where that one is dst, else 0";
  let description = [{
    `operand` is 0 for lhs, 1 for rhs. Where both are equal, lhs has all of the gradient, as in
    TensorFlow.
  }];
  let arguments = (ins NN_FloatTensor:$lhs, NN_FloatTensor:$rhs, NN_FloatTensor:$diff_dst,
    ConfinedAttr<I64Attr, [IntNonNegative, IntMaxValue<1>]>:$operand);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = "$lhs `,` $rhs `,` $diff_dst attr-dict `:` type($diff_src)";
}

#endif // NNCC_NN_OPS_MERGE_TD
