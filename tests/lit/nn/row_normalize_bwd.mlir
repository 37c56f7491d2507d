// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @rows
// CHECK-NEXT:    %0 = nn.row_normalize_bwd %arg0, %arg1 {epsilon = 1.000000e-03 : f64} : tensor<2x5xf32>
func.func @rows(%arg0: tensor<2x5xf32>, %arg1: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %0 = nn.row_normalize_bwd %arg0, %arg1 {epsilon = 1.000000e-03 : f64} : tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}
