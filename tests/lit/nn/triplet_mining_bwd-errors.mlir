// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @pulls(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4x5xf32>, %arg3: tensor<4x4xf32>, %arg4: tensor<f32>, %arg5: tensor<i32>, %arg6: tensor<i32>) {
  // expected-error@+2 {{pulls must be 'tensor<4x4xf32>', found 'tensor<4x5xf32>'}}
  // expected-error@+1 {{'nn.triplet_mining_bwd' op failed to infer returned types}}
  %0 = nn.triplet_mining_bwd %arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6 : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x5xf32>, tensor<4x4xf32>, tensor<f32>, tensor<i32>, tensor<i32> -> tensor<4x6xf32>
  return
}

// -----

func.func @diff_sums(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4x4xf32>, %arg3: tensor<4x4xf32>, %arg4: tensor<4xf32>, %arg5: tensor<i32>, %arg6: tensor<i32>) {
  // expected-error@+2 {{diff_sums must be a scalar, found 'tensor<4xf32>'}}
  // expected-error@+1 {{'nn.triplet_mining_bwd' op failed to infer returned types}}
  %0 = nn.triplet_mining_bwd %arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6 : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4xf32>, tensor<i32>, tensor<i32> -> tensor<4x6xf32>
  return
}
