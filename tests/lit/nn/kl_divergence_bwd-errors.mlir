// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @diff_loss(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<3xf32>) {
  // expected-error@+2 {{diff_loss must be a scalar, or a number for each of 4 samples, found 'tensor<3xf32>'}}
  // expected-error@+1 {{'nn.kl_divergence_bwd' op failed to infer returned types}}
  %0 = nn.kl_divergence_bwd %arg0, %arg1, %arg2 {rows = 1 : i64} : tensor<4x6xf32>, tensor<3xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @rank(%arg0: tensor<4x6x2xf32>, %arg1: tensor<4x6x2xf32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{src must be [N,values], found 'tensor<4x6x2xf32>'}}
  // expected-error@+1 {{'nn.kl_divergence_bwd' op failed to infer returned types}}
  %0 = nn.kl_divergence_bwd %arg0, %arg1, %arg2 {rows = 1 : i64} : tensor<4x6x2xf32>, tensor<f32> -> tensor<4x6x2xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<f64>) {
  // expected-error@+1 {{'nn.kl_divergence_bwd' op failed to verify that all of {src, diff_loss} have same element type}}
  %0 = nn.kl_divergence_bwd %arg0, %arg1, %arg2 {rows = 1 : i64} : tensor<4x6xf32>, tensor<f64> -> tensor<4x6xf32>
  return
}

// -----

func.func @rows(%arg0: tensor<4x3xf32>, %arg1: tensor<4x3xf32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{3 values are no 2 rows of one length}}
  // expected-error@+1 {{'nn.kl_divergence_bwd' op failed to infer returned types}}
  %0 = nn.kl_divergence_bwd %arg0, %arg1, %arg2 {rows = 2 : i64} : tensor<4x3xf32>, tensor<f32> -> tensor<4x3xf32>
  return
}
