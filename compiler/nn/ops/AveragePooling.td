//===- AveragePooling.td - means over windows -------------------*- tablegen -*-===//
//
// Rules: ops/AveragePooling.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_AVERAGEPOOLING_TD
#define NNCC_NN_OPS_AVERAGEPOOLING_TD

include "nn/NNDialect.td"

// Few terms are written out where they are needed; many are summed in a kernel of their own.
class NN_AveragePoolOp<string mnemonic, list<Trait> traits>
    : NN_Op<mnemonic, !listconcat([Pure, NN_Infers, DeclareOpInterfaceMethods<NN_FusibleOpInterface>], traits)>;

def NN_AvgPool2DOp : NN_AveragePoolOp<"avg_pool2d", [NN_Differentiable]> {
  let summary = "Mean over windows";
  let description = [{
    src [N,H,W,C] -> dst [N,ph,pw,C], sizes as in `nn.max_pool2d`. Padding is not counted: the
    divisor is the number of elements that the window sees.
  }];
  let arguments = (ins NN_FloatTensor:$src, DenseI64ArrayAttr:$pool_size,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst)";
}

def NN_AvgPool2DBwdOp : NN_AveragePoolOp<"avg_pool2d_bwd", [NN_NotDifferentiable]> {
  let summary = "Gradient of avg_pool2d: each value in equal parts to the elements of its window";
  let description = "diff_dst [N,ph,pw,C] -> diff_src [N,H,W,C], `src_size` = [H,W].";
  let arguments = (ins NN_FloatTensor:$diff_dst, DenseI64ArrayAttr:$src_size,
    DenseI64ArrayAttr:$pool_size, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = "$diff_dst attr-dict `:` type($diff_dst) `->` type($diff_src)";
}

#endif // NNCC_NN_OPS_AVERAGEPOOLING_TD
