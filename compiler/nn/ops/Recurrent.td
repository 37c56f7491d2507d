//===- Recurrent.td - recurrent layers over time ----------------------*- tablegen -*-===//
//
// Rules: ops/Recurrent.cpp.
//
// Each op is a loop over the steps of its sequences. One step is one kernel: a matrix product with
// the recurrent weights and what is done with its sums, element by element. T steps, u units, G
// gates; the products with the layer's input are made before the loop and come in as `gates`.
//
// `reversed` ops take the steps from the last to the first. `lengths` says how many steps of each
// sample there are: others leave the state as it is and repeat the result. `mask` is what the state
// is multiplied by on its way into the product: recurrent dropout, one mask for all steps.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_RECURRENT_TD
#define NNCC_NN_OPS_RECURRENT_TD

include "nn/NNDialect.td"

defvar NN_Reversed = DefaultValuedAttr<BoolAttr, "false">;
defvar NN_Activation = DefaultValuedStrAttr<StrAttr, "tanh">;
defvar NN_RecurrentActivation = DefaultValuedStrAttr<StrAttr, "sigmoid">;

class NN_RecurrentOp<string mnemonic, list<Trait> traits>
    : NN_ComputeOp<mnemonic, "Standalone", !listconcat([NN_Infers, AttrSizedOperandSegments], traits)>;

def NN_LstmOp : NN_RecurrentOp<"lstm", [NN_Differentiable]> {
  let summary = "Long short-term memory over all steps";
  let description = [{
    gates [N,T,4u] and weights [u,4u] in the order i f c o, lengths [N], initial_hidden and
    initial_cell [N,u] (zeros where absent), mask [N,u] -> hidden [N,T,u], cells [N,T,u] and
    activations [N,T,4u], the gates' values, for the gradient. With s = gates[t] + hidden[t-1] weights:

        i f o = recurrent_activation(s), g = activation(s of c)
        cells[t] = f cells[t-1] + i g,  hidden[t] = o activation(cells[t])

    ```mlir
    %hidden, %cells, %activations = nn.lstm %gates, %weights {reversed = true}
        : (tensor<4x7x32xf32>, tensor<8x32xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
    ```
  }];
  let arguments = (ins NN_FloatTensor:$gates, NN_FloatTensor:$weights, Optional<NN_Labels>:$lengths,
    Optional<NN_FloatTensor>:$initial_hidden, Optional<NN_FloatTensor>:$initial_cell,
    Optional<NN_FloatTensor>:$mask, NN_Reversed:$reversed, NN_Activation:$activation,
    NN_RecurrentActivation:$recurrent_activation);
  let results = (outs NN_FloatTensor:$hidden, NN_FloatTensor:$cells, NN_FloatTensor:$activations);
  let assemblyFormat = [{
    $gates `,` $weights (`lengths` $lengths^)? (`initial_hidden` $initial_hidden^)?
    (`initial_cell` $initial_cell^)? (`mask` $mask^)? attr-dict `:` functional-type(operands, results)
  }];
}

def NN_LstmBwdOp : NN_RecurrentOp<"lstm_bwd", [NN_NotDifferentiable]> {
  let summary = "Gradient of lstm: the loop from its last step to its first";
  let description = [{
    weights [4u,u] (the forward's, transposed), activations and cells of the forward, diff_hidden and
    diff_cells (zeros where absent; one of them must be there) -> diff_gates [N,T,4u]; diff_cell
    [N,T,u], what reaches the cell state before each step; diff_state [N,T,u], what reaches the
    hidden state before each step by another way than the product: that of steps which are not there.
    `reversed` is the forward's.
  }];
  let arguments = (ins NN_FloatTensor:$weights, NN_FloatTensor:$activations, NN_FloatTensor:$cells,
    Optional<NN_FloatTensor>:$diff_hidden, Optional<NN_FloatTensor>:$diff_cells,
    Optional<NN_Labels>:$lengths, Optional<NN_FloatTensor>:$initial_cell,
    Optional<NN_FloatTensor>:$mask, NN_Reversed:$reversed, NN_Activation:$activation,
    NN_RecurrentActivation:$recurrent_activation);
  let results = (outs NN_FloatTensor:$diff_gates, NN_FloatTensor:$diff_cell, NN_FloatTensor:$diff_state);
  let assemblyFormat = [{
    $weights `,` $activations `,` $cells (`diff_hidden` $diff_hidden^)? (`diff_cells` $diff_cells^)?
    (`lengths` $lengths^)? (`initial_cell` $initial_cell^)? (`mask` $mask^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def NN_GruOp : NN_RecurrentOp<"gru", [NN_Differentiable]> {
  let summary = "Gated recurrent units over all steps, the reset gate behind the product";
  let description = [{
    gates [N,T,3u], weights [u,3u] and bias [3u] (of the product) in the order z r h, lengths [N],
    initial_hidden and mask [N,u] -> hidden [N,T,u] and activations [N,T,4u]: z, r, the candidate and
    the product's sums for it. With s = bias + hidden[t-1] weights:

        z = recurrent_activation(gates z + s z), r = recurrent_activation(gates r + s r)
        c = activation(gates h + r (s h)),  hidden[t] = z hidden[t-1] + (1 - z) c
  }];
  let arguments = (ins NN_FloatTensor:$gates, NN_FloatTensor:$weights, Optional<NN_FloatTensor>:$bias,
    Optional<NN_Labels>:$lengths, Optional<NN_FloatTensor>:$initial_hidden,
    Optional<NN_FloatTensor>:$mask, NN_Reversed:$reversed, NN_Activation:$activation,
    NN_RecurrentActivation:$recurrent_activation);
  let results = (outs NN_FloatTensor:$hidden, NN_FloatTensor:$activations);
  let assemblyFormat = [{
    $gates `,` $weights (`bias` $bias^)? (`lengths` $lengths^)? (`initial_hidden` $initial_hidden^)?
    (`mask` $mask^)? attr-dict `:` functional-type(operands, results)
  }];
}

def NN_GruBwdOp : NN_RecurrentOp<"gru_bwd", [NN_NotDifferentiable]> {
  let summary = "Gradient of gru: the loop from its last step to its first";
  let description = [{
    weights [3u,u] (the forward's, transposed), activations and hidden of the forward, diff_hidden ->
    diff_gates [N,T,3u], diff_sums [N,T,3u] (of the product's), diff_state [N,T,u]: what reaches the
    hidden state before each step by another way than the product.
  }];
  let arguments = (ins NN_FloatTensor:$weights, NN_FloatTensor:$activations, NN_FloatTensor:$hidden,
    NN_FloatTensor:$diff_hidden, Optional<NN_Labels>:$lengths, Optional<NN_FloatTensor>:$initial_hidden,
    Optional<NN_FloatTensor>:$mask, NN_Reversed:$reversed, NN_Activation:$activation,
    NN_RecurrentActivation:$recurrent_activation);
  let results = (outs NN_FloatTensor:$diff_gates, NN_FloatTensor:$diff_sums, NN_FloatTensor:$diff_state);
  let assemblyFormat = [{
    $weights `,` $activations `,` $hidden `,` $diff_hidden (`lengths` $lengths^)?
    (`initial_hidden` $initial_hidden^)? (`mask` $mask^)? attr-dict `:` functional-type(operands, results)
  }];
}

def NN_SimpleRnnOp : NN_RecurrentOp<"simple_rnn", [NN_Differentiable]> {
  let summary = "hidden[t] = activation(gates[t] + hidden[t-1] weights)";
  let description = [{
    gates [N,T,u], weights [u,u], lengths [N], initial_hidden and mask [N,u] -> hidden [N,T,u].
  }];
  let arguments = (ins NN_FloatTensor:$gates, NN_FloatTensor:$weights, Optional<NN_Labels>:$lengths,
    Optional<NN_FloatTensor>:$initial_hidden, Optional<NN_FloatTensor>:$mask, NN_Reversed:$reversed,
    NN_Activation:$activation);
  let results = (outs NN_FloatTensor:$hidden);
  let assemblyFormat = [{
    $gates `,` $weights (`lengths` $lengths^)? (`initial_hidden` $initial_hidden^)? (`mask` $mask^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def NN_SimpleRnnBwdOp : NN_RecurrentOp<"simple_rnn_bwd", [NN_NotDifferentiable]> {
  let summary = "Gradient of simple_rnn: the loop from its last step to its first";
  let description = [{
    weights [u,u] (the forward's, transposed), hidden of the forward, diff_hidden -> diff_gates and
    diff_state [N,T,u], as of lstm_bwd.
  }];
  let arguments = (ins NN_FloatTensor:$weights, NN_FloatTensor:$hidden, NN_FloatTensor:$diff_hidden,
    Optional<NN_Labels>:$lengths, Optional<NN_FloatTensor>:$mask, NN_Reversed:$reversed,
    NN_Activation:$activation);
  let results = (outs NN_FloatTensor:$diff_gates, NN_FloatTensor:$diff_state);
  let assemblyFormat = [{
    $weights `,` $hidden `,` $diff_hidden (`lengths` $lengths^)? (`mask` $mask^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def NN_ReverseStepsOp : NN_ComputeOp<"reverse_steps", "Scatter", [SameOperandsAndResultType, NN_Differentiable]> {
  let summary = "The steps of src [N,T,F] from the last to the first";
  let arguments = (ins NN_FloatTensor:$src);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($dst)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Dropout: one mask a sample for all steps
//===----------------------------------------------------------------------===//

def NN_ScaleStepsOp : NN_ComputeOp<"scale_steps", "Scatter", [NN_Infers, NN_Differentiable]> {
  let summary = "Each step of src times scale: src [N,T,F], scale [N,F] -> dst [N,T,F]";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$scale);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src `,` $scale attr-dict `:` type($src) `,` type($scale) `->` type($dst)";
}

def NN_DropoutMaskOp : NN_Op<"dropout_mask", [Pure, NN_Modal]> {
  let summary = "What a dropout multiplies each sample by: in training `random_mask`, else nothing";
  let description = [{
    src [N,...] says how many samples there are. The users are recurrences and `scale_steps`, which
    outside of training do without. `stream` tells the dropouts of a program apart.
  }];
  let arguments = (ins NN_FloatTensor:$src, F64Attr:$rate, I64Attr:$stream);
  let results = (outs NN_FloatTensor:$mask);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($mask)";
  let hasVerifier = 1;
}

def NN_RandomMaskOp : NN_ComputeOp<"random_mask", "Pointwise", [NN_NotDifferentiable]> {
  let summary = "0 with probability `rate`, else 1 / (1 - rate)";
  let description = [{
    sample_ids [N], seed and iteration scalars -> mask [N,columns], which is what `random_dropout`
    makes of ones.
  }];
  let arguments = (ins NN_Labels:$sample_ids, StaticShapeTensorOf<[I64]>:$seed,
    StaticShapeTensorOf<[I64]>:$iteration, F64Attr:$rate, I64Attr:$stream);
  let results = (outs NN_FloatTensor:$mask);
  let assemblyFormat = [{
    $sample_ids `,` $seed `,` $iteration attr-dict `:` type($sample_ids) `,` type($seed) `,`
    type($iteration) `->` type($mask)
  }];
  let hasVerifier = 1;
}

#endif // NNCC_NN_OPS_RECURRENT_TD
