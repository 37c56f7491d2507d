// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @scalar(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{diff_dst must be [N], found 'tensor<f32>'}}
  // expected-error@+1 {{'nn.distance_bwd' op failed to infer returned types}}
  %0:2 = "nn.distance_bwd"(%arg0, %arg1, %arg2) <{metric = 0 : i64}> : (tensor<4x6xf32>, tensor<4x6xf32>, tensor<f32>) -> (tensor<4x6xf32>, tensor<4x6xf32>)
  return
}

// -----

func.func @samples(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<5xf32>) {
  // expected-error@+2 {{lhs has 4 samples, diff_dst 5}}
  // expected-error@+1 {{'nn.distance_bwd' op failed to infer returned types}}
  %0:2 = "nn.distance_bwd"(%arg0, %arg1, %arg2) <{metric = 1 : i64}> : (tensor<4x6xf32>, tensor<4x6xf32>, tensor<5xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>)
  return
}
