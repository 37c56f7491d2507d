// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @all_euclidean
// CHECK-NEXT:    %sums, %counts, %pulls = nn.triplet_mining all euclidean %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 2.000000e-01 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
func.func @all_euclidean(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xi32>, %arg3: tensor<4xi32>, %arg4: tensor<i32>, %arg5: tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>) {
  %sums, %counts, %pulls = nn.triplet_mining all euclidean %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 2.000000e-01 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
  return %sums, %counts, %pulls : tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
}

// CHECK-LABEL: func.func @hard_squared
// CHECK-NEXT:    %sums, %counts, %pulls = nn.triplet_mining hard squared %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 2.000000e-01 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
func.func @hard_squared(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xi32>, %arg3: tensor<4xi32>, %arg4: tensor<i32>, %arg5: tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>) {
  %sums, %counts, %pulls = nn.triplet_mining hard squared %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 2.000000e-01 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
  return %sums, %counts, %pulls : tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
}

// CHECK-LABEL: func.func @semi_hard_euclidean
// CHECK-NEXT:    %sums, %counts, %pulls = nn.triplet_mining semi_hard euclidean %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 2.000000e-01 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
func.func @semi_hard_euclidean(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4xi32>, %arg3: tensor<4xi32>, %arg4: tensor<i32>, %arg5: tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>) {
  %sums, %counts, %pulls = nn.triplet_mining semi_hard euclidean %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {margin = 2.000000e-01 : f64} : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<i32>, tensor<i32> -> tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
  return %sums, %counts, %pulls : tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>
}
