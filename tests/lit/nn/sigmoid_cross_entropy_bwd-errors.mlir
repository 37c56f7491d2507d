// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @diff_loss(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<3xf32>) {
  // expected-error@+2 {{diff_loss must be a scalar, or a number for each of 4 samples, found 'tensor<3xf32>'}}
  // expected-error@+1 {{'nn.sigmoid_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sigmoid_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<3xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @rank(%arg0: tensor<4x6x2xf32>, %arg1: tensor<4x6x2xf32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{src must be [N,values], found 'tensor<4x6x2xf32>'}}
  // expected-error@+1 {{'nn.sigmoid_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sigmoid_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<4x6x2xf32>, tensor<f32> -> tensor<4x6x2xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<f64>) {
  // expected-error@+1 {{'nn.sigmoid_cross_entropy_bwd' op failed to verify that all of {src, diff_loss} have same element type}}
  %0 = nn.sigmoid_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<f64> -> tensor<4x6xf32>
  return
}

// -----

func.func @smoothing(%arg0: tensor<4x3xf32>, %arg1: tensor<4x3xf32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{label_smoothing must be within 0 and 1}}
  // expected-error@+1 {{'nn.sigmoid_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sigmoid_cross_entropy_bwd %arg0, %arg1, %arg2 {label_smoothing = 2.0 : f64} : tensor<4x3xf32>, tensor<f32> -> tensor<4x3xf32>
  return
}

// -----

func.func @weights(%arg0: tensor<4x3xf32>, %arg1: tensor<4x3xf32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{class_weights need one value a sample, found 3}}
  // expected-error@+1 {{'nn.sigmoid_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sigmoid_cross_entropy_bwd %arg0, %arg1, %arg2 {class_weights = array<f64: 1.0, 2.0>} : tensor<4x3xf32>, tensor<f32> -> tensor<4x3xf32>
  return
}

// -----

func.func @weight_count(%arg0: tensor<4x1xf32>, %arg1: tensor<4x1xf32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{class_weights must be 2 numbers, one a class, found 1}}
  // expected-error@+1 {{'nn.sigmoid_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sigmoid_cross_entropy_bwd %arg0, %arg1, %arg2 {class_weights = array<f64: 1.0>} : tensor<4x1xf32>, tensor<f32> -> tensor<4x1xf32>
  return
}
