// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @diff_dst(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) {
  // expected-error@+2 {{diff_dst must be a scalar, found 'tensor<4xf32>'}}
  // expected-error@+1 {{'nn.weigh_samples_bwd' op failed to infer returned types}}
  %0 = nn.weigh_samples_bwd %arg0, %arg1 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @weights(%arg0: tensor<f32>, %arg1: tensor<f32>) {
  // expected-error@+2 {{weights must be [N], found 'tensor<f32>'}}
  // expected-error@+1 {{'nn.weigh_samples_bwd' op failed to infer returned types}}
  %0 = nn.weigh_samples_bwd %arg0, %arg1 : tensor<f32>, tensor<f32> -> tensor<f32>
  return
}
