// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @counts(%arg0: tensor<f32>, %arg1: tensor<i32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{counts must be [N], found 'tensor<f32>'}}
  // expected-error@+1 {{'nn.batch_mean_bwd' op failed to infer returned types}}
  %0 = nn.batch_mean_bwd %arg0, %arg1, %arg2 : tensor<f32>, tensor<i32>, tensor<f32> -> tensor<f32>
  return
}
