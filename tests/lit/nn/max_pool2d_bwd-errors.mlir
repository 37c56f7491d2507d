// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @workspace(%arg0: tensor<2x3x3x4xf32>, %arg1: tensor<2x3x2x4xui8>) {
  // expected-error@+2 {{workspace 'tensor<2x3x2x4xui8>' must have the shape of diff_dst 'tensor<2x3x3x4xf32>'}}
  // expected-error@+1 {{'nn.max_pool2d_bwd' op failed to infer returned types}}
  %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 6, 6>, strides = array<i64: 2, 2>} : tensor<2x3x3x4xf32>, tensor<2x3x2x4xui8> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @src_size(%arg0: tensor<2x3x3x4xf32>, %arg1: tensor<2x3x3x4xui8>) {
  // expected-error@+2 {{is not the result of such a pool}}
  // expected-error@+1 {{'nn.max_pool2d_bwd' op failed to infer returned types}}
  %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 8, 6>, strides = array<i64: 2, 2>} : tensor<2x3x3x4xf32>, tensor<2x3x3x4xui8> -> tensor<2x8x6x4xf32>
  return
}

// -----

func.func @src_size_rank(%arg0: tensor<2x3x3x4xf32>, %arg1: tensor<2x3x3x4xui8>) {
  // expected-error@+2 {{is not the result of such a pool}}
  // expected-error@+1 {{'nn.max_pool2d_bwd' op failed to infer returned types}}
  %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 6, 6, 4>, strides = array<i64: 2, 2>} : tensor<2x3x3x4xf32>, tensor<2x3x3x4xui8> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @strides(%arg0: tensor<2x3x3x4xf32>, %arg1: tensor<2x3x3x4xui8>) {
  // expected-error@+2 {{strides must be two positive numbers}}
  // expected-error@+1 {{'nn.max_pool2d_bwd' op failed to infer returned types}}
  %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 6, 6>, strides = array<i64: 2>} : tensor<2x3x3x4xf32>, tensor<2x3x3x4xui8> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @result(%arg0: tensor<2x3x3x4xf32>, %arg1: tensor<2x3x3x4xui8>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2x6x6x4xf32>' are incompatible with return type(s) of operation 'tensor<2x6x6x3xf32>'}}
  // expected-error@+1 {{'nn.max_pool2d_bwd' op failed to infer returned types}}
  %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 6, 6>, strides = array<i64: 2, 2>} : tensor<2x3x3x4xf32>, tensor<2x3x3x4xui8> -> tensor<2x6x6x3xf32>
  return
}

// -----

func.func @workspace_type(%arg0: tensor<2x3x3x4xf32>, %arg1: tensor<2x3x3x4xf32>) {
  // expected-error@+1 {{operand #1 must be statically shaped tensor of 8-bit unsigned integer values}}
  %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 6, 6>, strides = array<i64: 2, 2>} : tensor<2x3x3x4xf32>, tensor<2x3x3x4xf32> -> tensor<2x6x6x4xf32>
  return
}
