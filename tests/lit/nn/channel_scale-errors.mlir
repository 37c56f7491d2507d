// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @scale(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2x5xf32>) {
  // expected-error@+2 {{scale must have one value for each channel}}
  // expected-error@+1 {{'nn.channel_scale' op failed to infer returned types}}
  %0 = nn.channel_scale %arg0, %arg1 : tensor<2x4x4x3xf32>, tensor<2x5xf32> -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @types(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<3xf64>) {
  // expected-error@+1 {{failed to verify that all of {src, scale} have same element type}}
  %0 = nn.channel_scale %arg0, %arg1 : tensor<2x4x4x3xf32>, tensor<3xf64> -> tensor<2x4x4x3xf32>
  return
}
