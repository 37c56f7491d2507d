// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @twice(%arg0: tensor<3x4xf32>) {
  // expected-error@+1 {{'nn.permute' op perm must name each dimension of src once}}
  %0 = nn.permute %arg0 {perm = array<i64: 0, 0>} : tensor<3x4xf32> -> tensor<3x3xf32>
  return
}

// -----

func.func @too_few(%arg0: tensor<3x4xf32>) {
  // expected-error@+1 {{'nn.permute' op perm must name each dimension of src once}}
  %0 = nn.permute %arg0 {perm = array<i64: 0>} : tensor<3x4xf32> -> tensor<3xf32>
  return
}

// -----

func.func @out_of_range(%arg0: tensor<3x4xf32>) {
  // expected-error@+1 {{'nn.permute' op perm must name each dimension of src once}}
  %0 = nn.permute %arg0 {perm = array<i64: 1, 2>} : tensor<3x4xf32> -> tensor<4x3xf32>
  return
}

// -----

func.func @negative(%arg0: tensor<3x4xf32>) {
  // expected-error@+1 {{'nn.permute' op perm must name each dimension of src once}}
  %0 = nn.permute %arg0 {perm = array<i64: 1, -1>} : tensor<3x4xf32> -> tensor<4x3xf32>
  return
}

// -----

func.func @inverse(%arg0: tensor<2x3x4xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<3x4x2xf32>' are incompatible with return type(s) of operation 'tensor<4x2x3xf32>'}}
  // expected-error@+1 {{'nn.permute' op failed to infer returned types}}
  %0 = nn.permute %arg0 {perm = array<i64: 1, 2, 0>} : tensor<2x3x4xf32> -> tensor<4x2x3xf32>
  return
}
