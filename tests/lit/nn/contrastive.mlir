// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.contrastive %arg0, %arg1 {margin = 1.000000e+00 : f64} : tensor<4x1xf32> -> tensor<4xf32>
func.func @plain(%arg0: tensor<4x1xf32>, %arg1: tensor<4x1xf32>) -> tensor<4xf32> {
  %0 = nn.contrastive %arg0, %arg1 {margin = 1.000000e+00 : f64} : tensor<4x1xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @f64
// CHECK-NEXT:    %0 = nn.contrastive %arg0, %arg1 {margin = 5.000000e-01 : f64} : tensor<1x2xf64> -> tensor<1xf64>
func.func @f64(%arg0: tensor<1x2xf64>, %arg1: tensor<1x2xf64>) -> tensor<1xf64> {
  %0 = nn.contrastive %arg0, %arg1 {margin = 5.000000e-01 : f64} : tensor<1x2xf64> -> tensor<1xf64>
  return %0 : tensor<1xf64>
}
