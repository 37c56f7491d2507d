// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @one
// CHECK-NEXT:    %0 = nn.total_loss %arg0 {weights = array<f64: 2.000000e+00>} : tensor<4xf32>
func.func @one(%arg0: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.total_loss %arg0 {weights = array<f64: 2.000000e+00>} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @two
// CHECK-NEXT:    %0 = nn.total_loss %arg0, %arg1 {weights = array<f64: 1.000000e+00, 5.000000e-01>} : tensor<4xf64>
func.func @two(%arg0: tensor<4xf64>, %arg1: tensor<4xf64>) -> tensor<4xf64> {
  %0 = nn.total_loss %arg0, %arg1 {weights = array<f64: 1.000000e+00, 5.000000e-01>} : tensor<4xf64>
  return %0 : tensor<4xf64>
}
