// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<4x1xf32>, %arg1: tensor<4x1xf32>, %arg2: tensor<i32>) {
  // expected-error@+2 {{sums must be [N], found 'tensor<4x1xf32>'}}
  // expected-error@+1 {{'nn.batch_mean' op failed to infer returned types}}
  %0 = nn.batch_mean %arg0, %arg1, %arg2 : tensor<4x1xf32>, tensor<i32> -> tensor<4x1xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>, %arg2: tensor<4xi32>) {
  // expected-error@+2 {{samples must be a scalar, found 'tensor<4xi32>'}}
  // expected-error@+1 {{'nn.batch_mean' op failed to infer returned types}}
  %0 = nn.batch_mean %arg0, %arg1, %arg2 : tensor<4xf32>, tensor<4xi32> -> tensor<4xf32>
  return
}
