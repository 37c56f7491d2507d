// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @euclidean
// CHECK-NEXT:    %diff_lhs, %diff_rhs = nn.distance_bwd euclidean %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<4xf32>
func.func @euclidean(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %diff_lhs, %diff_rhs = nn.distance_bwd euclidean %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<4xf32>
  return %diff_lhs, %diff_rhs : tensor<4x6xf32>, tensor<4x6xf32>
}

// CHECK-LABEL: func.func @cosine
// CHECK-NEXT:    %diff_lhs, %diff_rhs = nn.distance_bwd cosine %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<4xf32>
func.func @cosine(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %diff_lhs, %diff_rhs = nn.distance_bwd cosine %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<4xf32>
  return %diff_lhs, %diff_rhs : tensor<4x6xf32>, tensor<4x6xf32>
}
