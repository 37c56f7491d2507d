// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// Of the first pool of models/cifar10.yaml.
// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 28, 28>, strides = array<i64: 2, 2>} : tensor<32x14x14x32xf32>, tensor<32x14x14x32xui8> -> tensor<32x28x28x32xf32>
func.func @plain(%arg0: tensor<32x14x14x32xf32>, %arg1: tensor<32x14x14x32xui8>) -> tensor<32x28x28x32xf32> {
  %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 28, 28>, strides = array<i64: 2, 2>} : tensor<32x14x14x32xf32>, tensor<32x14x14x32xui8> -> tensor<32x28x28x32xf32>
  return %0 : tensor<32x28x28x32xf32>
}

// src_size brings back the row and the column that filled no window.
// CHECK-LABEL: func.func @rounded_down
// CHECK-NEXT:    %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 7, 5>, strides = array<i64: 2, 2>} : tensor<2x3x2x3xf64>, tensor<2x3x2x3xui8> -> tensor<2x7x5x3xf64>
func.func @rounded_down(%arg0: tensor<2x3x2x3xf64>, %arg1: tensor<2x3x2x3xui8>) -> tensor<2x7x5x3xf64> {
  %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, src_size = array<i64: 7, 5>, strides = array<i64: 2, 2>} : tensor<2x3x2x3xf64>, tensor<2x3x2x3xui8> -> tensor<2x7x5x3xf64>
  return %0 : tensor<2x7x5x3xf64>
}

// Windows that overlap, and padding.
// CHECK-LABEL: func.func @overlap
// CHECK-NEXT:    %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 1, 0, 1, 1>, pool_size = array<i64: 3, 2>, src_size = array<i64: 7, 5>, strides = array<i64: 2, 1>} : tensor<1x4x5x3xf32>, tensor<1x4x5x3xui8> -> tensor<1x7x5x3xf32>
func.func @overlap(%arg0: tensor<1x4x5x3xf32>, %arg1: tensor<1x4x5x3xui8>) -> tensor<1x7x5x3xf32> {
  %0 = nn.max_pool2d_bwd %arg0, %arg1 {pads = array<i64: 1, 0, 1, 1>, pool_size = array<i64: 3, 2>, src_size = array<i64: 7, 5>, strides = array<i64: 2, 1>} : tensor<1x4x5x3xf32>, tensor<1x4x5x3xui8> -> tensor<1x7x5x3xf32>
  return %0 : tensor<1x7x5x3xf32>
}
