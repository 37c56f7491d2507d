// RUN: nncc-opt %s --pass-pipeline='builtin.module(nn.program(nn-infer))' | FileCheck %s

// Outside of training dropout is nothing and batch normalization takes what it has stored.
// CHECK-LABEL: func.func @predict
// CHECK-NOT:     nn.dropout
// CHECK-NOT:     nn.batch_norm
// CHECK:         %center, %scale, %shift = nn.stored_coefficients %0, %1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, invert = false, least = 0.000000e+00 : f64}
// CHECK-NEXT:    %[[DST:.*]] = nn.channel_affine %arg0, %scale, %shift center %center
// CHECK-NEXT:    return %[[DST]]
nn.program @model attributes {batch = 2 : i64, data = {}, layers = [], train = {}} {
  nn.parameter @bn.mean : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "zeros"}, trainable = false}
  nn.parameter @bn.variance : tensor<3xf32> {fan_in = 3 : i64, fan_out = 3 : i64, initializer = {name = "ones"}, trainable = false}
  func.func @predict(%arg0: tensor<2x4x4x3xf32> {nn.name = "input", nn.role = "input"}) -> tensor<2x4x4x3xf32> attributes {nn.entry = "predict"} {
    %0 = nn.read @bn.mean : tensor<3xf32>
    %1 = nn.read @bn.variance : tensor<3xf32>
    %2 = nn.batch_norm %arg0, %0, %1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, momentum = 5.000000e-01 : f64} : (tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x4x4x3xf32>
    %3 = nn.dropout %2 {rate = 5.000000e-01 : f64, stream = 7 : i64} : tensor<2x4x4x3xf32>
    return %3 : tensor<2x4x4x3xf32>
  }
}
