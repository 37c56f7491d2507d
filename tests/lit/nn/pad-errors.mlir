// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{before and after must have a number for each dimension of 'tensor<2x4x3xf32>'}}
  // expected-error@+1 {{'nn.pad' op failed to infer returned types}}
  %0 = nn.pad %arg0 {after = array<i64: 0, 1>, before = array<i64: 0, 1>} : tensor<2x4x3xf32> -> tensor<2x6x3xf32>
  return
}

// -----

func.func @negative(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{before and after must not be negative, found -1 and 0 for dimension 1}}
  // expected-error@+1 {{'nn.pad' op failed to infer returned types}}
  %0 = nn.pad %arg0 {after = array<i64: 0, 0, 0>, before = array<i64: 0, -1, 0>} : tensor<2x4x3xf32> -> tensor<2x3x3xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{dimension 0, the samples, cannot be padded}}
  // expected-error@+1 {{'nn.pad' op failed to infer returned types}}
  %0 = nn.pad %arg0 {after = array<i64: 0, 0, 0>, before = array<i64: 1, 0, 0>} : tensor<2x4x3xf32> -> tensor<3x4x3xf32>
  return
}

// -----

func.func @result(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2x6x3xf32>' are incompatible with return type(s) of operation 'tensor<2x5x3xf32>'}}
  // expected-error@+1 {{'nn.pad' op failed to infer returned types}}
  %0 = nn.pad %arg0 {after = array<i64: 0, 1, 0>, before = array<i64: 0, 1, 0>} : tensor<2x4x3xf32> -> tensor<2x5x3xf32>
  return
}
