// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @mask
// CHECK-NEXT:    %0 = nn.random_mask %arg0, %arg1, %arg2 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<4xi32>, tensor<i64>, tensor<i64> -> tensor<4x8xf32>
func.func @mask(%arg0: tensor<4xi32>, %arg1: tensor<i64>, %arg2: tensor<i64>) {
  %0 = nn.random_mask %arg0, %arg1, %arg2 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<4xi32>, tensor<i64>, tensor<i64> -> tensor<4x8xf32>
  return
}
