//===- Normalization.td - ops of ops/Normalization.cpp ----------*- tablegen -*-===//
//
// Channels are the last dimension. A normalization is a shift and a scale of each channel
// (`channel_affine`) by coefficients that come from the batch in training and from stored
// statistics else; each step is an op of its own, so that the chain of their gradients is
// batch normalization's gradient and pointwise parts fuse into their neighbours.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_NORMALIZATION_TD
#define NNCC_NN_OPS_NORMALIZATION_TD

include "nn/NNDialect.td"

def NN_BatchNormOp : NN_Op<"batch_norm", [Pure, NN_Infers, NN_Modal, AttrSizedOperandSegments,
    AllElementTypesMatch<["src", "moving_mean", "moving_variance", "dst"]>]> {
  let summary = "Batch normalization (Ioffe and Szegedy 2015), as Keras has it";
  let description = [{
    src [N,...,C], moving statistics [C], then gamma and beta [C] where `has_scale` and
    `has_shift` say so. In training the channels are normalized by the mean and the (biased)
    variance of the batch, and the moving statistics become moving * momentum + batch *
    (1 - momentum); else they are normalized by the moving statistics, which are read from
    parameters. Every way of running it is built from other ops: nothing computes it as it stands.

    `lengths` [S] are those of S sequences, src [S,T,...,C] or, with their steps as samples, [S*T,...,C]:
    only the first lengths[s] steps of each are in the mean and the variance.
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$moving_mean,
    NN_FloatTensor:$moving_variance, Variadic<NN_FloatTensor>:$affine, Optional<NN_Labels>:$lengths,
    BoolAttr:$has_scale, BoolAttr:$has_shift, F64Attr:$momentum, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = [{
    $src `,` $moving_mean `,` $moving_variance (`,` $affine^)? (`lengths` $lengths^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def NN_BatchNormStatisticsOp : NN_ComputeOp<"batch_norm_statistics", "Anchor", [NN_Infers,
    NN_Differentiable, NN_ReducesSamples, AllElementTypesMatch<["src", "pivot"]>]> {
  let summary = "Sums of (src - pivot) and of its square, for each channel";
  let description = [{
    src [N,...,C], pivot [C] -> sum [C], sum_of_squares [C]. A pivot near the mean (the moving
    mean) keeps the variance, a difference of the two, from cancelling.
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$pivot);
  let results = (outs NN_FloatTensor:$sum, NN_FloatTensor:$sum_of_squares);
  let assemblyFormat = [{
    $src `,` $pivot attr-dict `:` type($src) `,` type($pivot) `->` type($sum) `,` type($sum_of_squares)
  }];
}

def NN_BatchNormStatisticsBwdOp : NN_ComputeOp<"batch_norm_statistics_bwd", "Pointwise", [NN_Infers,
    NN_NotDifferentiable, AllElementTypesMatch<["src", "pivot", "diff_sum", "diff_sum_of_squares"]>]> {
  let summary = "diff_sum + 2 (src - pivot) diff_sum_of_squares, by channel";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$pivot, NN_FloatTensor:$diff_sum,
    NN_FloatTensor:$diff_sum_of_squares);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = [{
    $src `,` $pivot `,` $diff_sum `,` $diff_sum_of_squares attr-dict `:`
    type($src) `,` type($pivot) `,` type($diff_sum) `,` type($diff_sum_of_squares) `->` type($diff_src)
  }];
}

// sum, sum_of_squares, pivot and everything beside them are [C]; samples is a scalar.
def NN_BatchNormCoefficientsOp : NN_ComputeOp<"batch_norm_coefficients", "Pointwise", [NN_Infers,
    NN_Differentiable, AllTypesMatch<["sum", "sum_of_squares", "pivot"]>]> {
  let summary = "Mean, scale, shift and variance of each channel from the sums over the batch";
  let description = [{
    With M = samples * positions: mean = pivot + sum / M, variance = sum_of_squares / M -
    (sum / M)^2 (not below 0), scale = gamma / sqrt(variance + epsilon), shift = beta; gamma is 1
    and beta 0 where `has_scale` and `has_shift` say that `affine` lacks them.
  }];
  let arguments = (ins NN_FloatTensor:$sum, NN_FloatTensor:$sum_of_squares, NN_FloatTensor:$pivot,
    NN_Labels:$samples, Variadic<NN_FloatTensor>:$affine, BoolAttr:$has_scale, BoolAttr:$has_shift,
    I64Attr:$positions, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$mean, NN_FloatTensor:$scale, NN_FloatTensor:$shift,
    NN_FloatTensor:$variance);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_BatchNormCoefficientsBwdOp : NN_ComputeOp<"batch_norm_coefficients_bwd", "Pointwise",
    [NN_Infers, NN_NotDifferentiable,
     AllTypesMatch<["sum", "sum_of_squares", "diff_mean", "diff_scale"]>]> {
  let summary = "Gradient of batch_norm_coefficients for the sums and for gamma";
  let description = [{
    diff_sum = diff_mean / M - 2 sum / M^2 diff_variance, diff_sum_of_squares = diff_variance / M,
    diff_gamma = diff_scale / sqrt(variance + epsilon), with diff_variance = -diff_scale gamma
    (variance + epsilon)^(-3/2) / 2. `affine` is gamma where there is one.
  }];
  let arguments = (ins NN_FloatTensor:$sum, NN_FloatTensor:$sum_of_squares,
    NN_FloatTensor:$diff_mean, NN_FloatTensor:$diff_scale, NN_Labels:$samples,
    Variadic<NN_FloatTensor>:$affine, I64Attr:$positions, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$diff_sum, NN_FloatTensor:$diff_sum_of_squares,
    NN_FloatTensor:$diff_gamma);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_StoredCoefficientsOp : NN_ComputeOp<"stored_coefficients", "Pointwise", [NN_Infers,
    NN_NotDifferentiable, AllTypesMatch<["mean", "variance"]>]> {
  let summary = "Center, scale and shift of each channel from stored statistics";
  let description = [{
    deviation = max(sqrt(variance + epsilon), least); center = mean, scale = gamma / deviation,
    shift = beta (1 and 0 where `affine` lacks them). `invert`: center = 0, scale = deviation,
    shift = mean, which takes back what the others do.
  }];
  let arguments = (ins NN_FloatTensor:$mean, NN_FloatTensor:$variance,
    Variadic<NN_FloatTensor>:$affine, BoolAttr:$has_scale, BoolAttr:$has_shift,
    F64Attr:$epsilon, F64Attr:$least, BoolAttr:$invert);
  let results = (outs NN_FloatTensor:$center, NN_FloatTensor:$scale, NN_FloatTensor:$shift);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_ChannelAffineOp : NN_ComputeOp<"channel_affine", "Pointwise", [NN_Infers, NN_Differentiable,
    AllElementTypesMatch<["src", "scale", "shift"]>]> {
  let summary = "(src - center) * scale + shift, by channel";
  let description = "src [N,...,C], scale, shift and, unless it is 0, center [C] -> dst like src.";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$scale, NN_FloatTensor:$shift,
    Optional<NN_FloatTensor>:$center);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = [{
    $src `,` $scale `,` $shift (`center` $center^)? attr-dict `:` type($src) `,` type($scale) `,`
    type($shift) (`,` type($center)^)? `->` type($dst)
  }];
}

def NN_ChannelScaleOp : NN_ComputeOp<"channel_scale", "Pointwise", [NN_Infers, NN_NotDifferentiable,
    AllElementTypesMatch<["src", "scale"]>]> {
  let summary = "src * scale, by channel";
  let description = "src [N,...,C], scale [C] -> dst like src.";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$scale);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src `,` $scale attr-dict `:` type($src) `,` type($scale) `->` type($dst)";
}

def NN_ChannelAffineBwdWeightsOp : NN_ComputeOp<"channel_affine_bwd_weights", "Anchor", [NN_Infers,
    NN_NotDifferentiable, NN_ReducesSamples, AllTypesMatch<["src", "diff_dst"]>]> {
  let summary = "Gradients of channel_affine for scale and shift, summed over the samples";
  let description = [{
    src and diff_dst [N,...,C], center [C] -> diff_scale [C], the sum of diff_dst * (src - center),
    and diff_shift [C], the sum of diff_dst.
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$diff_dst,
    Optional<NN_FloatTensor>:$center);
  let results = (outs NN_FloatTensor:$diff_scale, NN_FloatTensor:$diff_shift);
  let assemblyFormat = [{
    $src `,` $diff_dst (`center` $center^)? attr-dict `:` type($src) (`,` type($center)^)? `->`
    type($diff_scale) `,` type($diff_shift)
  }];
}

def NN_MovingAverageOp : NN_ComputeOp<"moving_average", "Pointwise", [SameOperandsAndResultType,
    NN_NotDifferentiable]> {
  let summary = "average * momentum + value * (1 - momentum)";
  let arguments = (ins NN_FloatTensor:$average, NN_FloatTensor:$value, F64Attr:$momentum);
  let results = (outs NN_FloatTensor:$new_average);
  let assemblyFormat = "$average `,` $value attr-dict `:` type($new_average)";
}

def NN_RowNormalizeOp : NN_ComputeOp<"row_normalize", "Row", [SameOperandsAndResultType,
    NN_Differentiable]> {
  let summary = "(src - mean) / sqrt(variance + epsilon) of each row: layer normalization";
  let description = "A row is the last dimension; the variance is biased (Ba et al. 2016).";
  let arguments = (ins NN_FloatTensor:$src, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($dst)";
}

def NN_RowNormalizeBwdOp : NN_ComputeOp<"row_normalize_bwd", "Row", [SameOperandsAndResultType,
    NN_NotDifferentiable]> {
  let summary = "(diff_dst - mean(diff_dst) - dst mean(diff_dst dst)) / sqrt(variance + epsilon)";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$diff_dst, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = "$src `,` $diff_dst attr-dict `:` type($diff_src)";
}

#endif // NNCC_NN_OPS_NORMALIZATION_TD
