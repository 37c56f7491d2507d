//===- Dropout.td - ops of ops/Dropout.cpp ----------------------*- tablegen -*-===//
#ifndef NNCC_NN_OPS_DROPOUT_TD
#define NNCC_NN_OPS_DROPOUT_TD

include "nn/NNDialect.td"

def NN_DropoutOp : NN_Op<"dropout", [Pure, SameOperandsAndResultType, NN_Modal]> {
  let summary = "Dropout (Srivastava et al. 2014): nothing, but in training `random_dropout`";
  let description = "`stream` tells the dropouts of a program apart.";
  let arguments = (ins NN_FloatTensor:$src, F64Attr:$rate, I64Attr:$stream);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($dst)";
  let hasVerifier = 1;
}

def NN_RandomDropoutOp : NN_ComputeOp<"random_dropout", "Pointwise", [NN_Infers, NN_Differentiable]> {
  let summary = "0 with probability `rate`, else src / (1 - rate)";
  let description = [{
    src [N,...], sample_ids [N], seed and iteration scalars -> dst like src. What happens to an
    element is a function of seed, iteration, stream, the sample's number in the data set and
    the element's place in the sample: neither of threads nor of the place in the batch. Nothing
    is stored for the gradient, which draws again.
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_Labels:$sample_ids,
    StaticShapeTensorOf<[I64]>:$seed, StaticShapeTensorOf<[I64]>:$iteration,
    F64Attr:$rate, I64Attr:$stream);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = [{
    $src `,` $sample_ids `,` $seed `,` $iteration attr-dict `:` type($src) `,` type($sample_ids) `,`
    type($seed) `,` type($iteration) `->` type($dst)
  }];
}

#endif // NNCC_NN_OPS_DROPOUT_TD
