// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.channel_affine %arg0, %arg1, %arg2 : tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32> -> tensor<2x4x4x3xf32>
func.func @plain(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>) -> tensor<2x4x4x3xf32> {
  %0 = nn.channel_affine %arg0, %arg1, %arg2 : tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32> -> tensor<2x4x4x3xf32>
  return %0 : tensor<2x4x4x3xf32>
}

// CHECK-LABEL: func.func @centered
// CHECK-NEXT:    %0 = nn.channel_affine %arg0, %arg1, %arg2 center %arg3 : tensor<2x5xf32>, tensor<5xf32>, tensor<5xf32>, tensor<5xf32> -> tensor<2x5xf32>
func.func @centered(%arg0: tensor<2x5xf32>, %arg1: tensor<5xf32>, %arg2: tensor<5xf32>, %arg3: tensor<5xf32>) -> tensor<2x5xf32> {
  %0 = nn.channel_affine %arg0, %arg1, %arg2 center %arg3 : tensor<2x5xf32>, tensor<5xf32>, tensor<5xf32>, tensor<5xf32> -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}
