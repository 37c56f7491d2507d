// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @steps
// CHECK-NEXT:    %0 = nn.scale_steps %arg0, %arg1 : tensor<4x7x8xf32>, tensor<4x8xf32> -> tensor<4x7x8xf32>
func.func @steps(%arg0: tensor<4x7x8xf32>, %arg1: tensor<4x8xf32>) {
  %0 = nn.scale_steps %arg0, %arg1 : tensor<4x7x8xf32>, tensor<4x8xf32> -> tensor<4x7x8xf32>
  return
}
