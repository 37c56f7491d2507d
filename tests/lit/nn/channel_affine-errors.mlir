// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @scale(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<5xf32>, %arg2: tensor<5xf32>) {
  // expected-error@+2 {{scale must have one value for each channel, 'tensor<3xf32>', found 'tensor<5xf32>'}}
  // expected-error@+1 {{'nn.channel_affine' op failed to infer returned types}}
  %0 = nn.channel_affine %arg0, %arg1, %arg2 : tensor<2x4x4x3xf32>, tensor<5xf32>, tensor<5xf32> -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @shift(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<5xf32>) {
  // expected-error@+2 {{shift must have one value for each channel}}
  // expected-error@+1 {{'nn.channel_affine' op failed to infer returned types}}
  %0 = nn.channel_affine %arg0, %arg1, %arg2 : tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<5xf32> -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @center(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<5xf32>) {
  // expected-error@+2 {{center must have one value for each channel}}
  // expected-error@+1 {{'nn.channel_affine' op failed to infer returned types}}
  %0 = nn.channel_affine %arg0, %arg1, %arg2 center %arg3 : tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<5xf32> -> tensor<2x4x4x3xf32>
  return
}
