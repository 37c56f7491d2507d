// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<2x4xf32>, %arg1: tensor<2x5xf32>) {
  // expected-error@+1 {{'nn.elu_bwd' op requires the same type for all operands and results}}
  %0 = "nn.elu_bwd"(%arg0, %arg1) <{alpha = 1.000000e+00 : f64}> : (tensor<2x4xf32>, tensor<2x5xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<2x4xf32>, %arg1: tensor<2x4xf64>) {
  // expected-error@+1 {{'nn.elu_bwd' op requires the same type for all operands and results}}
  %0 = "nn.elu_bwd"(%arg0, %arg1) <{alpha = 1.000000e+00 : f64}> : (tensor<2x4xf32>, tensor<2x4xf64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @negative(%arg0: tensor<2x4xf32>, %arg1: tensor<2x4xf32>) {
  // expected-error@+1 {{'nn.elu_bwd' op alpha must be a number that is not negative, found -1.000000e+00}}
  %0 = nn.elu_bwd %arg0, %arg1 {alpha = -1.000000e+00 : f64} : tensor<2x4xf32>
  return
}
