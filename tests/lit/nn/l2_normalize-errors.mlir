// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<4x6xf32>) {
  // expected-error@+1 {{'nn.l2_normalize' op requires the same type for all operands and results}}
  %0 = "nn.l2_normalize"(%arg0) {epsilon = 0.001 : f64} : (tensor<4x6xf32>) -> tensor<4xf32>
  return
}
