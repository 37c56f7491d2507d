// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @ids(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<3xi32>, %arg2: tensor<i64>, %arg3: tensor<i64>) {
  // expected-error@+2 {{sample_ids must have one number for each of the samples of src}}
  // expected-error@+1 {{'nn.random_dropout' op failed to infer returned types}}
  %0 = nn.random_dropout %arg0, %arg1, %arg2, %arg3 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<2x4x4x3xf32>, tensor<3xi32>, tensor<i64>, tensor<i64> -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @seed(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2xi32>, %arg2: tensor<1xi64>, %arg3: tensor<i64>) {
  // expected-error@+2 {{seed must be a scalar}}
  // expected-error@+1 {{'nn.random_dropout' op failed to infer returned types}}
  %0 = nn.random_dropout %arg0, %arg1, %arg2, %arg3 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<2x4x4x3xf32>, tensor<2xi32>, tensor<1xi64>, tensor<i64> -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @iteration(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2xi32>, %arg2: tensor<i64>, %arg3: tensor<1xi64>) {
  // expected-error@+2 {{iteration must be a scalar}}
  // expected-error@+1 {{'nn.random_dropout' op failed to infer returned types}}
  %0 = nn.random_dropout %arg0, %arg1, %arg2, %arg3 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<2x4x4x3xf32>, tensor<2xi32>, tensor<i64>, tensor<1xi64> -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @rate(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2xi32>, %arg2: tensor<i64>, %arg3: tensor<i64>) {
  // expected-error@+2 {{rate must be from 0 to below 1, found 1.5}}
  // expected-error@+1 {{'nn.random_dropout' op failed to infer returned types}}
  %0 = nn.random_dropout %arg0, %arg1, %arg2, %arg3 {rate = 1.5 : f64, stream = 7 : i64} : tensor<2x4x4x3xf32>, tensor<2xi32>, tensor<i64>, tensor<i64> -> tensor<2x4x4x3xf32>
  return
}
