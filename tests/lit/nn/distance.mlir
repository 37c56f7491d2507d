// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @euclidean
// CHECK-NEXT:    %0 = nn.distance euclidean %arg0, %arg1 : tensor<4x6xf32> -> tensor<4xf32>
func.func @euclidean(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>) -> tensor<4xf32> {
  %0 = nn.distance euclidean %arg0, %arg1 : tensor<4x6xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @squared
// CHECK-NEXT:    %0 = nn.distance squared %arg0, %arg1 : tensor<4x6xf32> -> tensor<4xf32>
func.func @squared(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>) -> tensor<4xf32> {
  %0 = nn.distance squared %arg0, %arg1 : tensor<4x6xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @manhattan
// CHECK-NEXT:    %0 = nn.distance manhattan %arg0, %arg1 : tensor<4x6xf32> -> tensor<4xf32>
func.func @manhattan(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>) -> tensor<4xf32> {
  %0 = nn.distance manhattan %arg0, %arg1 : tensor<4x6xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @cosine
// CHECK-NEXT:    %0 = nn.distance cosine %arg0, %arg1 : tensor<4x6xf32> -> tensor<4xf32>
func.func @cosine(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>) -> tensor<4xf32> {
  %0 = nn.distance cosine %arg0, %arg1 : tensor<4x6xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @f64
// CHECK-NEXT:    %0 = nn.distance euclidean %arg0, %arg1 : tensor<1x2xf64> -> tensor<1xf64>
func.func @f64(%arg0: tensor<1x2xf64>, %arg1: tensor<1x2xf64>) -> tensor<1xf64> {
  %0 = nn.distance euclidean %arg0, %arg1 : tensor<1x2xf64> -> tensor<1xf64>
  return %0 : tensor<1xf64>
}
