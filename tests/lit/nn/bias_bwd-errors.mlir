// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<2x4x3xf32>) {
  // expected-error@+2 {{diff_dst must be [N,H,W,C], found 'tensor<2x4x3xf32>'}}
  // expected-error@+1 {{'nn.bias_bwd' op failed to infer returned types}}
  %0 = nn.bias_bwd %arg0 : tensor<2x4x3xf32> -> tensor<3xf32>
  return
}

// -----

func.func @result(%arg0: tensor<2x4x5x3xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<3xf32>' are incompatible with return type(s) of operation 'tensor<5xf32>'}}
  // expected-error@+1 {{'nn.bias_bwd' op failed to infer returned types}}
  %0 = nn.bias_bwd %arg0 : tensor<2x4x5x3xf32> -> tensor<5xf32>
  return
}
