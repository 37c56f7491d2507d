// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// A row and a column that fill no window are left out.
// CHECK-LABEL: func.func @rounded_down
// CHECK-NEXT:    %0 = nn.avg_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x7x5x3xf64> -> tensor<2x3x2x3xf64>
func.func @rounded_down(%arg0: tensor<2x7x5x3xf64>) -> tensor<2x3x2x3xf64> {
  %0 = nn.avg_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x7x5x3xf64> -> tensor<2x3x2x3xf64>
  return %0 : tensor<2x3x2x3xf64>
}

// Windows that overlap, and padding.
// CHECK-LABEL: func.func @overlap
// CHECK-NEXT:    %0 = nn.avg_pool2d %arg0 {pads = array<i64: 1, 0, 1, 1>, pool_size = array<i64: 3, 2>, strides = array<i64: 2, 1>} : tensor<1x7x5x3xf32> -> tensor<1x4x5x3xf32>
func.func @overlap(%arg0: tensor<1x7x5x3xf32>) -> tensor<1x4x5x3xf32> {
  %0 = nn.avg_pool2d %arg0 {pads = array<i64: 1, 0, 1, 1>, pool_size = array<i64: 3, 2>, strides = array<i64: 2, 1>} : tensor<1x7x5x3xf32> -> tensor<1x4x5x3xf32>
  return %0 : tensor<1x4x5x3xf32>
}

// Of any size.
// CHECK-LABEL: func.func @global
// CHECK-NEXT:    %0 = nn.avg_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 56, 56>, strides = array<i64: 56, 56>} : tensor<1x56x56x64xf32> -> tensor<1x1x1x64xf32>
func.func @global(%arg0: tensor<1x56x56x64xf32>) -> tensor<1x1x1x64xf32> {
  %0 = nn.avg_pool2d %arg0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 56, 56>, strides = array<i64: 56, 56>} : tensor<1x56x56x64xf32> -> tensor<1x1x1x64xf32>
  return %0 : tensor<1x1x1x64xf32>
}
