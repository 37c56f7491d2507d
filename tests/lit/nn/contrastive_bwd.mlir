// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.contrastive_bwd %arg0, %arg1, %arg2 {margin = 1.000000e+00 : f64} : tensor<4x1xf32>, tensor<f32> -> tensor<4x1xf32>
func.func @plain(%arg0: tensor<4x1xf32>, %arg1: tensor<4x1xf32>, %arg2: tensor<f32>) -> tensor<4x1xf32> {
  %0 = nn.contrastive_bwd %arg0, %arg1, %arg2 {margin = 1.000000e+00 : f64} : tensor<4x1xf32>, tensor<f32> -> tensor<4x1xf32>
  return %0 : tensor<4x1xf32>
}
