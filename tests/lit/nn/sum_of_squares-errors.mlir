// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @result(%g: tensor<3x5xf32>) {
  // expected-error@+1 {{are incompatible with return type}}
  %0 = "nn.sum_of_squares"(%g) : (tensor<3x5xf32>) -> tensor<1xf64>
  return
}
