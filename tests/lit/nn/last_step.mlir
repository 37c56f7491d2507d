// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @sequence
// CHECK-NEXT:    %0 = nn.last_step %arg0, %arg1 : tensor<2x5x3xf32>, tensor<2xi32> -> tensor<2x3xf32>
func.func @sequence(%arg0: tensor<2x5x3xf32>, %arg1: tensor<2xi32>) -> tensor<2x3xf32> {
  %0 = nn.last_step %arg0, %arg1 : tensor<2x5x3xf32>, tensor<2xi32> -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
