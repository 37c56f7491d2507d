// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%g: tensor<3xf32>, %p: tensor<4xf32>) {
  // expected-error@+1 {{failed to verify that all of {gradient, parameter, dst} have same type}}
  %0 = "nn.regularize"(%g, %p) {l1 = 0.1 : f64, l2 = 0.2 : f64} : (tensor<3xf32>, tensor<4xf32>) -> tensor<3xf32>
  return
}
