// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<4x6xf32>, %arg1: tensor<4x5xf32>) {
  // expected-error@+1 {{'nn.l2_normalize_bwd' op requires the same type for all operands and results}}
  %0 = "nn.l2_normalize_bwd"(%arg0, %arg1) {epsilon = 0.001 : f64} : (tensor<4x6xf32>, tensor<4x5xf32>) -> tensor<4x6xf32>
  return
}
