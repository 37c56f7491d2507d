//===- Embedding.td - rows of a table, picked by index ----------*- tablegen -*-===//
//
// Rules: ops/Embedding.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_EMBEDDING_TD
#define NNCC_NN_OPS_EMBEDDING_TD

include "nn/NNDialect.td"

def NN_EmbeddingOp : NN_ComputeOp<"embedding", "Standalone", [NN_Infers, NN_Differentiable,
    AllElementTypesMatch<["src", "weights", "dst"]>]> {
  let summary = "For each element of src the row of weights that it numbers";
  let description = [{
    src [N,...], weights [rows,columns] -> dst [N,...,columns]. An index is cut to an integer, as
    Keras casts it, and held to 0 ... rows - 1 (not a number is 0), so that no memory outside of
    the table is read; who reads the data reports those outside. There is no gradient for src.

    ```mlir
    %dst = nn.embedding %src, %weights : tensor<4x6xf32>, tensor<100x8xf32> -> tensor<4x6x8xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$weights);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src `,` $weights attr-dict `:` type($src) `,` type($weights) `->` type($dst)";
}

def NN_EmbeddingBwdWeightsOp : NN_ComputeOp<"embedding_bwd_weights", "Anchor",
    [NN_Infers, NN_NotDifferentiable, NN_ReducesSamples,
     AllElementTypesMatch<["src", "diff_dst", "diff_weights"]>]> {
  let summary = "Gradient of embedding for weights, summed over the samples";
  let description = [{
    src [N,...], diff_dst [N,...,columns] -> diff_weights [rows,columns]: each row of diff_dst is
    added to the row of the table that it was picked from.
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$diff_dst, I64Attr:$rows);
  let results = (outs NN_FloatTensor:$diff_weights);
  let assemblyFormat = [{
    $src `,` $diff_dst attr-dict `:` type($src) `,` type($diff_dst) `->` type($diff_weights)
  }];
}

#endif // NNCC_NN_OPS_EMBEDDING_TD
