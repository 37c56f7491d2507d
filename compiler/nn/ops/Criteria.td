//===- Criteria.td - losses on float targets, metrics -----------*- tablegen -*-===//
//
// A criterion gives one number a sample: the loss, or how good a prediction is. Targets have
// the shape of what they are compared with. Losses of class numbers and softmax stand in
// NNOps.td. Rules: ops/Criteria.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_CRITERIA_TD
#define NNCC_NN_CRITERIA_TD

include "nn/NNDialect.td"

// `label_smoothing` moves that share of the targets to all classes alike; `class_weights` holds
// the factor of a sample's loss for each class. Absent where they change nothing.
defvar NN_ClassificationAttrs = (ins OptionalAttr<F64Attr>:$label_smoothing,
    OptionalAttr<DenseF64ArrayAttr>:$class_weights);

// src [N,values], targets like src -> loss [N].
class NN_LossOp<string mnemonic, dag attributes, list<Trait> traits = []>
    : NN_ComputeOp<mnemonic, "Row", !listconcat([NN_Infers, NN_Differentiable,
        AllTypesMatch<["src", "targets"]>], traits)> {
  let arguments = !con((ins NN_FloatTensor:$src, NN_FloatTensor:$targets), attributes);
  let results = (outs NN_FloatTensor:$loss);
  let assemblyFormat = "$src `,` $targets attr-dict `:` type($src) `->` type($loss)";
}

// Its gradient; diff_loss is a scalar, the same for every sample, or has a number for each, [N].
class NN_LossBwdOp<string mnemonic, dag attributes>
    : NN_ComputeOp<mnemonic # "_bwd", "Row", [NN_Infers, NN_NotDifferentiable,
        AllTypesMatch<["src", "targets"]>, AllElementTypesMatch<["src", "diff_loss"]>]> {
  let summary = "Gradient of " # mnemonic # " for src, times diff_loss";
  let description = "diff_loss is a scalar, the same for every sample, or has a number for each, [N].";
  let arguments = !con((ins NN_FloatTensor:$src, NN_FloatTensor:$targets,
    NN_FloatTensor:$diff_loss), attributes);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = [{
    $src `,` $targets `,` $diff_loss attr-dict `:` type($src) `,` type($diff_loss) `->` type($diff_src)
  }];
}

def NN_MeanSquaredErrorOp : NN_LossOp<"mean_squared_error", (ins)> {
  let summary = "Mean of (src - targets)^2 over a sample's values";
}
def NN_MeanSquaredErrorBwdOp : NN_LossBwdOp<"mean_squared_error", (ins)>;

def NN_MeanAbsoluteErrorOp : NN_LossOp<"mean_absolute_error", (ins)> {
  let summary = "Mean of |src - targets| over a sample's values";
}
def NN_MeanAbsoluteErrorBwdOp : NN_LossBwdOp<"mean_absolute_error", (ins)>;

def NN_HuberOp : NN_LossOp<"huber", (ins F64Attr:$delta)> {
  let summary = "Half the square of src - targets, linear from `delta` on; mean over a sample's values";
}
def NN_HuberBwdOp : NN_LossBwdOp<"huber", (ins F64Attr:$delta)>;

def NN_HingeOp : NN_LossOp<"hinge", (ins)> {
  let summary = "Mean of max(1 - src * targets, 0) over a sample's values; a target of 0 means -1";
}
def NN_HingeBwdOp : NN_LossBwdOp<"hinge", (ins)>;

def NN_KLDivergenceOp : NN_LossOp<"kl_divergence", (ins I64Attr:$rows)> {
  let summary = "Sum of targets * log(targets / src), both clipped to [1e-7, 1], over `rows`";
  let description = "A sample holds `rows` distributions: the loss is the mean of their divergences.";
}
def NN_KLDivergenceBwdOp : NN_LossBwdOp<"kl_divergence", (ins I64Attr:$rows)>;

def NN_SigmoidCrossEntropyOp : NN_LossOp<"sigmoid_cross_entropy", NN_ClassificationAttrs> {
  let summary = "Mean cross-entropy of sigmoid(src) against targets from 0 to 1";
  let description = [{
    The mean over a sample's values of max(x, 0) - x t + log(1 + exp(-|x|)). `class_weights` has
    two numbers and wants one value a sample.
  }];
}
def NN_SigmoidCrossEntropyBwdOp : NN_LossBwdOp<"sigmoid_cross_entropy", NN_ClassificationAttrs>;

def NN_SoftmaxCrossEntropyOp : NN_LossOp<"softmax_cross_entropy", NN_ClassificationAttrs> {
  let summary = "Cross-entropy of softmax(src) against a distribution a sample";
  let description = "A sample's class, for `class_weights`, is the first maximum of its targets.";
}
def NN_SoftmaxCrossEntropyBwdOp : NN_LossBwdOp<"softmax_cross_entropy", NN_ClassificationAttrs>;

// Losses of probabilities that come from a sigmoid or softmax: canonicalization makes one op of
// both, which loses no digits; there is no other way to compile them.
class NN_ProbabilityLossOp<string mnemonic>
    : NN_Op<mnemonic, [Pure, NN_Infers, AllTypesMatch<["probabilities", "targets"]>]> {
  let arguments = !con((ins NN_FloatTensor:$probabilities, NN_FloatTensor:$targets),
    NN_ClassificationAttrs);
  let results = (outs NN_FloatTensor:$loss);
  let assemblyFormat = [{
    $probabilities `,` $targets attr-dict `:` type($probabilities) `->` type($loss)
  }];
  let hasCanonicalizer = 1;
}

def NN_BinaryCrossEntropyOp : NN_ProbabilityLossOp<"binary_cross_entropy"> {
  let summary = "Mean cross-entropy of probabilities that come from `nn.sigmoid`";
}

def NN_CrossEntropyOp : NN_ProbabilityLossOp<"cross_entropy"> {
  let summary = "Cross-entropy of probabilities that come from `nn.softmax`";
}

def NN_WeighSamplesOp : NN_ComputeOp<"weigh_samples", "Pointwise", [SameOperandsAndResultType, NN_Differentiable]> {
  let summary = "Each sample's loss times its weight";
  let description = [{
    losses [N], weights [N] -> dst [N]. A weight of 0 leaves a sample out, such as one without a target. Weights are
    data: no gradient flows to them.
  }];
  let arguments = (ins NN_FloatTensor:$losses, NN_FloatTensor:$weights);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$losses `,` $weights attr-dict `:` type($dst)";
  let hasVerifier = 1;
}

def NN_WeighSamplesBwdOp : NN_ComputeOp<"weigh_samples_bwd", "Pointwise", [NN_Infers, NN_NotDifferentiable,
    AllElementTypesMatch<["weights", "diff_dst"]>]> {
  let summary = "Gradient of weigh_samples for the losses: diff_dst, a scalar, times each sample's weight";
  let description = "weights [N], diff_dst [] -> diff_losses [N].";
  let arguments = (ins NN_FloatTensor:$weights, NN_FloatTensor:$diff_dst);
  let results = (outs NN_FloatTensor:$diff_losses);
  let assemblyFormat = "$weights `,` $diff_dst attr-dict `:` type($weights) `,` type($diff_dst) `->` type($diff_losses)";
}

def NN_TotalLossOp : NN_ComputeOp<"total_loss", "Pointwise",
    [SameOperandsAndResultType, NN_Differentiable]> {
  let summary = "The sum of several losses, each times its weight";
  let description = [{
    One number a sample. Its gradient, and that of each loss, travels as a scalar.
  }];
  let arguments = (ins Variadic<NN_FloatTensor>:$losses, DenseF64ArrayAttr:$weights);
  let results = (outs NN_FloatTensor:$total);
  let assemblyFormat = "$losses attr-dict `:` type($total)";
  let hasVerifier = 1;
}

//===--- metrics ---===//

def NN_ArgmaxOp : NN_ComputeOp<"argmax", "Row", [NN_Infers, NN_NotDifferentiable]> {
  let summary = "The class of each row: the place of its first maximum";
  let description = "src [N,classes] -> labels [N].";
  let arguments = (ins NN_FloatTensor:$src);
  let results = (outs NN_Labels:$labels);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($labels)";
}

def NN_SparseTopKAccuracyOp : NN_ComputeOp<"sparse_top_k_accuracy", "Row",
    [NN_Infers, NN_NotDifferentiable]> {
  let summary = "1 where the label is among the k largest scores, else 0";
  let description = "Of equal scores the earlier counts as larger.";
  let arguments = (ins NN_FloatTensor:$scores, NN_Labels:$labels, I64Attr:$k);
  let results = (outs NN_FloatTensor:$correct);
  let assemblyFormat = "$scores `,` $labels attr-dict `:` type($scores) `,` type($labels) `->` type($correct)";
}

def NN_BinaryAccuracyOp : NN_ComputeOp<"binary_accuracy", "Row",
    [NN_Infers, NN_NotDifferentiable, AllTypesMatch<["src", "targets"]>]> {
  let summary = "Share of a sample's values on the right side of `threshold`";
  let description = "The positive class has targets above 0.5.";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$targets, F64Attr:$threshold);
  let results = (outs NN_FloatTensor:$correct);
  let assemblyFormat = "$src `,` $targets attr-dict `:` type($src) `->` type($correct)";
}

#endif // NNCC_NN_CRITERIA_TD
