//===- Optimizers.td - parameter updates beside Adam's ----------*- tablegen -*-===//
//
// Rules in ops/Optimizers.cpp. Each is one pointwise op that reads a parameter with what the
// optimizer remembers of it, and gives the new values; the step writes them in place.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_OPTIMIZERS_TD
#define NNCC_NN_OPS_OPTIMIZERS_TD

include "nn/NNDialect.td"

// `slots` are the values remembered; which ones there are depends on the attributes.
class NN_UpdateOp<string mnemonic, list<Trait> traits = []>
    : NN_ComputeOp<mnemonic, "Pointwise", !listconcat([NN_NotDifferentiable,
          AllTypesMatch<["parameter", "gradient", "new_parameter"]>], traits)> {
  let results = (outs NN_FloatTensor:$new_parameter, Variadic<NN_FloatTensor>:$new_slots);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def NN_SgdUpdateOp : NN_UpdateOp<"sgd_update"> {
  let summary = "One step of gradient descent, with or without (Nesterov) momentum";
  let description = [{
    Without momentum: parameter -= learning_rate g. With it, one slot m:
    m = momentum m - learning_rate g, parameter += m, or with `nesterov`
    parameter += momentum m - learning_rate g.
  }];
  let arguments = (ins NN_FloatTensor:$parameter, NN_FloatTensor:$gradient,
    Variadic<NN_FloatTensor>:$slots, TensorOf<[F64]>:$learning_rate,
    F64Attr:$momentum, BoolAttr:$nesterov);
}

def NN_AdamwUpdateOp : NN_UpdateOp<"adamw_update"> {
  let summary = "One step of Adam with decoupled weight decay (Loshchilov and Hutter 2019)";
  let description = [{
    parameter -= learning_rate weight_decay parameter, then as `nn.adam_update`; slots m and v.
  }];
  let arguments = (ins NN_FloatTensor:$parameter, NN_FloatTensor:$gradient,
    Variadic<NN_FloatTensor>:$slots, TensorOf<[F64]>:$learning_rate, TensorOf<[I64]>:$iteration,
    F64Attr:$beta_1, F64Attr:$beta_2, F64Attr:$epsilon, F64Attr:$weight_decay);
}

def NN_RmspropUpdateOp : NN_UpdateOp<"rmsprop_update"> {
  let summary = "One step of RMSprop, plain or centered, with or without momentum";
  let description = [{
    Slots: v, then the momentum b where there is one, then the mean gradient a if `centered`.
    v = rho v + (1 - rho) g^2; a = rho a + (1 - rho) g;
    s = learning_rate g / sqrt(v - a^2 + epsilon); b = momentum b + s;
    parameter -= b, or s where there is no momentum.
  }];
  let arguments = (ins NN_FloatTensor:$parameter, NN_FloatTensor:$gradient,
    Variadic<NN_FloatTensor>:$slots, TensorOf<[F64]>:$learning_rate,
    F64Attr:$rho, F64Attr:$momentum, F64Attr:$epsilon, BoolAttr:$centered);
}

def NN_AdagradUpdateOp : NN_UpdateOp<"adagrad_update"> {
  let summary = "One step of Adagrad (Duchi, Hazan and Singer 2011)";
  let description = "One slot a: a += g^2; parameter -= learning_rate g / sqrt(a + epsilon).";
  let arguments = (ins NN_FloatTensor:$parameter, NN_FloatTensor:$gradient,
    Variadic<NN_FloatTensor>:$slots, TensorOf<[F64]>:$learning_rate, F64Attr:$epsilon);
}

def NN_EmaUpdateOp : NN_ComputeOp<"ema_update", "Pointwise", [NN_NotDifferentiable,
    AllTypesMatch<["parameter", "average", "new_average"]>]> {
  let summary = "The moving average of a parameter over the updates";
  let description = [{
    new_average = decay average + (1 - decay) parameter; the first time (iteration 1) it is the
    parameter itself.
  }];
  let arguments = (ins NN_FloatTensor:$parameter, NN_FloatTensor:$average,
    TensorOf<[I64]>:$iteration, F64Attr:$decay);
  let results = (outs NN_FloatTensor:$new_average);
  let assemblyFormat = [{
    $parameter `,` $average `,` $iteration attr-dict `:` type($parameter) `,` type($iteration)
  }];
  let hasVerifier = 1;
}

#endif // NNCC_NN_OPS_OPTIMIZERS_TD
