// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<4x6xf32>, %arg1: tensor<4x5x8xf32>) {
  // expected-error@+2 {{diff_dst must have one dimension more than src 'tensor<4x6xf32>', found 'tensor<4x5x8xf32>'}}
  // expected-error@+1 {{'nn.embedding_bwd_weights' op failed to infer returned types}}
  %0 = nn.embedding_bwd_weights %arg0, %arg1 {rows = 100 : i64} : tensor<4x6xf32>, tensor<4x5x8xf32> -> tensor<100x8xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<f32>, %arg1: tensor<8xf32>) {
  // expected-error@+2 {{src must be [N,...], found 'tensor<f32>'}}
  // expected-error@+1 {{'nn.embedding_bwd_weights' op failed to infer returned types}}
  %0 = nn.embedding_bwd_weights %arg0, %arg1 {rows = 100 : i64} : tensor<f32>, tensor<8xf32> -> tensor<100x8xf32>
  return
}

// -----

func.func @rows(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6x8xf32>) {
  // expected-error@+2 {{at least one row expected, found 0}}
  // expected-error@+1 {{'nn.embedding_bwd_weights' op failed to infer returned types}}
  %0 = nn.embedding_bwd_weights %arg0, %arg1 {rows = 0 : i64} : tensor<4x6xf32>, tensor<4x6x8xf32> -> tensor<0x8xf32>
  return
}

// -----

func.func @result(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6x8xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<100x8xf32>' are incompatible}}
  // expected-error@+1 {{'nn.embedding_bwd_weights' op failed to infer returned types}}
  %0 = nn.embedding_bwd_weights %arg0, %arg1 {rows = 100 : i64} : tensor<4x6xf32>, tensor<4x6x8xf32> -> tensor<8x100xf32>
  return
}
