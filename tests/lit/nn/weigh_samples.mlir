// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.weigh_samples %arg0, %arg1 : tensor<4xf32>
func.func @plain(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.weigh_samples %arg0, %arg1 : tensor<4xf32>
  return %0 : tensor<4xf32>
}
