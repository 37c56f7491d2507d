//===- Gradients.td - what happens to gradients before an update -*- tablegen -*-===//
//
// Rules in ops/Gradients.cpp. All but sum_of_squares and clip_scale are pointwise and fuse into
// the update.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_GRADIENTS_TD
#define NNCC_NN_OPS_GRADIENTS_TD

include "nn/NNDialect.td"

def NN_RegularizeOp : NN_ComputeOp<"regularize", "Pointwise", [NN_NotDifferentiable,
    AllTypesMatch<["gradient", "parameter", "dst"]>]> {
  let summary = "gradient plus that of the penalty l1 sum|w| + l2 sum w^2 of its parameter";
  let description = "dst = gradient + l1 sign(parameter) + 2 l2 parameter, with sign(0) = 0.";
  let arguments = (ins NN_FloatTensor:$gradient, NN_FloatTensor:$parameter, F64Attr:$l1, F64Attr:$l2);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$gradient `,` $parameter attr-dict `:` type($dst)";
}

def NN_ClipValueOp : NN_ComputeOp<"clip_value", "Pointwise", [NN_NotDifferentiable,
    SameOperandsAndResultType]> {
  let summary = "src within -limit and limit; what is no number stays so";
  let arguments = (ins NN_FloatTensor:$src, F64Attr:$limit);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($dst)";
}

def NN_AccumulateOp : NN_ComputeOp<"accumulate", "Pointwise", [NN_NotDifferentiable,
    AllTypesMatch<["gradient", "accumulated", "dst"]>]> {
  let summary = "The sum of the gradients of the steps since the last update";
  let description = [{
    Every `steps`-th step, counted by `iteration` from 1, updates the parameters; the one after
    it starts a new sum: dst = gradient, else accumulated + gradient.
  }];
  let arguments = (ins NN_FloatTensor:$gradient, NN_FloatTensor:$accumulated,
    TensorOf<[I64]>:$iteration, I64Attr:$steps);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = [{
    $gradient `,` $accumulated `,` $iteration attr-dict `:` type($dst) `,` type($iteration)
  }];
  let hasVerifier = 1;
}

def NN_SumOfSquaresOp : NN_ComputeOp<"sum_of_squares", "Standalone", [NN_Infers,
    NN_NotDifferentiable, NN_ReducesElements]> {
  let summary = "The sum of the squares of all elements, in f64";
  let description = "In a step each task sums its own elements; the tasks' sums are added in a fixed tree.";
  let arguments = (ins NN_FloatTensor:$src);
  let results = (outs TensorOf<[F64]>:$dst);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst)";
}

def NN_ClipScaleOp : NN_ComputeOp<"clip_scale", "Standalone", [NN_Infers, NN_NotDifferentiable]> {
  let summary = "What gradients are multiplied by so that their common norm is at most `limit`";
  let description = [{
    norm = sqrt of the sum of `squares`; scale = limit / norm where the norm is larger, else 1,
    and no number where the norm is none.
  }];
  let arguments = (ins Variadic<TensorOf<[F64]>>:$squares, F64Attr:$limit);
  let results = (outs TensorOf<[F64]>:$scale);
  let assemblyFormat = "$squares attr-dict `:` type($squares) `->` type($scale)";
}

def NN_ScaleByOp : NN_ComputeOp<"scale_by", "Pointwise", [NN_NotDifferentiable,
    AllTypesMatch<["src", "dst"]>]> {
  let summary = "src times a scalar";
  let arguments = (ins NN_FloatTensor:$src, TensorOf<[F64]>:$scale);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src `,` $scale attr-dict `:` type($dst) `,` type($scale)";
  let hasVerifier = 1;
}

#endif // NNCC_NN_OPS_GRADIENTS_TD
