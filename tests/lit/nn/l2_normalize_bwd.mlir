// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @rows
// CHECK-NEXT:    %0 = nn.l2_normalize_bwd %arg0, %arg1 {epsilon = 1.000000e-03 : f64} : tensor<4x6xf32>
func.func @rows(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %0 = nn.l2_normalize_bwd %arg0, %arg1 {epsilon = 1.000000e-03 : f64} : tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}
