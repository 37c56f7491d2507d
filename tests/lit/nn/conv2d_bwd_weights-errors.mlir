// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @kernel_size(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<2x6x6x4xf32>) {
  // expected-error@+2 {{is not the result of such a convolution of 'tensor<2x8x8x3xf32>'}}
  // expected-error@+1 {{'nn.conv2d_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.conv2d_bwd_weights %arg0, %arg1 {kernel_size = array<i64: 4, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<2x6x6x4xf32> -> tensor<4x3x3x4xf32>, tensor<4xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x6x6x4xf32>) {
  // expected-error@+2 {{is not the result of such a convolution of 'tensor<2x8x8x3xf32>'}}
  // expected-error@+1 {{'nn.conv2d_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.conv2d_bwd_weights %arg0, %arg1 {kernel_size = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x6x6x4xf32> -> tensor<3x3x3x4xf32>, tensor<4xf32>
  return
}

// -----

func.func @kernel_size_rank(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<2x6x6x4xf32>) {
  // expected-error@+2 {{kernel size must be two positive numbers}}
  // expected-error@+1 {{'nn.conv2d_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.conv2d_bwd_weights %arg0, %arg1 {kernel_size = array<i64: 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<2x6x6x4xf32> -> tensor<3x3x3x4xf32>, tensor<4xf32>
  return
}

// -----

func.func @bias(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<2x6x6x4xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<3x3x3x4xf32>', 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<3x3x3x4xf32>', 'tensor<3xf32>'}}
  // expected-error@+1 {{'nn.conv2d_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.conv2d_bwd_weights %arg0, %arg1 {kernel_size = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<2x6x6x4xf32> -> tensor<3x3x3x4xf32>, tensor<3xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<2x6x6x4xf64>) {
  // expected-error@+1 {{'nn.conv2d_bwd_weights' op failed to verify that all of {src, diff_dst} have same element type}}
  %0, %1 = nn.conv2d_bwd_weights %arg0, %arg1 {kernel_size = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<2x6x6x4xf64> -> tensor<3x3x3x4xf32>, tensor<4xf32>
  return
}

// -----

func.func @groups(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<2x6x6x4xf32>) {
  // expected-error@+2 {{3 and 4 channels cannot be cut into 2 groups}}
  // expected-error@+1 {{'nn.conv2d_bwd_weights' op failed to infer returned types}}
  %0, %1 = nn.conv2d_bwd_weights %arg0, %arg1 {groups = 2 : i64, kernel_size = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<2x6x6x4xf32> -> tensor<3x3x1x4xf32>, tensor<4xf32>
  return
}
