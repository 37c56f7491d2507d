//===- NNOps.td - ops of the nn dialect -------------------------*- tablegen -*-===//
//
// Families in the order of ops/*.cpp, where each op's shape rule, verifier and gradient
// stand together. N is the number of samples.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_TD
#define NNCC_NN_OPS_TD

include "nn/NNDialect.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

//===----------------------------------------------------------------------===//
// Program: ops/Program.cpp
//===----------------------------------------------------------------------===//

def NN_ProgramOp : NN_Op<"program", [IsolatedFromAbove, SymbolTable, Symbol, NoTerminator,
    SingleBlock, NoRegionArguments]> {
  let summary = "A model: its parameters, optimizer slots and entry functions";
  let description = [{
    `layers` lists the layers for people (name, kind, inputs, shape, parameters); `train`
    and `data` carry the YAML's sections of these names with defaults filled in;
    `lanes` is the number of partial sums of each weight gradient; `weights` is the YAML's
    section of that name, if there is one: a file that training starts from.

    Entry functions are `func.func`s with the attribute `nn.entry`: `predict`, `features`
    (every layer's value) and, where the model is trained, `evaluate` come from the frontend,
    `train_step` or `gradients` from `nn-differentiate`, and `accumulate` where several steps
    make one update. Their arguments carry `nn.role` (input, target, samples, learning_rate,
    iteration, update) and `nn.name`, their results `nn.name` and, where they are outputs for
    metrics over all samples, the role scores.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$batch,
    DefaultValuedAttr<I64Attr, "8">:$lanes, ArrayAttr:$layers, DictionaryAttr:$train,
    DictionaryAttr:$data, OptionalAttr<DictionaryAttr>:$weights);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def NN_ParameterOp : NN_Op<"parameter", [Symbol, HasParent<"ProgramOp">]> {
  let summary = "A weight of the model, named layer.weight";
  let description = [{
    `initializer` is a dictionary with the `name` of one of Keras's initializers and its
    options; the fans scale it. `l1` and `l2` are the factors of its penalty
    l1 sum|w| + l2 sum w^2, which belongs to the loss. `rate_multiplier` is its share of the
    learning rate.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<NN_FloatTensor>:$type,
    DictionaryAttr:$initializer, I64Attr:$fan_in, I64Attr:$fan_out,
    DefaultValuedAttr<BoolAttr, "true">:$trainable, OptionalAttr<F64Attr>:$l1,
    OptionalAttr<F64Attr>:$l2, OptionalAttr<F64Attr>:$rate_multiplier);
  let assemblyFormat = "$sym_name `:` $type attr-dict";
}

def NN_SlotOp : NN_Op<"slot", [Symbol, HasParent<"ProgramOp">]> {
  let summary = "What an optimizer remembers of a parameter";
  let description = "Every element is `initial` at the start, zero where that is absent.";
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<NN_FloatTensor>:$type,
    OptionalAttr<F64Attr>:$initial);
  let assemblyFormat = "$sym_name `:` $type attr-dict";
}

def NN_ReadOp : NN_Op<"read", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    MemoryEffects<[MemRead]>]> {
  let summary = "The value of a parameter or slot";
  let arguments = (ins FlatSymbolRefAttr:$symbol);
  let results = (outs NN_FloatTensor:$value);
  let assemblyFormat = "$symbol attr-dict `:` type($value)";
}

def NN_WriteOp : NN_Op<"write", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    MemoryEffects<[MemWrite]>]> {
  let summary = "Replaces the value of a parameter or slot";
  let arguments = (ins FlatSymbolRefAttr:$symbol, NN_FloatTensor:$value);
  let assemblyFormat = "$symbol `,` $value attr-dict `:` type($value)";
}

//===----------------------------------------------------------------------===//
// Convolution: ops/Convolution.cpp
//===----------------------------------------------------------------------===//

defvar NN_Dilations = DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">;
defvar NN_Groups = DefaultValuedAttr<I64Attr, "1">;

class NN_ConvolutionOp<string mnemonic, list<Trait> traits = []>
    : NN_ComputeOp<mnemonic, "Anchor", !listconcat([NN_Infers], traits)>;

def NN_Conv2DOp : NN_ConvolutionOp<"conv2d", [NN_Differentiable,
    AllElementTypesMatch<["src", "weights", "dst"]>]> {
  let summary = "2D convolution (cross-correlation, as in Keras)";
  let description = [{
    src [N,H,W,ic], weights [kh,kw,ic/groups,oc], bias [oc] -> dst [N,oh,ow,oc] with
    oh = (H + top + bottom - (kh - 1) * dilation - 1) / sh + 1, and ow likewise. `pads` are
    the zeros at the top, left, bottom and right; `dilations` the steps from one weight to
    the next. With `groups` the channels are cut into as many parts, and each part of dst
    sees its part of src alone: a depthwise convolution has a group for each channel of src.

    ```mlir
    %dst = nn.conv2d %src, %weights bias %bias {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
        : tensor<32x30x30x32xf32>, tensor<3x3x32x32xf32>, tensor<32xf32> -> tensor<32x28x28x32xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$weights,
    Optional<NN_FloatTensor>:$bias, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
    NN_Dilations:$dilations, NN_Groups:$groups);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = [{
    $src `,` $weights (`bias` $bias^)? attr-dict `:`
    type($src) `,` type($weights) (`,` type($bias)^)? `->` type($dst)
  }];
}

def NN_Conv2DBwdDataOp : NN_ConvolutionOp<"conv2d_bwd_data", [NN_Differentiable,
    AllElementTypesMatch<["diff_dst", "weights", "diff_src"]>]> {
  let summary = "Gradient of conv2d for src; as a layer, the transposed convolution";
  let description = [{
    diff_dst [N,oh,ow,oc], weights [kh,kw,oc/groups,ic] (the forward's with the channels
    exchanged in each group, so that the output channels of this op are innermost), bias
    [ic] (a transposed convolution's) -> diff_src [N,H,W,ic] with `src_size` = [H,W].
  }];
  let arguments = (ins NN_FloatTensor:$diff_dst, NN_FloatTensor:$weights,
    Optional<NN_FloatTensor>:$bias, DenseI64ArrayAttr:$src_size, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$pads, NN_Dilations:$dilations, NN_Groups:$groups);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = [{
    $diff_dst `,` $weights (`bias` $bias^)? attr-dict `:`
    type($diff_dst) `,` type($weights) (`,` type($bias)^)? `->` type($diff_src)
  }];
}

def NN_Conv2DBwdWeightsOp : NN_ConvolutionOp<"conv2d_bwd_weights",
    [NN_NotDifferentiable, NN_ReducesSamples, AllElementTypesMatch<["src", "diff_dst"]>]> {
  let summary = "Gradient of conv2d for weights and bias, summed over the samples";
  let description = [{
    src [N,H,W,ic], diff_dst [N,oh,ow,oc] -> diff_weights [kh,kw,ic/groups,oc] with
    `kernel_size` = [kh,kw], diff_bias [oc].
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$diff_dst,
    DenseI64ArrayAttr:$kernel_size, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
    NN_Dilations:$dilations, NN_Groups:$groups);
  let results = (outs NN_FloatTensor:$diff_weights, NN_FloatTensor:$diff_bias);
  let assemblyFormat = [{
    $src `,` $diff_dst attr-dict `:` type($src) `,` type($diff_dst) `->`
    type($diff_weights) `,` type($diff_bias)
  }];
}

def NN_DenseBwdWeightsWholeOp : NN_ComputeOp<"dense_bwd_weights_whole", "Anchor",
    [NN_Infers, NN_NotDifferentiable, NN_ComputesRows, AllElementTypesMatch<["src", "diff_dst"]>]> {
  let summary = "Gradient of dense for weights, of a whole batch, in rows that need nothing of each other";
  let description = [{
    src [N,in], diff_dst [N,out], samples -> diff_weights [in,out], summed over the first `samples` times
    `rows` of the N rows: `rows` is how many of them each sample has.
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$diff_dst, NN_Labels:$samples, I64Attr:$rows);
  let results = (outs NN_FloatTensor:$diff_weights);
  let assemblyFormat = [{
    $src `,` $diff_dst `,` $samples attr-dict `:` type($src) `,` type($diff_dst) `,` type($samples) `->`
    type($diff_weights)
  }];
}

def NN_BiasBwdOp : NN_ComputeOp<"bias_bwd", "Anchor",
    [NN_Infers, NN_NotDifferentiable, NN_ReducesSamples]> {
  let summary = "Gradient of a bias that is added to an image: the sum over samples and points";
  let description = "diff_dst [N,H,W,C] -> diff_bias [C].";
  let arguments = (ins NN_FloatTensor:$diff_dst);
  let results = (outs NN_FloatTensor:$diff_bias);
  let assemblyFormat = "$diff_dst attr-dict `:` type($diff_dst) `->` type($diff_bias)";
}

//===----------------------------------------------------------------------===//
// Pooling: ops/Pooling.cpp
//===----------------------------------------------------------------------===//

def NN_MaxPool2DOp : NN_ComputeOp<"max_pool2d", "Window", [NN_Infers, NN_Differentiable]> {
  let summary = "Maximum over windows";
  let description = [{
    src [N,H,W,C] -> dst [N,ph,pw,C] with ph = (H + top + bottom - pool_size[0]) /
    strides[0] + 1 rounded down, and pw likewise. `workspace` is the position of the
    maximum in its window, row by row, the first where several are equal. Padding never wins.
  }];
  let arguments = (ins NN_FloatTensor:$src, DenseI64ArrayAttr:$pool_size,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads);
  let results = (outs NN_FloatTensor:$dst, NN_Workspace:$workspace);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst) `,` type($workspace)";
  let hasCanonicalizer = 1;
}

def NN_MaxPool2DBwdOp : NN_ComputeOp<"max_pool2d_bwd", "Scatter", [NN_Infers, NN_NotDifferentiable]> {
  let summary = "Gradient of max_pool2d: each value goes to where the maximum was";
  let description = "diff_dst [N,ph,pw,C], workspace -> diff_src [N,H,W,C], `src_size` = [H,W].";
  let arguments = (ins NN_FloatTensor:$diff_dst, NN_Workspace:$workspace,
    DenseI64ArrayAttr:$src_size, DenseI64ArrayAttr:$pool_size,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = [{
    $diff_dst `,` $workspace attr-dict `:` type($diff_dst) `,` type($workspace) `->` type($diff_src)
  }];
}

//===----------------------------------------------------------------------===//
// Dense: ops/Dense.cpp
//===----------------------------------------------------------------------===//

def NN_DenseOp : NN_ComputeOp<"dense", "Anchor", [NN_Infers, NN_Differentiable,
    AllElementTypesMatch<["src", "weights", "dst"]>]> {
  let summary = "Fully connected: dst = src x weights + bias";
  let description = "src [N,in], weights [in,out], bias [out] -> dst [N,out].";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$weights,
    Optional<NN_FloatTensor>:$bias);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = [{
    $src `,` $weights (`bias` $bias^)? attr-dict `:`
    type($src) `,` type($weights) (`,` type($bias)^)? `->` type($dst)
  }];
}

def NN_DenseBwdDataOp : NN_ComputeOp<"dense_bwd_data", "Anchor", [NN_Infers, NN_NotDifferentiable,
    AllElementTypesMatch<["diff_dst", "weights", "diff_src"]>]> {
  let summary = "Gradient of dense for src";
  let description = "diff_dst [N,out], weights [out,in] (transposed) -> diff_src [N,in].";
  let arguments = (ins NN_FloatTensor:$diff_dst, NN_FloatTensor:$weights);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = [{
    $diff_dst `,` $weights attr-dict `:` type($diff_dst) `,` type($weights) `->` type($diff_src)
  }];
}

def NN_DenseBwdWeightsOp : NN_ComputeOp<"dense_bwd_weights", "Anchor",
    [NN_Infers, NN_NotDifferentiable, NN_ReducesSamples,
     AllElementTypesMatch<["src", "diff_dst"]>]> {
  let summary = "Gradient of dense for weights and bias, summed over the samples";
  let description = "src [N,in], diff_dst [N,out] -> diff_weights [in,out], diff_bias [out].";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$diff_dst);
  let results = (outs NN_FloatTensor:$diff_weights, NN_FloatTensor:$diff_bias);
  let assemblyFormat = [{
    $src `,` $diff_dst attr-dict `:` type($src) `,` type($diff_dst) `->`
    type($diff_weights) `,` type($diff_bias)
  }];
}

//===----------------------------------------------------------------------===//
// Pointwise: ops/Pointwise.cpp
//===----------------------------------------------------------------------===//

def NN_RescaleOp : NN_ComputeOp<"rescale", "Pointwise", [NN_Infers, NN_Differentiable]> {
  let summary = "dst = src * scale + offset, from pixels or floats to floats";
  let description = "`type` is the element type of the result.";
  let arguments = (ins NN_Pixels:$src, F64Attr:$scale, F64Attr:$offset, TypeAttr:$type);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst)";
}

def NN_AddOp : NN_ComputeOp<"add", "Pointwise", [SameOperandsAndResultType, NN_Differentiable, Commutative]> {
  let summary = "lhs + rhs, of one shape";
  let arguments = (ins NN_FloatTensor:$lhs, NN_FloatTensor:$rhs);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($dst)";
}

def NN_MultiplyOp : NN_ComputeOp<"multiply", "Pointwise", [SameOperandsAndResultType, NN_Differentiable, Commutative]> {
  let summary = "lhs * rhs, of one shape";
  let arguments = (ins NN_FloatTensor:$lhs, NN_FloatTensor:$rhs);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($dst)";
}

//===----------------------------------------------------------------------===//
// Shape: ops/Shape.cpp
//===----------------------------------------------------------------------===//

def NN_ReshapeOp : NN_Op<"reshape", [Pure, NN_Differentiable, NN_FusibleOpInterface]> {
  let summary = "The same elements in row-major order under another shape";
  let description = "A view: it costs nothing. Dimension 0 stays.";
  let arguments = (ins NN_AnyTensor:$src);
  let results = (outs NN_AnyTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst)";
  let extraClassDeclaration = [{
    ::nncc::nn::FusionRole getFusionRole() { return ::nncc::nn::FusionRole::View; }
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def NN_PermuteOp : NN_ComputeOp<"permute", "Standalone", [NN_Infers, NN_Differentiable]> {
  let summary = "Dimension i of dst is dimension perm[i] of src";
  let arguments = (ins NN_FloatTensor:$src, DenseI64ArrayAttr:$perm);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Losses and metrics: ops/Losses.cpp
//===----------------------------------------------------------------------===//

def NN_SoftmaxOp : NN_ComputeOp<"softmax", "Row", [SameOperandsAndResultType, NN_Differentiable]> {
  let summary = "exp(src) over its sum, along the last dimension";
  let arguments = (ins NN_FloatTensor:$src);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($dst)";
}

def NN_SoftmaxBwdOp : NN_ComputeOp<"softmax_bwd", "Row", [SameOperandsAndResultType, NN_NotDifferentiable]> {
  let summary = "dst * (diff_dst - sum(dst * diff_dst)), along the last dimension";
  let arguments = (ins NN_FloatTensor:$dst, NN_FloatTensor:$diff_dst);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = "$dst `,` $diff_dst attr-dict `:` type($diff_src)";
}

def NN_SparseSoftmaxCrossEntropyOp : NN_ComputeOp<"sparse_softmax_cross_entropy", "Row",
    [NN_Infers, NN_Differentiable]> {
  let summary = "Cross-entropy of softmax(logits) against class numbers, one value a sample";
  let description = [{
    logits [N,K], labels [N] -> loss [N] = logsumexp(logits) - logits[label]. With
    `label_smoothing` s a label stands for 1 - s of its class and s / K of every class;
    `class_weights` has a factor of the loss for each class. Absent where they change nothing.
  }];
  let arguments = (ins NN_FloatTensor:$logits, NN_Labels:$labels,
    OptionalAttr<F64Attr>:$label_smoothing, OptionalAttr<DenseF64ArrayAttr>:$class_weights);
  let results = (outs NN_FloatTensor:$loss);
  let assemblyFormat = "$logits `,` $labels attr-dict `:` type($logits) `,` type($labels) `->` type($loss)";
}

def NN_SparseSoftmaxCrossEntropyBwdOp : NN_ComputeOp<"sparse_softmax_cross_entropy_bwd", "Row",
    [NN_Infers, NN_NotDifferentiable, AllElementTypesMatch<["logits", "diff_loss"]>]> {
  let summary = "(softmax(logits) - onehot(labels)) * diff_loss";
  let description = "diff_loss is a scalar, the same for every sample, or has a number for each, [N].";
  let arguments = (ins NN_FloatTensor:$logits, NN_Labels:$labels, NN_FloatTensor:$diff_loss,
    OptionalAttr<F64Attr>:$label_smoothing, OptionalAttr<DenseF64ArrayAttr>:$class_weights);
  let results = (outs NN_FloatTensor:$diff_logits);
  let assemblyFormat = [{
    $logits `,` $labels `,` $diff_loss attr-dict `:`
    type($logits) `,` type($labels) `,` type($diff_loss) `->` type($diff_logits)
  }];
}

def NN_SparseCrossEntropyOp : NN_Op<"sparse_cross_entropy", [Pure,
    NN_Infers]> {
  let summary = "Cross-entropy of probabilities against class numbers, one value a sample";
  let description = [{
    probabilities [N,K] that come from `nn.softmax`, labels [N] -> loss [N]. Canonicalization
    turns it into `nn.sparse_softmax_cross_entropy` of the softmax's operand, which loses no
    digits; there is no other way to compile it.
  }];
  let arguments = (ins NN_FloatTensor:$probabilities, NN_Labels:$labels,
    OptionalAttr<F64Attr>:$label_smoothing, OptionalAttr<DenseF64ArrayAttr>:$class_weights);
  let results = (outs NN_FloatTensor:$loss);
  let assemblyFormat = [{
    $probabilities `,` $labels attr-dict `:` type($probabilities) `,` type($labels) `->` type($loss)
  }];
  let hasCanonicalizer = 1;
}

def NN_SparseCategoricalAccuracyOp : NN_ComputeOp<"sparse_categorical_accuracy", "Row",
    [NN_Infers, NN_NotDifferentiable]> {
  let summary = "1 where the first maximum of scores is the label, else 0";
  let arguments = (ins NN_FloatTensor:$scores, NN_Labels:$labels);
  let results = (outs NN_FloatTensor:$correct);
  let assemblyFormat = "$scores `,` $labels attr-dict `:` type($scores) `,` type($labels) `->` type($correct)";
  let hasCanonicalizer = 1;
}

def NN_LossSeedOp : NN_ComputeOp<"loss_seed", "Pointwise", [NN_Infers, NN_NotDifferentiable]> {
  let summary = "weight / samples: the gradient of the mean loss for each sample's loss";
  let arguments = (ins NN_Labels:$samples, F64Attr:$weight, TypeAttr:$type);
  let results = (outs NN_FloatTensor:$seed);
  let assemblyFormat = "$samples attr-dict `:` type($samples) `->` type($seed)";
}

//===----------------------------------------------------------------------===//
// Optimizers: ops/Optimizers.cpp
//===----------------------------------------------------------------------===//

def NN_SumLanesOp : NN_ComputeOp<"sum_lanes", "Pointwise", [NN_Infers, NN_NotDifferentiable]> {
  let summary = "Sum over dimension 0 as a balanced tree, the same on any number of threads";
  let arguments = (ins NN_FloatTensor:$src);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($dst)";
}

def NN_AdamUpdateOp : NN_ComputeOp<"adam_update", "Pointwise", [AllTypesMatch<["parameter", "gradient", "m", "v",
     "new_parameter", "new_m", "new_v"]>, NN_NotDifferentiable]> {
  let summary = "One step of Adam (Kingma and Ba 2015, in the form of its section 2), as Keras has it";
  let description = [{
    alpha = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) with t = iteration from 1;
    m += (g - m)(1 - beta_1); v += (g^2 - v)(1 - beta_2); parameter -= alpha m / (sqrt(v) + epsilon).
  }];
  let arguments = (ins NN_FloatTensor:$parameter, NN_FloatTensor:$gradient, NN_FloatTensor:$m,
    NN_FloatTensor:$v, TensorOf<[F64]>:$learning_rate, TensorOf<[I64]>:$iteration,
    F64Attr:$beta_1, F64Attr:$beta_2, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$new_parameter, NN_FloatTensor:$new_m, NN_FloatTensor:$new_v);
  let assemblyFormat = [{
    $parameter `,` $gradient `,` $m `,` $v `,` $learning_rate `,` $iteration attr-dict `:`
    type($parameter) `,` type($learning_rate) `,` type($iteration)
  }];
  let hasVerifier = 1;
}

// Families whose definitions stand beside their rules.
include "nn/ops/Activations.td"
include "nn/ops/AveragePooling.td"
include "nn/ops/Criteria.td"
include "nn/ops/Dropout.td"
include "nn/ops/Embedding.td"
include "nn/ops/Layout.td"
include "nn/ops/Merge.td"
include "nn/ops/Normalization.td"
include "nn/ops/Optimizers.td"
include "nn/ops/Gradients.td"

#endif // NNCC_NN_OPS_TD
