// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @result(%g: tensor<3x5xf32>) {
  // expected-error@+2 {{are incompatible with return type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "nn.sum_of_squares"(%g) : (tensor<3x5xf32>) -> tensor<1xf64>
  return
}
