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

// A transposed convolution with a bias; a dilated one in groups.
// CHECK-LABEL: func.func @transposed
// CHECK-NEXT:    %0 = nn.conv2d_bwd_data %arg0, %arg1 bias %arg2 {pads = array<i64: 0, 0, 1, 1>, src_size = array<i64: 8, 8>, strides = array<i64: 2, 2>} : tensor<2x4x4x6xf32>, tensor<3x3x6x4xf32>, tensor<4xf32> -> tensor<2x8x8x4xf32>
// CHECK-NEXT:    %1 = nn.conv2d_bwd_data %arg0, %arg3 {dilations = array<i64: 2, 2>, groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, 1>} : tensor<2x4x4x6xf32>, tensor<3x3x3x4xf32> -> tensor<2x8x8x4xf32>
func.func @transposed(%arg0: tensor<2x4x4x6xf32>, %arg1: tensor<3x3x6x4xf32>, %arg2: tensor<4xf32>, %arg3: tensor<3x3x3x4xf32>) -> (tensor<2x8x8x4xf32>, tensor<2x8x8x4xf32>) {
  %0 = nn.conv2d_bwd_data %arg0, %arg1 bias %arg2 {pads = array<i64: 0, 0, 1, 1>, src_size = array<i64: 8, 8>, strides = array<i64: 2, 2>} : tensor<2x4x4x6xf32>, tensor<3x3x6x4xf32>, tensor<4xf32> -> tensor<2x8x8x4xf32>
  %1 = nn.conv2d_bwd_data %arg0, %arg3 {dilations = array<i64: 2, 2>, groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, src_size = array<i64: 8, 8>, strides = array<i64: 1, 1>} : tensor<2x4x4x6xf32>, tensor<3x3x3x4xf32> -> tensor<2x8x8x4xf32>
  return %0, %1 : tensor<2x8x8x4xf32>, tensor<2x8x8x4xf32>
}
