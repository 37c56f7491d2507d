// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @diff_loss(%arg0: tensor<4x1xf32>, %arg1: tensor<4x1xf32>, %arg2: tensor<3xf32>) {
  // expected-error@+2 {{diff_loss must be a scalar, or a number for each of 4 samples, found 'tensor<3xf32>'}}
  // expected-error@+1 {{'nn.contrastive_bwd' op failed to infer returned types}}
  %0 = nn.contrastive_bwd %arg0, %arg1, %arg2 {margin = 1.0 : f64} : tensor<4x1xf32>, tensor<3xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @margin(%arg0: tensor<4x1xf32>, %arg1: tensor<4x1xf32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{margin must be at least 0}}
  // expected-error@+1 {{'nn.contrastive_bwd' op failed to infer returned types}}
  %0 = nn.contrastive_bwd %arg0, %arg1, %arg2 {margin = -1.0 : f64} : tensor<4x1xf32>, tensor<f32> -> tensor<4x1xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<4x1xf32>, %arg1: tensor<4x1xf32>, %arg2: tensor<f64>) {
  // expected-error@+1 {{'nn.contrastive_bwd' op failed to verify that all of {src, diff_loss} have same element type}}
  %0 = nn.contrastive_bwd %arg0, %arg1, %arg2 {margin = 1.0 : f64} : tensor<4x1xf32>, tensor<f64> -> tensor<4x1xf32>
  return
}
