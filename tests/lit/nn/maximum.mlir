// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @image
// CHECK-NEXT:    %0 = nn.maximum %arg0, %arg1 : tensor<2x4x4x3xf32>
func.func @image(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2x4x4x3xf32>) -> tensor<2x4x4x3xf32> {
  %0 = nn.maximum %arg0, %arg1 : tensor<2x4x4x3xf32>
  return %0 : tensor<2x4x4x3xf32>
}
