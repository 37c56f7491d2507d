// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @src_size(%arg0: tensor<2x6x6x4xf32>, %arg1: tensor<3x3x4x3xf32>) {
  // expected-error@+2 {{is not the result of such a convolution with weights}}
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to infer returned types}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 9, 8>, strides = array<i64: 1, 1>} : tensor<2x6x6x4xf32>, tensor<3x3x4x3xf32> -> tensor<2x9x8x3xf32>
  return
}

// -----

func.func @src_size_rank(%arg0: tensor<2x6x6x4xf32>, %arg1: tensor<3x3x4x3xf32>) {
  // expected-error@+2 {{is not the result of such a convolution with weights}}
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to infer returned types}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8>, strides = array<i64: 1, 1>} : tensor<2x6x6x4xf32>, tensor<3x3x4x3xf32> -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @channels(%arg0: tensor<2x6x6x4xf32>, %arg1: tensor<3x3x5x3xf32>) {
  // expected-error@+2 {{is not the result of such a convolution with weights}}
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to infer returned types}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, 1>} : tensor<2x6x6x4xf32>, tensor<3x3x5x3xf32> -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @forward_weights(%arg0: tensor<2x6x6x4xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{is not the result of such a convolution with weights}}
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to infer returned types}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, 1>} : tensor<2x6x6x4xf32>, tensor<3x3x3x4xf32> -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @rank(%arg0: tensor<6x6x4xf32>, %arg1: tensor<3x3x4x3xf32>) {
  // expected-error@+2 {{diff_dst must be [N,oh,ow,oc], found 'tensor<6x6x4xf32>'}}
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to infer returned types}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, 1>} : tensor<6x6x4xf32>, tensor<3x3x4x3xf32> -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @strides(%arg0: tensor<2x6x6x4xf32>, %arg1: tensor<3x3x4x3xf32>) {
  // expected-error@+2 {{strides must be two positive numbers}}
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to infer returned types}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, -1>} : tensor<2x6x6x4xf32>, tensor<3x3x4x3xf32> -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @result(%arg0: tensor<2x6x6x4xf32>, %arg1: tensor<3x3x4x3xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2x8x8x3xf32>' are incompatible with return type(s) of operation 'tensor<2x8x8x4xf32>'}}
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to infer returned types}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, 1>} : tensor<2x6x6x4xf32>, tensor<3x3x4x3xf32> -> tensor<2x8x8x4xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<2x6x6x4xf32>, %arg1: tensor<3x3x4x3xf64>) {
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to verify that all of {diff_dst, weights, diff_src} have same element type}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, 1>} : tensor<2x6x6x4xf32>, tensor<3x3x4x3xf64> -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @groups(%arg0: tensor<2x6x6x4xf32>, %arg1: tensor<3x3x2x3xf32>) {
  // expected-error@+2 {{3 output channels cannot be cut into 2 groups}}
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to infer returned types}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, 1>} : tensor<2x6x6x4xf32>, tensor<3x3x2x3xf32> -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @bias(%arg0: tensor<2x6x6x4xf32>, %arg1: tensor<3x3x4x3xf32>, %arg2: tensor<4xf32>) {
  // expected-error@+2 {{bias must have one value for each of the 3 output channels, found 'tensor<4xf32>'}}
  // expected-error@+1 {{'nn.conv2d_bwd_data' op failed to infer returned types}}
  %0 = nn.conv2d_bwd_data %arg0, %arg1 bias %arg2 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, 1>} : tensor<2x6x6x4xf32>, tensor<3x3x4x3xf32>, tensor<4xf32> -> tensor<2x8x8x3xf32>
  return
}
