// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @pool_too_large(%arg0: tensor<2x2x2x3xf32>) {
  // expected-error@+2 {{a pool of 3x3 does not fit into 2x2}}
  // expected-error@+1 {{'nn.avg_pool2d' op failed to infer returned types}}
  %0 = nn.avg_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 3, 3>, strides = array<i64: 2, 2>} : tensor<2x2x2x3xf32> -> tensor<2x1x1x3xf32>
  return
}

// -----

func.func @window_of_padding(%arg0: tensor<1x4x4x1xf32>) {
  // expected-error@+2 {{pads must be smaller than the pool, or a window sees no element}}
  // expected-error@+1 {{'nn.avg_pool2d' op failed to infer returned types}}
  %0 = nn.avg_pool2d %arg0 {pads = array<i64: 2, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<1x4x4x1xf32> -> tensor<1x3x2x1xf32>
  return
}

// -----

func.func @pool_size(%arg0: tensor<1x4x4x1xf32>) {
  // expected-error@+2 {{pool size must be two positive numbers}}
  // expected-error@+1 {{'nn.avg_pool2d' op failed to infer returned types}}
  %0 = nn.avg_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 0>, strides = array<i64: 2, 2>} : tensor<1x4x4x1xf32> -> tensor<1x2x2x1xf32>
  return
}

// -----

func.func @rank(%arg0: tensor<4x4x1xf32>) {
  // expected-error@+2 {{src must be [N,H,W,C], found 'tensor<4x4x1xf32>'}}
  // expected-error@+1 {{'nn.avg_pool2d' op failed to infer returned types}}
  %0 = nn.avg_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<4x4x1xf32> -> tensor<1x2x2x1xf32>
  return
}

// -----

func.func @result(%arg0: tensor<1x4x4x1xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<1x2x2x1xf32>' are incompatible with return type(s) of operation 'tensor<1x2x3x1xf32>'}}
  // expected-error@+1 {{'nn.avg_pool2d' op failed to infer returned types}}
  %0 = nn.avg_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<1x4x4x1xf32> -> tensor<1x2x3x1xf32>
  return
}
