// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// The border cut off.
// CHECK-LABEL: func.func @image
// CHECK-NEXT:    %0 = nn.slice %arg0 {begin = array<i64: 0, 1, 1, 0>, size = array<i64: 2, 2, 3, 3>} : tensor<2x4x5x3xf32> -> tensor<2x2x3x3xf32>
func.func @image(%arg0: tensor<2x4x5x3xf32>) -> tensor<2x2x3x3xf32> {
  %0 = nn.slice %arg0 {begin = array<i64: 0, 1, 1, 0>, size = array<i64: 2, 2, 3, 3>} : tensor<2x4x5x3xf32> -> tensor<2x2x3x3xf32>
  return %0 : tensor<2x2x3x3xf32>
}

// CHECK-LABEL: func.func @features
// CHECK-NEXT:    %0 = nn.slice %arg0 {begin = array<i64: 0, 8>, size = array<i64: 2, 1>} : tensor<2x9xf64> -> tensor<2x1xf64>
func.func @features(%arg0: tensor<2x9xf64>) -> tensor<2x1xf64> {
  %0 = nn.slice %arg0 {begin = array<i64: 0, 8>, size = array<i64: 2, 1>} : tensor<2x9xf64> -> tensor<2x1xf64>
  return %0 : tensor<2x1xf64>
}
