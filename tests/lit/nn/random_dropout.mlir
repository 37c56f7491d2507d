// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @image
// CHECK-NEXT:    %0 = nn.random_dropout %arg0, %arg1, %arg2, %arg3 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<2x4x4x3xf32>, tensor<2xi32>, tensor<i64>, tensor<i64> -> tensor<2x4x4x3xf32>
func.func @image(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2xi32>, %arg2: tensor<i64>, %arg3: tensor<i64>) -> tensor<2x4x4x3xf32> {
  %0 = nn.random_dropout %arg0, %arg1, %arg2, %arg3 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<2x4x4x3xf32>, tensor<2xi32>, tensor<i64>, tensor<i64> -> tensor<2x4x4x3xf32>
  return %0 : tensor<2x4x4x3xf32>
}
