// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<2x5xf32>, %arg1: tensor<2x5xf32>) {
  // expected-error@+2 {{mean must be [C], found 'tensor<2x5xf32>'}}
  // expected-error@+1 {{'nn.stored_coefficients' op failed to infer returned types}}
  %0:3 = nn.stored_coefficients %arg0, %arg1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, invert = false, least = 0.000000e+00 : f64} : (tensor<2x5xf32>, tensor<2x5xf32>) -> (tensor<2x5xf32>, tensor<2x5xf32>, tensor<2x5xf32>)
  return
}

// -----

func.func @affine(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>) {
  // expected-error@+2 {{affine must have 0 values as has_scale and has_shift say, found 1}}
  // expected-error@+1 {{'nn.stored_coefficients' op failed to infer returned types}}
  %0:3 = nn.stored_coefficients %arg0, %arg1, %arg2 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, invert = false, least = 0.000000e+00 : f64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}
