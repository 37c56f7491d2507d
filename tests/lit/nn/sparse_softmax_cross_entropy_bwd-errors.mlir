// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @diff_loss(%arg0: tensor<32x10xf32>, %arg1: tensor<32xi32>, %arg2: tensor<31xf32>) {
  // expected-error@+2 {{diff_loss must be a scalar, or a number for each of 32 samples, found 'tensor<31xf32>'}}
  // expected-error@+1 {{'nn.sparse_softmax_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<32x10xf32>, tensor<32xi32>, tensor<31xf32> -> tensor<32x10xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<32x10xf32>, %arg1: tensor<7xi32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{scores have 32 samples, labels 7}}
  // expected-error@+1 {{'nn.sparse_softmax_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<32x10xf32>, tensor<7xi32>, tensor<f32> -> tensor<32x10xf32>
  return
}

// -----

func.func @result(%arg0: tensor<32x10xf32>, %arg1: tensor<32xi32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<32x10xf32>' are incompatible with return type(s) of operation 'tensor<32xf32>'}}
  // expected-error@+1 {{'nn.sparse_softmax_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<32x10xf32>, tensor<32xi32>, tensor<f32> -> tensor<32xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<32x10xf32>, %arg1: tensor<32xi32>, %arg2: tensor<f64>) {
  // expected-error@+1 {{'nn.sparse_softmax_cross_entropy_bwd' op failed to verify that all of {logits, diff_loss} have same element type}}
  %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<32x10xf32>, tensor<32xi32>, tensor<f64> -> tensor<32x10xf32>
  return
}

// -----

func.func @weights(%arg0: tensor<4x3xf32>, %arg1: tensor<4xi32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{class_weights must be 3 numbers, one a class, found 1}}
  // expected-error@+1 {{'nn.sparse_softmax_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 {class_weights = array<f64: 1.0>} : tensor<4x3xf32>, tensor<4xi32>, tensor<f32> -> tensor<4x3xf32>
  return
}

// -----

func.func @smoothing(%arg0: tensor<4x3xf32>, %arg1: tensor<4xi32>, %arg2: tensor<f32>) {
  // expected-error@+2 {{label_smoothing must be within 0 and 1}}
  // expected-error@+1 {{'nn.sparse_softmax_cross_entropy_bwd' op failed to infer returned types}}
  %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 {label_smoothing = -1.0 : f64} : tensor<4x3xf32>, tensor<4xi32>, tensor<f32> -> tensor<4x3xf32>
  return
}
