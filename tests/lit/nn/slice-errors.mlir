// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{begin and size must have a number for each dimension of 'tensor<2x4x3xf32>'}}
  // expected-error@+1 {{'nn.slice' op failed to infer returned types}}
  %0 = nn.slice %arg0 {begin = array<i64: 0, 1>, size = array<i64: 2, 2>} : tensor<2x4x3xf32> -> tensor<2x2x3xf32>
  return
}

// -----

func.func @outside(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{a slice of 3 from 2 does not lie in dimension 1 of 'tensor<2x4x3xf32>'}}
  // expected-error@+1 {{'nn.slice' op failed to infer returned types}}
  %0 = nn.slice %arg0 {begin = array<i64: 0, 2, 0>, size = array<i64: 2, 3, 3>} : tensor<2x4x3xf32> -> tensor<2x3x3xf32>
  return
}

// -----

func.func @empty(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{a slice of 0 from 2 does not lie in dimension 1 of 'tensor<2x4x3xf32>'}}
  // expected-error@+1 {{'nn.slice' op failed to infer returned types}}
  %0 = nn.slice %arg0 {begin = array<i64: 0, 2, 0>, size = array<i64: 2, 0, 3>} : tensor<2x4x3xf32> -> tensor<2x1x3xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{dimension 0, the samples, must be kept whole}}
  // expected-error@+1 {{'nn.slice' op failed to infer returned types}}
  %0 = nn.slice %arg0 {begin = array<i64: 0, 0, 0>, size = array<i64: 1, 4, 3>} : tensor<2x4x3xf32> -> tensor<1x4x3xf32>
  return
}

// -----

func.func @result(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2x2x3xf32>' are incompatible with return type(s) of operation 'tensor<2x3x3xf32>'}}
  // expected-error@+1 {{'nn.slice' op failed to infer returned types}}
  %0 = nn.slice %arg0 {begin = array<i64: 0, 2, 0>, size = array<i64: 2, 2, 3>} : tensor<2x4x3xf32> -> tensor<2x3x3xf32>
  return
}
