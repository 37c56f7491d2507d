// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @samples(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<2xi32>) {
  // expected-error@+2 {{samples must be a scalar}}
  // expected-error@+1 {{'nn.batch_norm_coefficients' op failed to infer returned types}}
  %0:4 = nn.batch_norm_coefficients %arg0, %arg1, %arg2, %arg3 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, positions = 1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2xi32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @positions(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<i32>) {
  // expected-error@+2 {{positions must be positive, found 0}}
  // expected-error@+1 {{'nn.batch_norm_coefficients' op failed to infer returned types}}
  %0:4 = nn.batch_norm_coefficients %arg0, %arg1, %arg2, %arg3 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, positions = 0 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @affine(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<i32>, %arg4: tensor<3xf32>) {
  // expected-error@+2 {{affine must have 2 values as has_scale and has_shift say, found 1}}
  // expected-error@+1 {{'nn.batch_norm_coefficients' op failed to infer returned types}}
  %0:4 = nn.batch_norm_coefficients %arg0, %arg1, %arg2, %arg3, %arg4 {epsilon = 1.000000e-03 : f64, has_scale = true, has_shift = true, positions = 1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @gamma(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<i32>, %arg4: tensor<5xf32>) {
  // expected-error@+2 {{affine must be 'tensor<3xf32>', found 'tensor<5xf32>'}}
  // expected-error@+1 {{'nn.batch_norm_coefficients' op failed to infer returned types}}
  %0:4 = nn.batch_norm_coefficients %arg0, %arg1, %arg2, %arg3, %arg4 {epsilon = 1.000000e-03 : f64, has_scale = true, has_shift = false, positions = 1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>, tensor<5xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}
