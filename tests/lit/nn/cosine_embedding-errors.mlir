// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) {
  // expected-error@+2 {{src must be [N,values], found 'tensor<4xf32>'}}
  // expected-error@+1 {{'nn.cosine_embedding' op failed to infer returned types}}
  %0 = nn.cosine_embedding %arg0, %arg1 {margin = 1.0 : f64} : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @targets(%arg0: tensor<4x1xf32>, %arg1: tensor<4x2xf32>) {
  // expected-error@+1 {{'nn.cosine_embedding' op failed to verify that all of {src, targets} have same type}}
  %0 = "nn.cosine_embedding"(%arg0, %arg1) <{margin = 1.0 : f64}> : (tensor<4x1xf32>, tensor<4x2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @margin(%arg0: tensor<4x1xf32>, %arg1: tensor<4x1xf32>) {
  // expected-error@+2 {{margin must be at least 0}}
  // expected-error@+1 {{'nn.cosine_embedding' op failed to infer returned types}}
  %0 = nn.cosine_embedding %arg0, %arg1 {margin = -1.0 : f64} : tensor<4x1xf32> -> tensor<4xf32>
  return
}
