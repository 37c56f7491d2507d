// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// Of the second convolution of models/cifar10.yaml.
// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 30, 30>, strides = array<i64: 1, 1>} : tensor<32x28x28x32xf32>, tensor<3x3x32x32xf32> -> tensor<32x30x30x32xf32>
func.func @plain(%arg0: tensor<32x28x28x32xf32>, %arg1: tensor<3x3x32x32xf32>) -> tensor<32x30x30x32xf32> {
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 30, 30>, strides = array<i64: 1, 1>} : tensor<32x28x28x32xf32>, tensor<3x3x32x32xf32> -> tensor<32x30x30x32xf32>
  return %0 : tensor<32x30x30x32xf32>
}

// The column that no window reached gets a gradient of 0: src_size says that it is there.
// CHECK-LABEL: func.func @odd
// CHECK-NEXT:    %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 1, 2, 0, 3>, src_size = array<i64: 7, 11>, strides = array<i64: 2, 3>} : tensor<2x3x4x4xf64>, tensor<3x5x4x3xf64> -> tensor<2x7x11x3xf64>
func.func @odd(%arg0: tensor<2x3x4x4xf64>, %arg1: tensor<3x5x4x3xf64>) -> tensor<2x7x11x3xf64> {
  %0 = nn.conv2d_bwd_data %arg0, %arg1 {pads = array<i64: 1, 2, 0, 3>, src_size = array<i64: 7, 11>, strides = array<i64: 2, 3>} : tensor<2x3x4x4xf64>, tensor<3x5x4x3xf64> -> tensor<2x7x11x3xf64>
  return %0 : tensor<2x7x11x3xf64>
}
