// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @pool_too_large(%arg0: tensor<2x2x2x3xf32>) {
  // expected-error@+2 {{a pool of 3x3 does not fit into 2x2}}
  // expected-error@+1 {{'nn.max_pool2d' op failed to infer returned types}}
  %0, %1 = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 3, 3>, strides = array<i64: 2, 2>} : tensor<2x2x2x3xf32> -> tensor<2x1x1x3xf32>, tensor<2x1x1x3xui8>
  return
}

// -----

func.func @positions(%arg0: tensor<1x17x17x1xf32>) {
  // expected-error@+2 {{pool_size has 289 positions; the workspace's byte tells 256 apart}}
  // expected-error@+1 {{'nn.max_pool2d' op failed to infer returned types}}
  %0, %1 = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 17, 17>, strides = array<i64: 2, 2>} : tensor<1x17x17x1xf32> -> tensor<1x1x1x1xf32>, tensor<1x1x1x1xui8>
  return
}

// -----

func.func @window_of_padding(%arg0: tensor<1x4x4x1xf32>) {
  // expected-error@+2 {{pads must be smaller than the pool, or a window sees no element}}
  // expected-error@+1 {{'nn.max_pool2d' op failed to infer returned types}}
  %0, %1 = nn.max_pool2d %arg0 {pads = array<i64: 2, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<1x4x4x1xf32> -> tensor<1x3x2x1xf32>, tensor<1x3x2x1xui8>
  return
}

// -----

func.func @pool_size(%arg0: tensor<1x4x4x1xf32>) {
  // expected-error@+2 {{pool size must be two positive numbers}}
  // expected-error@+1 {{'nn.max_pool2d' op failed to infer returned types}}
  %0, %1 = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 0>, strides = array<i64: 2, 2>} : tensor<1x4x4x1xf32> -> tensor<1x2x2x1xf32>, tensor<1x2x2x1xui8>
  return
}

// -----

func.func @pool_size_rank(%arg0: tensor<1x4x4x1xf32>) {
  // expected-error@+2 {{pool size must be two positive numbers}}
  // expected-error@+1 {{'nn.max_pool2d' op failed to infer returned types}}
  %0, %1 = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2>, strides = array<i64: 2, 2>} : tensor<1x4x4x1xf32> -> tensor<1x2x2x1xf32>, tensor<1x2x2x1xui8>
  return
}

// -----

func.func @pads(%arg0: tensor<1x4x4x1xf32>) {
  // expected-error@+2 {{pads must be four numbers that are not negative}}
  // expected-error@+1 {{'nn.max_pool2d' op failed to infer returned types}}
  %0, %1 = nn.max_pool2d %arg0 {pads = array<i64: 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<1x4x4x1xf32> -> tensor<1x2x2x1xf32>, tensor<1x2x2x1xui8>
  return
}

// -----

func.func @workspace_shape(%arg0: tensor<1x4x4x1xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<1x2x2x1xf32>', 'tensor<1x2x2x1xui8>' are incompatible}}
  // expected-error@+1 {{'nn.max_pool2d' op failed to infer returned types}}
  %0, %1 = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<1x4x4x1xf32> -> tensor<1x2x2x1xf32>, tensor<1x2x3x1xui8>
  return
}

// -----

func.func @workspace_type(%arg0: tensor<1x4x4x1xf32>) {
  // expected-error@+1 {{result #1 must be statically shaped tensor of 8-bit unsigned integer values, but got 'tensor<1x2x2x1xi8>'}}
  %0, %1 = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<1x4x4x1xf32> -> tensor<1x2x2x1xf32>, tensor<1x2x2x1xi8>
  return
}

// -----

func.func @rank(%arg0: tensor<4x4x1xf32>) {
  // expected-error@+2 {{src must be [N,H,W,C], found 'tensor<4x4x1xf32>'}}
  // expected-error@+1 {{'nn.max_pool2d' op failed to infer returned types}}
  %0, %1 = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<4x4x1xf32> -> tensor<1x2x2x1xf32>, tensor<1x2x2x1xui8>
  return
}
