// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<2x4x4x3xf32>) {
  // expected-error@+1 {{'nn.row_normalize' op requires the same type for all operands and results}}
  %0 = "nn.row_normalize"(%arg0) {epsilon = 0.001 : f64} : (tensor<2x4x4x3xf32>) -> tensor<2x5xf32>
  return
}
