// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @samples(%arg0: tensor<32x64xf32>, %arg1: tensor<31x10xf32>, %arg2: tensor<i32>) {
  // expected-error@+2 {{src has 32 rows, diff_dst has 31}}
  // expected-error@+1 {{'nn.dense_bwd_weights_whole' op failed to infer returned types}}
  %0 = nn.dense_bwd_weights_whole %arg0, %arg1, %arg2 {rows = 1 : i64} : tensor<32x64xf32>, tensor<31x10xf32>, tensor<i32> -> tensor<64x10xf32>
  return
}

// -----

func.func @rows(%arg0: tensor<32x64xf32>, %arg1: tensor<32x10xf32>, %arg2: tensor<i32>) {
  // expected-error@+2 {{rows must divide the 32 rows of src, found 5}}
  // expected-error@+1 {{'nn.dense_bwd_weights_whole' op failed to infer returned types}}
  %0 = nn.dense_bwd_weights_whole %arg0, %arg1, %arg2 {rows = 5 : i64} : tensor<32x64xf32>, tensor<32x10xf32>, tensor<i32> -> tensor<64x10xf32>
  return
}

// -----

func.func @scalar(%arg0: tensor<32x64xf32>, %arg1: tensor<32x10xf32>, %arg2: tensor<32xi32>) {
  // expected-error@+2 {{samples must be a scalar}}
  // expected-error@+1 {{'nn.dense_bwd_weights_whole' op failed to infer returned types}}
  %0 = nn.dense_bwd_weights_whole %arg0, %arg1, %arg2 {rows = 1 : i64} : tensor<32x64xf32>, tensor<32x10xf32>, tensor<32xi32> -> tensor<64x10xf32>
  return
}
