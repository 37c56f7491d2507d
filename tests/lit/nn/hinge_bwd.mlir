// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.hinge_bwd %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<f32> -> tensor<4x6xf32>
func.func @plain(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<f32>) -> tensor<4x6xf32> {
  %0 = nn.hinge_bwd %arg0, %arg1, %arg2 : tensor<4x6xf32>, tensor<f32> -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// CHECK-LABEL: func.func @f64
// CHECK-NEXT:    %0 = nn.hinge_bwd %arg0, %arg1, %arg2 : tensor<1x2xf64>, tensor<f64> -> tensor<1x2xf64>
func.func @f64(%arg0: tensor<1x2xf64>, %arg1: tensor<1x2xf64>, %arg2: tensor<f64>) -> tensor<1x2xf64> {
  %0 = nn.hinge_bwd %arg0, %arg1, %arg2 : tensor<1x2xf64>, tensor<f64> -> tensor<1x2xf64>
  return %0 : tensor<1x2xf64>
}
