// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

nn.program @p attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  // Trainable where nothing else is said.
  // CHECK:      nn.parameter @conv2d.kernel : tensor<3x3x3x32xf32>
  // CHECK-SAME: {fan_in = 27 : i64, fan_out = 288 : i64, initializer = {name = "glorot_uniform"}}
  nn.parameter @conv2d.kernel : tensor<3x3x3x32xf32>
      {initializer = {name = "glorot_uniform"}, fan_in = 27 : i64, fan_out = 288 : i64}
  // CHECK:      nn.parameter @frozen.bias : tensor<32xf64>
  // CHECK-SAME: initializer = {name = "constant", value = 5.000000e-01 : f64}, trainable = false}
  nn.parameter @frozen.bias : tensor<32xf64>
      {initializer = {name = "constant", value = 0.5}, fan_in = 32 : i64, fan_out = 32 : i64, trainable = false}
}
