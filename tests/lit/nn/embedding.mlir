// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @words
// CHECK-NEXT:    %0 = nn.embedding %arg0, %arg1 : tensor<4x6xf32>, tensor<100x8xf32> -> tensor<4x6x8xf32>
func.func @words(%arg0: tensor<4x6xf32>, %arg1: tensor<100x8xf32>) -> tensor<4x6x8xf32> {
  %0 = nn.embedding %arg0, %arg1 : tensor<4x6xf32>, tensor<100x8xf32> -> tensor<4x6x8xf32>
  return %0 : tensor<4x6x8xf32>
}

// CHECK-LABEL: func.func @categories
// CHECK-NEXT:    %0 = nn.embedding %arg0, %arg1 : tensor<4xf64>, tensor<7x3xf64> -> tensor<4x3xf64>
func.func @categories(%arg0: tensor<4xf64>, %arg1: tensor<7x3xf64>) -> tensor<4x3xf64> {
  %0 = nn.embedding %arg0, %arg1 : tensor<4xf64>, tensor<7x3xf64> -> tensor<4x3xf64>
  return %0 : tensor<4x3xf64>
}
