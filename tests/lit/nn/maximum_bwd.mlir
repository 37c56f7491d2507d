// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @both
// CHECK-NEXT:    %0 = nn.maximum_bwd %arg0, %arg1, %arg2 {operand = 0 : i64} : tensor<2x10xf32>
// CHECK-NEXT:    %1 = nn.maximum_bwd %arg0, %arg1, %arg2 {operand = 1 : i64} : tensor<2x10xf32>
func.func @both(%arg0: tensor<2x10xf32>, %arg1: tensor<2x10xf32>, %arg2: tensor<2x10xf32>) -> (tensor<2x10xf32>, tensor<2x10xf32>) {
  %0 = nn.maximum_bwd %arg0, %arg1, %arg2 {operand = 0 : i64} : tensor<2x10xf32>
  %1 = nn.maximum_bwd %arg0, %arg1, %arg2 {operand = 1 : i64} : tensor<2x10xf32>
  return %0, %1 : tensor<2x10xf32>, tensor<2x10xf32>
}
