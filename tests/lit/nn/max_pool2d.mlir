// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// The first pool of models/cifar10.yaml.
// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %dst, %workspace = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<32x28x28x32xf32> -> tensor<32x14x14x32xf32>, tensor<32x14x14x32xui8>
func.func @plain(%arg0: tensor<32x28x28x32xf32>) -> (tensor<32x14x14x32xf32>, tensor<32x14x14x32xui8>) {
  %dst, %workspace = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<32x28x28x32xf32> -> tensor<32x14x14x32xf32>, tensor<32x14x14x32xui8>
  return %dst, %workspace : tensor<32x14x14x32xf32>, tensor<32x14x14x32xui8>
}

// A row and a column that fill no window are left out.
// CHECK-LABEL: func.func @rounded_down
// CHECK-NEXT:    %dst, %workspace = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x7x5x3xf64> -> tensor<2x3x2x3xf64>, tensor<2x3x2x3xui8>
func.func @rounded_down(%arg0: tensor<2x7x5x3xf64>) -> (tensor<2x3x2x3xf64>, tensor<2x3x2x3xui8>) {
  %dst, %workspace = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x7x5x3xf64> -> tensor<2x3x2x3xf64>, tensor<2x3x2x3xui8>
  return %dst, %workspace : tensor<2x3x2x3xf64>, tensor<2x3x2x3xui8>
}

// Windows that overlap, and padding.
// CHECK-LABEL: func.func @overlap
// CHECK-NEXT:    %dst, %workspace = nn.max_pool2d %arg0 {pads = array<i64: 1, 0, 1, 1>, pool_size = array<i64: 3, 2>, strides = array<i64: 2, 1>} : tensor<1x7x5x3xf32> -> tensor<1x4x5x3xf32>, tensor<1x4x5x3xui8>
func.func @overlap(%arg0: tensor<1x7x5x3xf32>) -> (tensor<1x4x5x3xf32>, tensor<1x4x5x3xui8>) {
  %dst, %workspace = nn.max_pool2d %arg0 {pads = array<i64: 1, 0, 1, 1>, pool_size = array<i64: 3, 2>, strides = array<i64: 2, 1>} : tensor<1x7x5x3xf32> -> tensor<1x4x5x3xf32>, tensor<1x4x5x3xui8>
  return %dst, %workspace : tensor<1x4x5x3xf32>, tensor<1x4x5x3xui8>
}

// The most positions that a byte tells apart.
// CHECK-LABEL: func.func @large
// CHECK-NEXT:    %dst, %workspace = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 16, 16>, strides = array<i64: 1, 1>} : tensor<1x16x16x1xf32> -> tensor<1x1x1x1xf32>, tensor<1x1x1x1xui8>
func.func @large(%arg0: tensor<1x16x16x1xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1x1xui8>) {
  %dst, %workspace = nn.max_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 16, 16>, strides = array<i64: 1, 1>} : tensor<1x16x16x1xf32> -> tensor<1x1x1x1xf32>, tensor<1x1x1x1xui8>
  return %dst, %workspace : tensor<1x1x1x1xf32>, tensor<1x1x1x1xui8>
}
