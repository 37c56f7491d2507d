// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %diff_scale, %diff_shift = nn.channel_affine_bwd_weights %arg0, %arg1 : tensor<2x4x4x3xf32> -> tensor<3xf32>, tensor<3xf32>
func.func @plain(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2x4x4x3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %diff_scale, %diff_shift = nn.channel_affine_bwd_weights %arg0, %arg1 : tensor<2x4x4x3xf32> -> tensor<3xf32>, tensor<3xf32>
  return %diff_scale, %diff_shift : tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func.func @centered
// CHECK-NEXT:    %diff_scale, %diff_shift = nn.channel_affine_bwd_weights %arg0, %arg1 center %arg2 : tensor<2x5xf32>, tensor<5xf32> -> tensor<5xf32>, tensor<5xf32>
func.func @centered(%arg0: tensor<2x5xf32>, %arg1: tensor<2x5xf32>, %arg2: tensor<5xf32>) -> (tensor<5xf32>, tensor<5xf32>) {
  %diff_scale, %diff_shift = nn.channel_affine_bwd_weights %arg0, %arg1 center %arg2 : tensor<2x5xf32>, tensor<5xf32> -> tensor<5xf32>, tensor<5xf32>
  return %diff_scale, %diff_shift : tensor<5xf32>, tensor<5xf32>
}
