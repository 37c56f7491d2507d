// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @euclidean
// CHECK-NEXT:    %0:2 = nn.distance_bwd euclidean %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<4xf32>
func.func @euclidean(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %0:2 = nn.distance_bwd euclidean %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<4xf32>
  return %0#0, %0#1 : tensor<4x6xf32>, tensor<4x6xf32>
}

// CHECK-LABEL: func.func @cosine
// CHECK-NEXT:    %0:2 = nn.distance_bwd cosine %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<4xf32>
func.func @cosine(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %0:2 = nn.distance_bwd cosine %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<4xf32>
  return %0#0, %0#1 : tensor<4x6xf32>, tensor<4x6xf32>
}
