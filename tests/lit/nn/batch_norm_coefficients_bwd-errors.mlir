// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @samples(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<3xf32>, %arg4: tensor<2xi32>) {
  // expected-error@+2 {{samples must be a scalar}}
  // expected-error@+1 {{'nn.batch_norm_coefficients_bwd' op failed to infer returned types}}
  %0:3 = nn.batch_norm_coefficients_bwd %arg0, %arg1, %arg2, %arg3, %arg4 {epsilon = 1.000000e-03 : f64, positions = 1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2xi32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @positions(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<3xf32>, %arg4: tensor<i32>) {
  // expected-error@+2 {{positions must be positive, found -1}}
  // expected-error@+1 {{'nn.batch_norm_coefficients_bwd' op failed to infer returned types}}
  %0:3 = nn.batch_norm_coefficients_bwd %arg0, %arg1, %arg2, %arg3, %arg4 {epsilon = 1.000000e-03 : f64, positions = -1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @affine(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<3xf32>, %arg4: tensor<i32>, %arg5: tensor<3xf32>, %arg6: tensor<3xf32>) {
  // expected-error@+2 {{affine must be gamma or nothing}}
  // expected-error@+1 {{'nn.batch_norm_coefficients_bwd' op failed to infer returned types}}
  %0:3 = nn.batch_norm_coefficients_bwd %arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6 {epsilon = 1.000000e-03 : f64, positions = 1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}
