// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.bias_bwd %arg0 : tensor<2x4x5x3xf32> -> tensor<3xf32>
func.func @plain(%arg0: tensor<2x4x5x3xf32>) -> tensor<3xf32> {
  %0 = nn.bias_bwd %arg0 : tensor<2x4x5x3xf32> -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
