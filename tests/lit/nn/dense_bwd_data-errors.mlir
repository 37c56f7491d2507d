// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @forward_weights(%arg0: tensor<32x10xf32>, %arg1: tensor<64x10xf32>) {
  // expected-error@+2 {{weights have 64 outputs, diff_dst has 10}}
  // expected-error@+1 {{'nn.dense_bwd_data' op failed to infer returned types}}
  %0 = nn.dense_bwd_data %arg0, %arg1 : tensor<32x10xf32>, tensor<64x10xf32> -> tensor<32x64xf32>
  return
}

// -----

func.func @rank(%arg0: tensor<10xf32>, %arg1: tensor<10x64xf32>) {
  // expected-error@+2 {{diff_dst must be [N,out], found 'tensor<10xf32>'}}
  // expected-error@+1 {{'nn.dense_bwd_data' op failed to infer returned types}}
  %0 = nn.dense_bwd_data %arg0, %arg1 : tensor<10xf32>, tensor<10x64xf32> -> tensor<32x64xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<32x10xf32>, %arg1: tensor<10x64xf64>) {
  // expected-error@+1 {{'nn.dense_bwd_data' op failed to verify that all of {diff_dst, weights, diff_src} have same element type}}
  %0 = nn.dense_bwd_data %arg0, %arg1 : tensor<32x10xf32>, tensor<10x64xf64> -> tensor<32x64xf32>
  return
}
