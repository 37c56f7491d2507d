//===- Activations.td - activations and their gradients ---------*- tablegen -*-===//
//
// One op each way. A gradient reads what it can be told from most cheaply: dst where that is
// enough, so that src need not be kept, else src. Rules: ops/Activations.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_ACTIVATIONS_TD
#define NNCC_NN_OPS_ACTIVATIONS_TD

include "nn/NNDialect.td"

class NN_ActivationOp<string mnemonic, dag attributes = (ins)>
    : NN_ComputeOp<mnemonic, "Pointwise", [SameOperandsAndResultType, NN_Differentiable]> {
  let arguments = !con((ins NN_FloatTensor:$src), attributes);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($dst)";
}

class NN_ActivationBwdOp<string mnemonic, dag saved, string name, dag attributes>
    : NN_ComputeOp<mnemonic, "Pointwise", [SameOperandsAndResultType, NN_NotDifferentiable]> {
  let arguments = !con(saved, (ins NN_FloatTensor:$diff_dst), attributes);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = "$" # name # " `,` $diff_dst attr-dict `:` type($diff_src)";
  let hasCanonicalizer = 1;
}
class NN_BwdFromDstOp<string mnemonic, dag attributes = (ins)>
    : NN_ActivationBwdOp<mnemonic, (ins NN_FloatTensor:$dst), "dst", attributes>;
class NN_BwdFromSrcOp<string mnemonic, dag attributes = (ins)>
    : NN_ActivationBwdOp<mnemonic, (ins NN_FloatTensor:$src), "src", attributes>;

def NN_ReluOp : NN_ActivationOp<"relu"> {
  let summary = "max(src, 0)";
}
def NN_ReluBwdOp : NN_BwdFromDstOp<"relu_bwd"> {
  let summary = "diff_dst where dst > 0, else 0";
}

def NN_LeakyReluOp : NN_ActivationOp<"leaky_relu", (ins F64Attr:$negative_slope)> {
  let summary = "src where src > 0, else negative_slope * src";
  let description = "`negative_slope` is not negative: dst has the sign of src.";
  let hasVerifier = 1;
}
def NN_LeakyReluBwdOp : NN_BwdFromDstOp<"leaky_relu_bwd", (ins F64Attr:$negative_slope)> {
  let summary = "diff_dst where dst > 0, else negative_slope * diff_dst";
  let hasVerifier = 1;
}

def NN_EluOp : NN_ActivationOp<"elu", (ins F64Attr:$alpha)> {
  let summary = "src where src > 0, else alpha * (exp(src) - 1)";
  let description = "`alpha` is not negative: dst has the sign of src.";
  let hasVerifier = 1;
}
def NN_EluBwdOp : NN_BwdFromDstOp<"elu_bwd", (ins F64Attr:$alpha)> {
  let summary = "diff_dst where dst > 0, else (dst + alpha) * diff_dst";
  let hasVerifier = 1;
}

def NN_GeluOp : NN_ActivationOp<"gelu"> {
  let summary = "src * P(X <= src) for a standard normal X: the exact one, by erf";
}
def NN_GeluBwdOp : NN_BwdFromSrcOp<"gelu_bwd"> {
  let summary = "(P(X <= src) + src * p(src)) * diff_dst, p the normal density";
}

def NN_SiluOp : NN_ActivationOp<"silu"> {
  let summary = "src * sigmoid(src)";
}
def NN_SiluBwdOp : NN_BwdFromSrcOp<"silu_bwd"> {
  let summary = "s * (1 + src * (1 - s)) * diff_dst with s = sigmoid(src)";
}

def NN_SigmoidOp : NN_ActivationOp<"sigmoid"> {
  let summary = "1 / (1 + exp(-src))";
}
def NN_SigmoidBwdOp : NN_BwdFromDstOp<"sigmoid_bwd"> {
  let summary = "dst * (1 - dst) * diff_dst";
}

def NN_TanhOp : NN_ActivationOp<"tanh"> {
  let summary = "The hyperbolic tangent";
}
def NN_TanhBwdOp : NN_BwdFromDstOp<"tanh_bwd"> {
  let summary = "(1 - dst * dst) * diff_dst";
}

def NN_SoftplusOp : NN_ActivationOp<"softplus"> {
  let summary = "log(1 + exp(src))";
}
def NN_SoftplusBwdOp : NN_BwdFromSrcOp<"softplus_bwd"> {
  let summary = "sigmoid(src) * diff_dst";
}

#endif // NNCC_NN_OPS_ACTIVATIONS_TD
