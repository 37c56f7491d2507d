// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @channels
// CHECK-NEXT:    %0 = nn.concatenate %arg0, %arg1 {axis = 3 : i64} : tensor<2x4x4x3xf32>, tensor<2x4x4x8xf32> -> tensor<2x4x4x11xf32>
func.func @channels(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2x4x4x8xf32>) -> tensor<2x4x4x11xf32> {
  %0 = nn.concatenate %arg0, %arg1 {axis = 3 : i64} : tensor<2x4x4x3xf32>, tensor<2x4x4x8xf32> -> tensor<2x4x4x11xf32>
  return %0 : tensor<2x4x4x11xf32>
}

// CHECK-LABEL: func.func @rows
// CHECK-NEXT:    %0 = nn.concatenate %arg0, %arg0, %arg0 {axis = 1 : i64} : tensor<2x4x4x3xf32>, tensor<2x4x4x3xf32>, tensor<2x4x4x3xf32> -> tensor<2x12x4x3xf32>
func.func @rows(%arg0: tensor<2x4x4x3xf32>) -> tensor<2x12x4x3xf32> {
  %0 = nn.concatenate %arg0, %arg0, %arg0 {axis = 1 : i64} : tensor<2x4x4x3xf32>, tensor<2x4x4x3xf32>, tensor<2x4x4x3xf32> -> tensor<2x12x4x3xf32>
  return %0 : tensor<2x12x4x3xf32>
}
