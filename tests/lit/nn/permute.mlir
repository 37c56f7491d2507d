// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// The weights of a convolution, for the gradient of its input.
// CHECK-LABEL: func.func @channels
// CHECK-NEXT:    %0 = nn.permute %arg0 {perm = array<i64: 0, 1, 3, 2>} : tensor<3x3x32x64xf32> -> tensor<3x3x64x32xf32>
func.func @channels(%arg0: tensor<3x3x32x64xf32>) -> tensor<3x3x64x32xf32> {
  %0 = nn.permute %arg0 {perm = array<i64: 0, 1, 3, 2>} : tensor<3x3x32x64xf32> -> tensor<3x3x64x32xf32>
  return %0 : tensor<3x3x64x32xf32>
}

// Dimension i of the result is dimension permutation[i]: not the inverse.
// CHECK-LABEL: func.func @cycle
// CHECK-NEXT:    %0 = nn.permute %arg0 {perm = array<i64: 1, 2, 0>} : tensor<2x3x4xf64> -> tensor<3x4x2xf64>
func.func @cycle(%arg0: tensor<2x3x4xf64>) -> tensor<3x4x2xf64> {
  %0 = nn.permute %arg0 {perm = array<i64: 1, 2, 0>} : tensor<2x3x4xf64> -> tensor<3x4x2xf64>
  return %0 : tensor<3x4x2xf64>
}
