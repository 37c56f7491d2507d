// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<2x4xf32>, %arg1: tensor<2x1xf32>) {
  // expected-error@+1 {{'nn.maximum' op requires the same type for all operands and results}}
  %0 = "nn.maximum"(%arg0, %arg1) : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<2x4xf32>, %arg1: tensor<2x4xf64>) {
  // expected-error@+1 {{'nn.maximum' op requires the same type for all operands and results}}
  %0 = "nn.maximum"(%arg0, %arg1) : (tensor<2x4xf32>, tensor<2x4xf64>) -> tensor<2x4xf32>
  return
}
