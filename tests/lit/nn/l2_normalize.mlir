// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @rows
// CHECK-NEXT:    %0 = nn.l2_normalize %arg0 {epsilon = 9.9999999999999998E-13 : f64} : tensor<4x6xf32>
func.func @rows(%arg0: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %0 = nn.l2_normalize %arg0 {epsilon = 9.9999999999999998E-13 : f64} : tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// CHECK-LABEL: func.func @images
// CHECK-NEXT:    %0 = nn.l2_normalize %arg0 {epsilon = 1.000000e-03 : f64} : tensor<2x3x3x5xf64>
func.func @images(%arg0: tensor<2x3x3x5xf64>) -> tensor<2x3x3x5xf64> {
  %0 = nn.l2_normalize %arg0 {epsilon = 1.000000e-03 : f64} : tensor<2x3x3x5xf64>
  return %0 : tensor<2x3x3x5xf64>
}
