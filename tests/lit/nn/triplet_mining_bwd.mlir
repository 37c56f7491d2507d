// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.triplet_mining_bwd %arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6 : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<f32>, tensor<i32>, tensor<i32> -> tensor<4x6xf32>
func.func @plain(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<4x4xf32>, %arg3: tensor<4x4xf32>, %arg4: tensor<f32>, %arg5: tensor<i32>, %arg6: tensor<i32>) -> tensor<4x6xf32> {
  %0 = nn.triplet_mining_bwd %arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6 : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<f32>, tensor<i32>, tensor<i32> -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}
