// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @k(%arg0: tensor<4x6xf32>, %arg1: tensor<4xi32>) {
  // expected-error@+2 {{k must be at least 1, found 0}}
  // expected-error@+1 {{'nn.sparse_top_k_accuracy' op failed to infer returned types}}
  %0 = nn.sparse_top_k_accuracy %arg0, %arg1 {k = 0 : i64} : tensor<4x6xf32>, tensor<4xi32> -> tensor<4xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<4x6xf32>, %arg1: tensor<5xi32>) {
  // expected-error@+2 {{scores have 4 samples, labels 5}}
  // expected-error@+1 {{'nn.sparse_top_k_accuracy' op failed to infer returned types}}
  %0 = nn.sparse_top_k_accuracy %arg0, %arg1 {k = 1 : i64} : tensor<4x6xf32>, tensor<5xi32> -> tensor<5xf32>
  return
}
