//===- Metric.td - distances, losses on embeddings, mining ------------*- tablegen -*-===//
//
// Rules: ops/Metric.cpp.
//
//===---------------------------------------------------------------------------===//
#ifndef NNCC_NN_OPS_METRIC_TD
#define NNCC_NN_OPS_METRIC_TD

include "mlir/IR/EnumAttr.td"
include "nn/NNDialect.td"

def NN_DistanceMetric : I64EnumAttr<"DistanceMetric", "how far two vectors are apart", [
    I64EnumAttrCase<"Euclidean", 0, "euclidean">, I64EnumAttrCase<"Squared", 1, "squared">,
    I64EnumAttrCase<"Manhattan", 2, "manhattan">, I64EnumAttrCase<"Cosine", 3, "cosine">]> {
  let cppNamespace = "::nncc::nn";
}

def NN_Mining : I64EnumAttr<"Mining", "the triplets of a batch that count", [
    I64EnumAttrCase<"All", 0, "all">, I64EnumAttrCase<"Hard", 1, "hard">,
    I64EnumAttrCase<"SemiHard", 2, "semi_hard">]> {
  let cppNamespace = "::nncc::nn";
}

//===--- vectors and how far apart they are ---===//

def NN_L2NormalizeOp : NN_ComputeOp<"l2_normalize", "Row", [SameOperandsAndResultType, NN_Differentiable]> {
  let summary = "src over its length, along the last dimension";
  let description = [{
    dst = src / max(|src|, epsilon). Where the length is not above epsilon there is no direction
    to turn to: the gradient is 0.
  }];
  let arguments = (ins NN_FloatTensor:$src, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($dst)";
}

def NN_L2NormalizeBwdOp : NN_ComputeOp<"l2_normalize_bwd", "Row", [SameOperandsAndResultType, NN_NotDifferentiable]> {
  let summary = "(diff_dst - dst * sum(dst * diff_dst)) / |src| with dst = src / |src|";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$diff_dst, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = "$src `,` $diff_dst attr-dict `:` type($diff_src)";
}

def NN_DistanceOp : NN_ComputeOp<"distance", "Row", [NN_Infers, NN_Differentiable,
    AllTypesMatch<["lhs", "rhs"]>]> {
  let summary = "How far two vectors of each sample are apart";
  let description = [{
    lhs, rhs [N,values] -> dst [N]: with d = lhs - rhs, euclidean is sqrt(sum d^2), squared sum d^2,
    manhattan sum |d|; cosine is 1 - (lhs . rhs) / (|lhs| |rhs|), a length below 1e-8 counting as 1e-8.
    Where a root or a length is 0 the gradient is 0.
  }];
  let arguments = (ins NN_DistanceMetric:$metric, NN_FloatTensor:$lhs, NN_FloatTensor:$rhs);
  let results = (outs NN_FloatTensor:$dst);
  let assemblyFormat = "$metric $lhs `,` $rhs attr-dict `:` type($lhs) `->` type($dst)";
}

def NN_DistanceBwdOp : NN_ComputeOp<"distance_bwd", "Row", [NN_Infers, NN_NotDifferentiable,
    AllTypesMatch<["lhs", "rhs"]>, AllElementTypesMatch<["lhs", "diff_dst"]>]> {
  let summary = "Gradients of distance";
  let arguments = (ins NN_DistanceMetric:$metric, NN_FloatTensor:$lhs, NN_FloatTensor:$rhs,
    NN_FloatTensor:$diff_dst);
  let results = (outs NN_FloatTensor:$diff_lhs, NN_FloatTensor:$diff_rhs);
  let assemblyFormat = "$metric $lhs `,` $rhs `,` $diff_dst attr-dict `:` type($lhs) `,` type($diff_dst)";
}

//===--- losses of a distance between two samples ---===//

// src [N,values], targets like src (1: the same class, 0: different ones) -> loss [N].
class NN_DistanceLossOp<string mnemonic> : NN_ComputeOp<mnemonic, "Row", [NN_Infers, NN_Differentiable,
    AllTypesMatch<["src", "targets"]>]> {
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$targets, F64Attr:$margin);
  let results = (outs NN_FloatTensor:$loss);
  let assemblyFormat = "$src `,` $targets attr-dict `:` type($src) `->` type($loss)";
}

// diff_loss is a scalar, the same for every sample, or has a number for each, [N].
class NN_DistanceLossBwdOp<string mnemonic> : NN_ComputeOp<mnemonic # "_bwd", "Row", [NN_Infers,
    NN_NotDifferentiable, AllTypesMatch<["src", "targets"]>, AllElementTypesMatch<["src", "diff_loss"]>]> {
  let summary = "Gradient of " # mnemonic # " for src, times diff_loss";
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$targets, NN_FloatTensor:$diff_loss, F64Attr:$margin);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = [{
    $src `,` $targets `,` $diff_loss attr-dict `:` type($src) `,` type($diff_loss) `->` type($diff_src)
  }];
}

def NN_ContrastiveOp : NN_DistanceLossOp<"contrastive"> {
  let summary = "(t d^2 + (1 - t) max(margin - d, 0)^2) / 2 of distances d, mean over a sample's values";
  let description = [{
    Hadsell, Chopra and LeCun 2006, equation 4, whose label Y is 1 - t: here a target of 1 means the
    same class.
  }];
}
def NN_ContrastiveBwdOp : NN_DistanceLossBwdOp<"contrastive">;

def NN_CosineEmbeddingOp : NN_DistanceLossOp<"cosine_embedding"> {
  let summary = "t d + (1 - t) max(1 - d - margin, 0) of cosine distances d, mean over a sample's values";
  let description = "PyTorch's CosineEmbeddingLoss, whose label -1 is a target of 0: 1 - d is the cosine.";
}
def NN_CosineEmbeddingBwdOp : NN_DistanceLossBwdOp<"cosine_embedding">;

//===--- losses of a whole batch ---===//

def NN_WholeBatchOp : NN_Op<"whole_batch", [Pure, NN_ShowsWholeBatch, NN_FusibleOpInterface,
    AllTypesMatch<["src", "dst"]>]> {
  let summary = "The same values, of all samples at once";
  let description = [{
    A view: it costs nothing, but what reads it runs a stage after what computes `src`. Samples
    beyond those that are there hold anything.
  }];
  let arguments = (ins NN_AnyTensor:$src);
  let results = (outs NN_AnyTensor:$dst);
  let assemblyFormat = "$src attr-dict `:` type($dst)";
  let extraClassDeclaration = [{
    ::nncc::nn::FusionRole getFusionRole() { return ::nncc::nn::FusionRole::View; }
  }];
}

def NN_TripletMiningOp : NN_ComputeOp<"triplet_mining", "Row", [NN_Infers, NN_Differentiable,
    AllElementTypesMatch<["src", "batch"]>]> {
  let summary = "What the triplets of each anchor in the batch lose, and how many they are";
  let description = [{
    src [N,values], classes [N], and both of the whole batch -> sums [N], counts [N], pulls [N,N].
    Each sample is an anchor a; its positives p are the other samples of its class, its negatives n
    those of other classes, among the first `samples` of the batch. `position` is the anchor's first
    place in the batch, for kernels that see a part of it. With D the distance (euclidean or squared),
    a triplet loses max(0, margin + D(a,p) - D(a,n)).

    `all` sums over all triplets and counts those that lose something (Hermans, Beyer and Leibe
    2017, section 2: batch all, of which those at zero are left out of the mean). `hard` takes the
    farthest positive and the nearest negative, one triplet an anchor that has both (there, batch
    hard). `semi_hard` takes for each positive the nearest negative that is farther than it and, where
    there is none, the farthest (Schroff, Kalenichenko and Philbin 2015, section 3.2, as TensorFlow
    Addons has it); it counts the anchor's positives, if it has negatives.

    `pulls` is what the gradient needs: that of an anchor's sum is sum_k pulls[a,k] (src[a] - batch[k])
    for src[a], and its negative parts for the others. Of two equal samples none pulls.
  }];
  let arguments = (ins NN_Mining:$mining, NN_FloatTensor:$src, NN_FloatTensor:$batch, NN_Labels:$classes,
    NN_Labels:$batch_classes, NN_Labels:$samples, NN_Labels:$position, NN_DistanceMetric:$metric, F64Attr:$margin);
  let results = (outs NN_FloatTensor:$sums, NN_FloatTensor:$counts, NN_FloatTensor:$pulls);
  let assemblyFormat = [{
    $mining $metric $src `,` $batch `,` $classes `,` $batch_classes `,` $samples `,` $position attr-dict `:`
    type($src) `,` type($batch) `,` type($classes) `,` type($batch_classes) `,` type($samples) `,` type($position)
    `->` type($sums) `,` type($counts) `,` type($pulls)
  }];
}

def NN_TripletMiningBwdOp : NN_ComputeOp<"triplet_mining_bwd", "Row", [NN_Infers, NN_NotDifferentiable,
    AllElementTypesMatch<["src", "batch", "pulls", "batch_pulls", "diff_sums"]>]> {
  let summary = "Gradient of triplet_mining for the samples, each as anchor and as others' positive or negative";
  let description = [{
    diff_src[i] = diff_sums sum_k (pulls[i,k] + batch_pulls[k, position + i]) (src[i] - batch[k]).
    diff_sums is a scalar: the same for every anchor.
  }];
  let arguments = (ins NN_FloatTensor:$src, NN_FloatTensor:$batch, NN_FloatTensor:$pulls, NN_FloatTensor:$batch_pulls,
    NN_FloatTensor:$diff_sums, NN_Labels:$samples, NN_Labels:$position);
  let results = (outs NN_FloatTensor:$diff_src);
  let assemblyFormat = [{
    $src `,` $batch `,` $pulls `,` $batch_pulls `,` $diff_sums `,` $samples `,` $position attr-dict `:`
    type($src) `,` type($batch) `,` type($pulls) `,` type($batch_pulls) `,` type($diff_sums) `,` type($samples) `,`
    type($position) `->` type($diff_src)
  }];
}

def NN_BatchMeanOp : NN_ComputeOp<"batch_mean", "Pointwise", [NN_Infers, NN_Differentiable,
    AllTypesMatch<["sums", "counts"]>]> {
  let summary = "One number a sample, whose mean is the mean of all that was counted in the batch";
  let description = [{
    sums [N], counts [N] of the whole batch -> loss[i] = sums[i] * samples / max(1, sum_k counts[k]): the
    mean of the losses over the samples is the sum of all sums over the sum of all counts, and 0
    where nothing was counted.
  }];
  let arguments = (ins NN_FloatTensor:$sums, NN_FloatTensor:$counts, NN_Labels:$samples);
  let results = (outs NN_FloatTensor:$loss);
  let assemblyFormat = "$sums `,` $counts `,` $samples attr-dict `:` type($sums) `,` type($samples) `->` type($loss)";
}

def NN_BatchMeanBwdOp : NN_ComputeOp<"batch_mean_bwd", "Pointwise", [NN_Infers, NN_NotDifferentiable,
    AllElementTypesMatch<["counts", "diff_loss"]>]> {
  let summary = "Gradient of batch_mean for the sums: diff_loss * samples / max(1, sum_k counts[k]), a scalar";
  let arguments = (ins NN_FloatTensor:$counts, NN_Labels:$samples, NN_FloatTensor:$diff_loss);
  let results = (outs NN_FloatTensor:$diff_sums);
  let assemblyFormat = [{
    $counts `,` $samples `,` $diff_loss attr-dict `:`
    type($counts) `,` type($samples) `,` type($diff_loss) `->` type($diff_sums)
  }];
}

#endif // NNCC_NN_OPS_METRIC_TD
