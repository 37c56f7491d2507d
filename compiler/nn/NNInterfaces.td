//===- NNInterfaces.td - what nn ops tell the passes ------------*- tablegen -*-===//
#ifndef NNCC_NN_INTERFACES_TD
#define NNCC_NN_INTERFACES_TD

include "mlir/IR/OpBase.td"

def NN_DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let description = [{
    An op with a gradient rule. The rule has no default, so an op that declares the
    interface and forgets the rule does not build; an op without a gradient says so
    with the NotDifferentiable trait. Anything else met on the way from a loss to a
    parameter is a located error.
  }];
  let cppNamespace = "::nncc::nn";
  let methods = [
    InterfaceMethod<[{
      The vector-Jacobian product. `diffResults` holds a gradient for every result, null
      where none flows. The rule adds a gradient for each operand that `gradients` wants;
      summing the contributions of several users is not its business.
    }], "void", "vjp", (ins "::mlir::OpBuilder &":$builder,
        "::mlir::ArrayRef<::mlir::Value>":$diffResults,
        "::nncc::nn::Gradients &":$gradients)>
  ];
}

def NN_FusibleOpInterface : OpInterface<"FusibleOpInterface"> {
  let description = [{Says what place an op can take in a fused kernel.}];
  let cppNamespace = "::nncc::nn";
  let methods = [
    InterfaceMethod<"The place this op can take.", "::nncc::nn::FusionRole", "getFusionRole">
  ];
}

def NN_ModalOpInterface : OpInterface<"ModalOpInterface"> {
  let description = [{
    An op that computes one thing in training and another else: batch normalization, dropout.
    Layers emit it alike everywhere. `nn-differentiate` puts its training form into the step,
    `nn-infer` the other one into all other entry functions; none is left behind them.
  }];
  let cppNamespace = "::nncc::nn";
  let methods = [
    InterfaceMethod<"Replaces the op by what a training step computes.",
      "void", "toTraining", (ins "::mlir::OpBuilder &":$builder, "::nncc::nn::StepValues &":$step)>,
    InterfaceMethod<"Replaces the op by what evaluation and prediction compute.",
      "void", "toInference", (ins "::mlir::OpBuilder &":$builder)>
  ];
}

// An op that is knowingly not differentiable: gradients may not flow through it.
def NN_NotDifferentiable : NativeOpTrait<"NotDifferentiable"> {
  let cppNamespace = "::nncc::nn";
}
// The results sum over the samples: they have no sample dimension, and in a step they are
// accumulated lane by lane.
def NN_ReducesSamples : NativeOpTrait<"ReducesSamples"> {
  let cppNamespace = "::nncc::nn";
}

// The result is one sum over all elements of the operand: cut over elements, each task gives a
// partial sum.
def NN_ReducesElements : NativeOpTrait<"ReducesElements"> {
  let cppNamespace = "::nncc::nn";
}

// A view whose readers see the samples of the whole batch: they run a stage after what computes
// these, and no slice is cut from them.
def NN_ShowsWholeBatch : NativeOpTrait<"ShowsWholeBatch"> {
  let cppNamespace = "::nncc::nn";
}

// Row i of the result is computed from column i of the first operand and from the others whole: cut over
// elements, each task gives some rows.
def NN_ComputesRows : NativeOpTrait<"ComputesRows"> {
  let cppNamespace = "::nncc::nn";
}

#endif // NNCC_NN_INTERFACES_TD
