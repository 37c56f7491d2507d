//===- Layout.td - parts of tensors, put together and taken apart -*- tablegen -*-===//
//
// Each is the gradient of another: pad and slice, concatenate and slice. Dimension 0, the
// samples, is never cut. Rules: ops/Layout.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_LAYOUT_TD
#define NNCC_NN_OPS_LAYOUT_TD

include "nn/NNDialect.td"

// The roles: reading a slice, a border or a repeated element costs a load, so that a reader
// takes it in as it takes the gradient of a window. A concatenation is written part by part.

def NN_SliceOp : NN_ComputeOp<"slice", "Scatter", [NN_Infers, NN_Differentiable]> {
  let summary = "The elements begin[i] ... begin[i] + size[i] - 1 along each dimension i";
  let description = [{
    ```mlir
    %dst = nn.slice %src {begin = array<i64: 0, 1, 1, 0>, size = array<i64: 4, 2, 2, 3>}
        : tensor<4x4x4x3xf32> -> tensor<4x2x2x3xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$src, DenseI64ArrayAttr:$begin, DenseI64ArrayAttr:$size);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst)";
}

def NN_PadOp : NN_ComputeOp<"pad", "Scatter", [NN_Infers, NN_Differentiable]> {
  let summary = "src with before[i] zeros before and after[i] zeros behind it along each dimension i";
  let arguments = (ins NN_FloatTensor:$src, DenseI64ArrayAttr:$before, DenseI64ArrayAttr:$after);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst)";
}

def NN_ConcatenateOp : NN_ComputeOp<"concatenate", "Standalone", [NN_Infers, NN_Differentiable]> {
  let summary = "The sources one behind the other along dimension `axis`";
  let arguments = (ins Variadic<NN_FloatTensor>:$srcs, I64Attr:$axis);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$srcs attr-dict `:` type($srcs) `->` type($dst)";
}

def NN_UpsampleOp : NN_ComputeOp<"upsample", "Scatter", [NN_Infers, NN_Differentiable]> {
  let summary = "Each element size[0] times down and size[1] times to the right";
  let description = "src [N,H,W,C] -> dst [N, H * size[0], W * size[1], C].";
  let arguments = (ins NN_FloatTensor:$src, DenseI64ArrayAttr:$size);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst)";
}

#endif // NNCC_NN_OPS_LAYOUT_TD
