// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @all
// CHECK-NEXT:    %0 = nn.count_steps %arg0, %arg1 : tensor<4xi32>, tensor<i32> -> tensor<i32>
func.func @all(%arg0: tensor<4xi32>, %arg1: tensor<i32>) -> tensor<i32> {
  %0 = nn.count_steps %arg0, %arg1 : tensor<4xi32>, tensor<i32> -> tensor<i32>
  return %0 : tensor<i32>
}
