// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @integers(%arg0: tensor<2x4xi32>) {
  // expected-error@+1 {{operand #0 must be statically shaped tensor of 32-bit float or 64-bit float values, but got 'tensor<2x4xi32>'}}
  %0 = nn.leaky_relu %arg0 {negative_slope = 2.000000e-01 : f64} : tensor<2x4xi32>
  return
}

// -----

func.func @shape(%arg0: tensor<2x4xf32>) {
  // expected-error@+1 {{'nn.leaky_relu' op requires the same type for all operands and results}}
  %0 = "nn.leaky_relu"(%arg0) <{negative_slope = 2.000000e-01 : f64}> : (tensor<2x4xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @negative(%arg0: tensor<2x4xf32>) {
  // expected-error@+1 {{'nn.leaky_relu' op negative_slope must be a number that is not negative, found -1.000000e+00}}
  %0 = nn.leaky_relu %arg0 {negative_slope = -1.000000e+00 : f64} : tensor<2x4xf32>
  return
}
