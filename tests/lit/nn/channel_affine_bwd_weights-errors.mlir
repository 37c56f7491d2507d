// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<5xf32>, %arg1: tensor<5xf32>) {
  // expected-error@+2 {{src must be [N,...,C], found 'tensor<5xf32>'}}
  // expected-error@+1 {{'nn.channel_affine_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.channel_affine_bwd_weights %arg0, %arg1 : tensor<5xf32> -> tensor<5xf32>, tensor<5xf32>
  return
}

// -----

func.func @center(%arg0: tensor<2x5xf32>, %arg1: tensor<2x5xf32>, %arg2: tensor<3xf32>) {
  // expected-error@+2 {{center must have one value for each channel}}
  // expected-error@+1 {{'nn.channel_affine_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.channel_affine_bwd_weights %arg0, %arg1 center %arg2 : tensor<2x5xf32>, tensor<3xf32> -> tensor<5xf32>, tensor<5xf32>
  return
}
