// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.sparse_top_k_accuracy %arg0, %arg1 {k = 5 : i64} : tensor<4x6xf32>, tensor<4xi32> -> tensor<4xf32>
func.func @plain(%arg0: tensor<4x6xf32>, %arg1: tensor<4xi32>) -> tensor<4xf32> {
  %0 = nn.sparse_top_k_accuracy %arg0, %arg1 {k = 5 : i64} : tensor<4x6xf32>, tensor<4xi32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
