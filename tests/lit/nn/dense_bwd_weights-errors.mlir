// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @samples(%arg0: tensor<32x64xf32>, %arg1: tensor<31x10xf32>) {
  // expected-error@+2 {{src has 32 samples, diff_dst has 31}}
  // expected-error@+1 {{'nn.dense_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.dense_bwd_weights %arg0, %arg1 : tensor<32x64xf32>, tensor<31x10xf32> -> tensor<64x10xf32>, tensor<10xf32>
  return
}

// -----

func.func @rank(%arg0: tensor<32x8x8xf32>, %arg1: tensor<32x10xf32>) {
  // expected-error@+2 {{src must be [N,in], found 'tensor<32x8x8xf32>'}}
  // expected-error@+1 {{'nn.dense_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.dense_bwd_weights %arg0, %arg1 : tensor<32x8x8xf32>, tensor<32x10xf32> -> tensor<64x10xf32>, tensor<10xf32>
  return
}

// -----

func.func @result(%arg0: tensor<32x64xf32>, %arg1: tensor<32x10xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<64x10xf32>', 'tensor<10xf32>' are incompatible}}
  // expected-error@+1 {{'nn.dense_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.dense_bwd_weights %arg0, %arg1 : tensor<32x64xf32>, tensor<32x10xf32> -> tensor<10x64xf32>, tensor<10xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<32x64xf32>, %arg1: tensor<32x10xf64>) {
  // expected-error@+1 {{'nn.dense_bwd_weights' op failed to verify that all of {src, diff_dst} have same element type}}
  %0, %1 = nn.dense_bwd_weights %arg0, %arg1 : tensor<32x64xf32>, tensor<32x10xf64> -> tensor<64x10xf32>, tensor<10xf32>
  return
}
