// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK:      %4 = nn.batch_norm %arg0, %0, %1, %2, %3 {epsilon = 1.000000e-03 : f64, has_scale = true, has_shift = true, momentum = 5.000000e-01 : f64} : (tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x4x4x3xf32>
nn.program @model attributes {batch = 2 : i64, data = {}, layers = [], train = {}} {
  nn.parameter @bn.mean : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "zeros"}, trainable = false}
  nn.parameter @bn.variance : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "ones"}, trainable = false}
  nn.parameter @bn.gamma : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "ones"}}
  nn.parameter @bn.beta : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "zeros"}}
  func.func @predict(%arg0: tensor<2x4x4x3xf32> {nn.name = "input", nn.role = "input"}) -> tensor<2x4x4x3xf32> attributes {nn.entry = "predict"} {
    %0 = nn.read @bn.mean : tensor<3xf32>
    %1 = nn.read @bn.variance : tensor<3xf32>
    %2 = nn.read @bn.gamma : tensor<3xf32>
    %3 = nn.read @bn.beta : tensor<3xf32>
    %4 = nn.batch_norm %arg0, %0, %1, %2, %3 {epsilon = 1.000000e-03 : f64, has_scale = true, has_shift = true, momentum = 5.000000e-01 : f64} : (tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x4x4x3xf32>
    return %4 : tensor<2x4x4x3xf32>
  }
  // CHECK:      nn.batch_norm %arg0, %0, %1 lengths %arg1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, momentum = 5.000000e-01 : f64} : (tensor<2x4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2xi32>) -> tensor<2x4x3xf32>
  func.func @features(%arg0: tensor<2x4x3xf32> {nn.name = "input", nn.role = "input"}, %arg1: tensor<2xi32> {nn.name = "input.lengths", nn.role = "input"}) -> tensor<2x4x3xf32> attributes {nn.entry = "features"} {
    %0 = nn.read @bn.mean : tensor<3xf32>
    %1 = nn.read @bn.variance : tensor<3xf32>
    %2 = nn.batch_norm %arg0, %0, %1 lengths %arg1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, momentum = 5.000000e-01 : f64} : (tensor<2x4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2xi32>) -> tensor<2x4x3xf32>
    return %2 : tensor<2x4x3xf32>
  }
}
