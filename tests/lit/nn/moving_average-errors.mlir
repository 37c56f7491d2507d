// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<3xf32>, %arg1: tensor<5xf32>) {
  // expected-error@+1 {{'nn.moving_average' op requires the same type for all operands and results}}
  %0 = "nn.moving_average"(%arg0, %arg1) {momentum = 0.99 : f64} : (tensor<3xf32>, tensor<5xf32>) -> tensor<3xf32>
  return
}
