// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.batch_mean_bwd %arg0, %arg1, %arg2 : tensor<4xf32>, tensor<i32>, tensor<f32> -> tensor<f32>
func.func @plain(%arg0: tensor<4xf32>, %arg1: tensor<i32>, %arg2: tensor<f32>) -> tensor<f32> {
  %0 = nn.batch_mean_bwd %arg0, %arg1, %arg2 : tensor<4xf32>, tensor<i32>, tensor<f32> -> tensor<f32>
  return %0 : tensor<f32>
}
