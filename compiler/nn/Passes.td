//===- Passes.td - passes on the nn dialect ---------------------*- tablegen -*-===//
#ifndef NNCC_NN_PASSES_TD
#define NNCC_NN_PASSES_TD

include "mlir/Pass/PassBase.td"

def DifferentiatePass : Pass<"nn-differentiate", "::nncc::nn::ProgramOp"> {
  let summary = "Makes the training step from the evaluation function";
  let description = [{
    Clones the entry `evaluate`, appends the gradients of the mean loss for every trainable
    parameter by the ops' own rules, and the update of each parameter by the optimizer that
    the program names. Gradients that nothing asks for (of inputs, of frozen parameters and
    of what only they feed) are never built. With `gradients`, the function returns the
    gradients instead of updating. Where the program averages the gradients of several steps
    for one update, the entry `accumulate` adds them up in slots, and `train_step` is for the
    last of those steps.
  }];
  let options = [
    Option<"gradients", "gradients", "bool", "false",
           "make the entry `gradients`, which returns them, instead of `train_step`">
  ];
  let statistics = [
    Statistic<"numGradients", "gradients", "parameters that get a gradient">
  ];
  let dependentDialects = ["::nncc::nn::NNDialect"];
}

def InferPass : Pass<"nn-infer", "::nncc::nn::ProgramOp"> {
  let summary = "Gives ops that compute another thing in training the form they have else";
  let description = [{
    In every entry function that is not a training step: dropout goes away, batch
    normalization takes its moving statistics. After it no such op is left.
  }];
  let dependentDialects = ["::nncc::nn::NNDialect"];
}

#endif // NNCC_NN_PASSES_TD
