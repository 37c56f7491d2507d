// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @samples(%arg0: tensor<32x10xf32>, %arg1: tensor<31xi32>) {
  // expected-error@+2 {{scores have 32 samples, labels 31}}
  // expected-error@+1 {{'nn.sparse_cross_entropy' op failed to infer returned types}}
  %0 = nn.sparse_cross_entropy %arg0, %arg1 : tensor<32x10xf32>, tensor<31xi32> -> tensor<32xf32>
  return
}

// -----

func.func @one_hot(%arg0: tensor<32x10xf32>, %arg1: tensor<32x10xi32>) {
  // expected-error@+2 {{labels must be [N], found 'tensor<32x10xi32>'}}
  // expected-error@+1 {{'nn.sparse_cross_entropy' op failed to infer returned types}}
  %0 = nn.sparse_cross_entropy %arg0, %arg1 : tensor<32x10xf32>, tensor<32x10xi32> -> tensor<32xf32>
  return
}

// -----

func.func @rank(%arg0: tensor<32x2x5xf32>, %arg1: tensor<32xi32>) {
  // expected-error@+2 {{scores must be [N,classes], found 'tensor<32x2x5xf32>'}}
  // expected-error@+1 {{'nn.sparse_cross_entropy' op failed to infer returned types}}
  %0 = nn.sparse_cross_entropy %arg0, %arg1 : tensor<32x2x5xf32>, tensor<32xi32> -> tensor<32xf32>
  return
}

// -----

func.func @mean(%arg0: tensor<32x10xf32>, %arg1: tensor<32xi32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<32xf32>' are incompatible with return type(s) of operation 'tensor<f32>'}}
  // expected-error@+1 {{'nn.sparse_cross_entropy' op failed to infer returned types}}
  %0 = nn.sparse_cross_entropy %arg0, %arg1 : tensor<32x10xf32>, tensor<32xi32> -> tensor<f32>
  return
}

// -----

func.func @label_type(%arg0: tensor<32x10xf32>, %arg1: tensor<32xi64>) {
  // expected-error@+1 {{operand #1 must be statically shaped tensor of 32-bit signless integer values, but got 'tensor<32xi64>'}}
  %0 = nn.sparse_cross_entropy %arg0, %arg1 : tensor<32x10xf32>, tensor<32xi64> -> tensor<32xf32>
  return
}

// -----

func.func @no_classes(%arg0: tensor<32xf32>, %arg1: tensor<32xi32>) {
  // expected-error@+2 {{scores must be [N,classes], found 'tensor<32xf32>'}}
  // expected-error@+1 {{'nn.sparse_cross_entropy' op failed to infer returned types}}
  %0 = nn.sparse_cross_entropy %arg0, %arg1 : tensor<32xf32>, tensor<32xi32> -> tensor<32xf32>
  return
}

// -----

func.func @one_class(%arg0: tensor<32x1xf32>, %arg1: tensor<32xi32>) {
  // expected-error@+2 {{scores of at least 2 classes are needed, found 1}}
  // expected-error@+1 {{'nn.sparse_cross_entropy' op failed to infer returned types}}
  %0 = nn.sparse_cross_entropy %arg0, %arg1 : tensor<32x1xf32>, tensor<32xi32> -> tensor<32xf32>
  return
}

// -----

func.func @weights(%arg0: tensor<4x3xf32>, %arg1: tensor<4xi32>) {
  // expected-error@+2 {{class_weights must be 3 numbers, one a class, found 1}}
  // expected-error@+1 {{'nn.sparse_cross_entropy' op failed to infer returned types}}
  %0 = nn.sparse_cross_entropy %arg0, %arg1 {class_weights = array<f64: 1.0>} : tensor<4x3xf32>, tensor<4xi32> -> tensor<4xf32>
  return
}

// -----

func.func @smoothing(%arg0: tensor<4x3xf32>, %arg1: tensor<4xi32>) {
  // expected-error@+2 {{label_smoothing must be within 0 and 1}}
  // expected-error@+1 {{'nn.sparse_cross_entropy' op failed to infer returned types}}
  %0 = nn.sparse_cross_entropy %arg0, %arg1 {label_smoothing = -1.0 : f64} : tensor<4x3xf32>, tensor<4xi32> -> tensor<4xf32>
  return
}
