// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{src must be [N,H,W,C], found 'tensor<2x4x3xf32>'}}
  // expected-error@+1 {{'nn.upsample' op failed to infer returned types}}
  %0 = nn.upsample %arg0 {size = array<i64: 2, 2>} : tensor<2x4x3xf32> -> tensor<2x8x6xf32>
  return
}

// -----

func.func @size(%arg0: tensor<2x4x4x3xf32>) {
  // expected-error@+2 {{size must be two positive numbers}}
  // expected-error@+1 {{'nn.upsample' op failed to infer returned types}}
  %0 = nn.upsample %arg0 {size = array<i64: 2, 0>} : tensor<2x4x4x3xf32> -> tensor<2x8x4x3xf32>
  return
}

// -----

func.func @result(%arg0: tensor<2x4x4x3xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2x8x8x3xf32>' are incompatible with return type(s) of operation 'tensor<2x8x4x3xf32>'}}
  // expected-error@+1 {{'nn.upsample' op failed to infer returned types}}
  %0 = nn.upsample %arg0 {size = array<i64: 2, 2>} : tensor<2x4x4x3xf32> -> tensor<2x8x4x3xf32>
  return
}
