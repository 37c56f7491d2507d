// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// A row above, two below, a column to the right.
// CHECK-LABEL: func.func @image
// CHECK-NEXT:    %0 = nn.pad %arg0 {after = array<i64: 0, 2, 1, 0>, before = array<i64: 0, 1, 0, 0>} : tensor<2x4x5x3xf32> -> tensor<2x7x6x3xf32>
func.func @image(%arg0: tensor<2x4x5x3xf32>) -> tensor<2x7x6x3xf32> {
  %0 = nn.pad %arg0 {after = array<i64: 0, 2, 1, 0>, before = array<i64: 0, 1, 0, 0>} : tensor<2x4x5x3xf32> -> tensor<2x7x6x3xf32>
  return %0 : tensor<2x7x6x3xf32>
}

// CHECK-LABEL: func.func @features
// CHECK-NEXT:    %0 = nn.pad %arg0 {after = array<i64: 0, 0>, before = array<i64: 0, 1>} : tensor<2x9xf64> -> tensor<2x10xf64>
func.func @features(%arg0: tensor<2x9xf64>) -> tensor<2x10xf64> {
  %0 = nn.pad %arg0 {after = array<i64: 0, 0>, before = array<i64: 0, 1>} : tensor<2x9xf64> -> tensor<2x10xf64>
  return %0 : tensor<2x10xf64>
}
