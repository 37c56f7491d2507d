// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<2x10xf32>, %arg1: tensor<2x11xf32>) {
  // expected-error@+1 {{'nn.relu_bwd' op requires the same type for all operands and results}}
  %0 = "nn.relu_bwd"(%arg0, %arg1) : (tensor<2x10xf32>, tensor<2x11xf32>) -> tensor<2x10xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<2x10xf32>, %arg1: tensor<2x10xf64>) {
  // expected-error@+1 {{'nn.relu_bwd' op requires the same type for all operands and results}}
  %0 = "nn.relu_bwd"(%arg0, %arg1) : (tensor<2x10xf32>, tensor<2x10xf64>) -> tensor<2x10xf32>
  return
}
