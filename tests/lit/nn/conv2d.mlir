// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// The second convolution of models/cifar10.yaml.
// CHECK-LABEL: func.func @bias
// CHECK-NEXT:    %0 = nn.conv2d %arg0, %arg1 bias %arg2 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<32x30x30x32xf32>, tensor<3x3x32x32xf32>, tensor<32xf32> -> tensor<32x28x28x32xf32>
func.func @bias(%arg0: tensor<32x30x30x32xf32>, %arg1: tensor<3x3x32x32xf32>, %arg2: tensor<32xf32>) -> tensor<32x28x28x32xf32> {
  %0 = nn.conv2d %arg0, %arg1 bias %arg2 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<32x30x30x32xf32>, tensor<3x3x32x32xf32>, tensor<32xf32> -> tensor<32x28x28x32xf32>
  return %0 : tensor<32x28x28x32xf32>
}

// Strides and pads that differ in every direction; the last row of windows does not fit.
// CHECK-LABEL: func.func @odd
// CHECK-NEXT:    %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 1, 2, 0, 3>, strides = array<i64: 2, 3>} : tensor<2x7x11x3xf64>, tensor<3x5x3x4xf64> -> tensor<2x3x4x4xf64>
func.func @odd(%arg0: tensor<2x7x11x3xf64>, %arg1: tensor<3x5x3x4xf64>) -> tensor<2x3x4x4xf64> {
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 1, 2, 0, 3>, strides = array<i64: 2, 3>} : tensor<2x7x11x3xf64>, tensor<3x5x3x4xf64> -> tensor<2x3x4x4xf64>
  return %0 : tensor<2x3x4x4xf64>
}

// Stride above the kernel size, one sample.
// CHECK-LABEL: func.func @stride_above_kernel
// CHECK-NEXT:    %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 3, 3>} : tensor<1x9x9x1xf32>, tensor<2x2x1x1xf32> -> tensor<1x3x3x1xf32>
func.func @stride_above_kernel(%arg0: tensor<1x9x9x1xf32>, %arg1: tensor<2x2x1x1xf32>) -> tensor<1x3x3x1xf32> {
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 3, 3>} : tensor<1x9x9x1xf32>, tensor<2x2x1x1xf32> -> tensor<1x3x3x1xf32>
  return %0 : tensor<1x3x3x1xf32>
}

// Dilated, in two groups of three channels; a group for each channel with two results of each.
// CHECK-LABEL: func.func @groups
// CHECK-NEXT:    %0 = nn.conv2d %arg0, %arg1 {dilations = array<i64: 2, 1>, groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x6xf32>, tensor<3x3x3x4xf32> -> tensor<2x4x6x4xf32>
// CHECK-NEXT:    %1 = nn.conv2d %arg0, %arg2 {groups = 6 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x6xf32>, tensor<3x3x1x12xf32> -> tensor<2x6x6x12xf32>
func.func @groups(%arg0: tensor<2x8x8x6xf32>, %arg1: tensor<3x3x3x4xf32>, %arg2: tensor<3x3x1x12xf32>) -> (tensor<2x4x6x4xf32>, tensor<2x6x6x12xf32>) {
  %0 = nn.conv2d %arg0, %arg1 {dilations = array<i64: 2, 1>, groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x6xf32>, tensor<3x3x3x4xf32> -> tensor<2x4x6x4xf32>
  %1 = nn.conv2d %arg0, %arg2 {groups = 6 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x6xf32>, tensor<3x3x1x12xf32> -> tensor<2x6x6x12xf32>
  return %0, %1 : tensor<2x4x6x4xf32>, tensor<2x6x6x12xf32>
}
