// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// Of the second convolution of models/cifar10.yaml.
// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %diff_weights, %diff_bias = nn.conv2d_bwd_weights %arg0, %arg1 {kernel_size = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<32x30x30x32xf32>, tensor<32x28x28x32xf32> -> tensor<3x3x32x32xf32>, tensor<32xf32>
func.func @plain(%arg0: tensor<32x30x30x32xf32>, %arg1: tensor<32x28x28x32xf32>) -> (tensor<3x3x32x32xf32>, tensor<32xf32>) {
  %diff_weights, %diff_bias = nn.conv2d_bwd_weights %arg0, %arg1 {kernel_size = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<32x30x30x32xf32>, tensor<32x28x28x32xf32> -> tensor<3x3x32x32xf32>, tensor<32xf32>
  return %diff_weights, %diff_bias : tensor<3x3x32x32xf32>, tensor<32xf32>
}

// CHECK-LABEL: func.func @odd
// CHECK-NEXT:    %diff_weights, %diff_bias = nn.conv2d_bwd_weights %arg0, %arg1 {kernel_size = array<i64: 3, 5>, pads = array<i64: 1, 2, 0, 3>, strides = array<i64: 2, 3>} : tensor<2x7x11x3xf64>, tensor<2x3x4x4xf64> -> tensor<3x5x3x4xf64>, tensor<4xf64>
func.func @odd(%arg0: tensor<2x7x11x3xf64>, %arg1: tensor<2x3x4x4xf64>) -> (tensor<3x5x3x4xf64>, tensor<4xf64>) {
  %diff_weights, %diff_bias = nn.conv2d_bwd_weights %arg0, %arg1 {kernel_size = array<i64: 3, 5>, pads = array<i64: 1, 2, 0, 3>, strides = array<i64: 2, 3>} : tensor<2x7x11x3xf64>, tensor<2x3x4x4xf64> -> tensor<3x5x3x4xf64>, tensor<4xf64>
  return %diff_weights, %diff_bias : tensor<3x5x3x4xf64>, tensor<4xf64>
}

// CHECK-LABEL: func.func @groups
// CHECK-NEXT:    %diff_weights, %diff_bias = nn.conv2d_bwd_weights %arg0, %arg1 {dilations = array<i64: 2, 1>, groups = 2 : i64, kernel_size = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x6xf32>, tensor<2x4x6x4xf32> -> tensor<3x3x3x4xf32>, tensor<4xf32>
func.func @groups(%arg0: tensor<2x8x8x6xf32>, %arg1: tensor<2x4x6x4xf32>) -> (tensor<3x3x3x4xf32>, tensor<4xf32>) {
  %diff_weights, %diff_bias = nn.conv2d_bwd_weights %arg0, %arg1 {dilations = array<i64: 2, 1>, groups = 2 : i64, kernel_size = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x6xf32>, tensor<2x4x6x4xf32> -> tensor<3x3x3x4xf32>, tensor<4xf32>
  return %diff_weights, %diff_bias : tensor<3x3x3x4xf32>, tensor<4xf32>
}
