// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @unread(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>) {
  // expected-error@+1 {{moving statistics must be read from parameters, which training replaces}}
  %0 = nn.batch_norm %arg0, %arg1, %arg2 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, momentum = 5.000000e-01 : f64} : (tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

nn.program @model attributes {batch = 2 : i64, data = {}, layers = [], train = {}} {
  nn.parameter @mean : tensor<5xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "zeros"}, trainable = false}
  nn.parameter @variance : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "ones"}, trainable = false}
  func.func @predict(%arg0: tensor<2x4x4x3xf32> {nn.name = "input", nn.role = "input"}) attributes {nn.entry = "predict"} {
    %0 = nn.read @mean : tensor<5xf32>
    %1 = nn.read @variance : tensor<3xf32>
    // expected-error@+2 {{moving_mean must have one value for each channel, 'tensor<3xf32>', found 'tensor<5xf32>'}}
    // expected-error@+1 {{'nn.batch_norm' op failed to infer returned types}}
    %2 = nn.batch_norm %arg0, %0, %1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, momentum = 5.000000e-01 : f64} : (tensor<2x4x4x3xf32>, tensor<5xf32>, tensor<3xf32>) -> tensor<2x4x4x3xf32>
    return
  }
}

// -----

nn.program @model attributes {batch = 2 : i64, data = {}, layers = [], train = {}} {
  nn.parameter @mean : tensor<5xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "zeros"}, trainable = false}
  nn.parameter @variance : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "ones"}, trainable = false}
  func.func @predict(%arg0: tensor<2x4x4x3xf32> {nn.name = "input", nn.role = "input"}) attributes {nn.entry = "predict"} {
    %0 = nn.read @mean : tensor<5xf32>
    %1 = nn.read @variance : tensor<3xf32>
    // expected-error@+2 {{affine must have 0 values as has_scale and has_shift say, found 1}}
    // expected-error@+1 {{'nn.batch_norm' op failed to infer returned types}}
    %2 = nn.batch_norm %arg0, %1, %1, %1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, momentum = 5.000000e-01 : f64} : (tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x4x4x3xf32>
    return
  }
}

// -----

nn.program @model attributes {batch = 2 : i64, data = {}, layers = [], train = {}} {
  nn.parameter @mean : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "zeros"}, trainable = false}
  nn.parameter @variance : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "ones"}, trainable = false}
  func.func @predict(%arg0: tensor<8x4x3xf32> {nn.name = "input", nn.role = "input"}, %arg1: tensor<3xi32> {nn.name = "input.lengths", nn.role = "input"}) attributes {nn.entry = "predict"} {
    %0 = nn.read @mean : tensor<3xf32>
    %1 = nn.read @variance : tensor<3xf32>
    // expected-error@+2 {{lengths must have one number for each sequence of src 'tensor<8x4x3xf32>', found 'tensor<3xi32>'}}
    // expected-error@+1 {{'nn.batch_norm' op failed to infer returned types}}
    %2 = nn.batch_norm %arg0, %0, %1 lengths %arg1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, momentum = 5.000000e-01 : f64} : (tensor<8x4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xi32>) -> tensor<8x4x3xf32>
    return
  }
}
